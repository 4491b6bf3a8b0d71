import fc from 'fast-check';
import { expect, test } from 'vitest';

import { copyLine, draftToCopyRows, parseCopyLine } from './copy-text.ts';

const anyText = fc.string({ unit: 'binary' });
const nasty = fc.string({
  unit: fc.constantFrom('\\', 'N', 'n', 't', '\t', '\n', '\r', '\v', '.'),
});
const column = fc.option(fc.oneof(anyText, nasty));

test('every row of text comes back from its line, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (values) => {
      const line = copyLine(values);
      expect(line).toMatch(/^[^\n\r]*\n$/u);
      expect(parseCopyLine(line.slice(0, -1))).toEqual(values);
      expect(line.split('\t')).toHaveLength(values.length);
      expect(parseCopyLine(line)).toEqual(values);
    }),
    { numRuns: 2000 },
  );
});

test('a null, the text \\N and an empty text are three different columns', () => {
  expect(copyLine([null, '\\N', ''])).toBe('\\N\t\\\\N\t\n');
  expect(parseCopyLine('\\N\t\\\\N\t')).toEqual([null, '\\N', '']);
});

test('an escape by number is refused and not taken for a letter', () => {
  expect(() => parseCopyLine('a\\101')).toThrow('\\1');
  expect(() => parseCopyLine('a\\x41')).toThrow('\\x');
  expect(() => parseCopyLine('a\\')).toThrow(RangeError);
});

test('columns stand in the order of the catalogue, and list sections are numbered from 1', () => {
  const rows = draftToCopyRows(
    {
      kind: 'person',
      sections: {
        id_paper: [{ issued_by: 'Bộ\tCông an', issued_on: '2024-08-01' }],
        evaluation: [{ year: '2024' }, { grade: '2', year: '2025' }],
      },
    },
    'r1',
  );
  expect(rows).toEqual([
    { section: 'id_paper', line: 'r1\t2024-08-01\tBộ\\tCông an\t\\N\n' },
    { section: 'evaluation', line: 'r1\t1\t2024\t\\N\t\\N\t\\N\n' },
    { section: 'evaluation', line: 'r1\t2\t2025\t2\t\\N\t\\N\n' },
  ]);
});

test('a field that the catalogue does not know is refused, not dropped', () => {
  const draft = { kind: 'person', sections: { id_paper: [{ issued_at: 'Hà Nội' }] } } as const;
  expect(() => draftToCopyRows(draft, 'r1')).toThrow('section id_paper has no field issued_at');
  expect(() => draftToCopyRows({ kind: 'person', sections: { papers: [{}] } }, 'r1')).toThrow(
    'no section papers',
  );
});
