/**
 * A record as values in canonical text: what an import, a packet or the generator makes before it
 * becomes rows. Section by name; a list section keeps its order; absent sections stay untouched.
 */
import type { RecordKind } from './types.ts';

/** Field name → canonical text (as COPY carries it: `YYYY-MM-DD`, `4.32`, codes). No empty strings. */
export type DraftRow = Readonly<Record<string, string>>;

export type RecordDraft = {
  readonly kind: RecordKind;
  readonly sections: Readonly<Record<string, readonly DraftRow[]>>;
};
