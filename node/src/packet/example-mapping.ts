/** The codes that a new key begins with: an example of one program, to be changed for others. */
import type { MappedCode } from '../intake/code-mapping.ts';
import example from './example-mapping.json' with { type: 'json' };

export const exampleMapping: readonly MappedCode[] = Object.entries(example.codes).flatMap(
  ([list, codes]) => Object.entries(codes).map(([value, code]) => ({ list, value, code })),
);
