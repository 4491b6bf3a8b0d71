import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { expect, test } from 'vitest';

import { readSection } from './read-section.ts';

function read(name: string, values: Readonly<Record<string, string>>) {
  const section = sectionNamed(name);
  const fields = section.fields.map((field, column) => ({ field, column }));
  const cells = section.fields.map((field) => {
    const text = values[field.name];
    return text === undefined ? ({ kind: 'empty' } as const) : ({ kind: 'text', text } as const);
  });
  const reading = readSection({ section, fields }, cells, shippedBook);
  return reading.findings.map((finding) => `${finding.field} ${finding.code}`);
}

test('a code is checked as of the date that stands in the same row', () => {
  expect(read('discipline', { from_date: '3/2024', form: '4' })).toEqual([]);
  expect(read('discipline', { from_date: '8/2025', form: '4' })).toEqual([
    'form code_not_valid_then',
  ]);
});
