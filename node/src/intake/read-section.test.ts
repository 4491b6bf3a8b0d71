import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expect, test } from 'vitest';

import { readSection } from './read-section.ts';

function read(name: string, values: Readonly<Record<string, string>>) {
  const section = sectionNamed(name);
  const fields = section.fields.map((field, column) => ({ field, column }));
  const cells = section.fields.map((field) => {
    const text = values[field.name];
    return text === undefined ? ({ kind: 'empty' } as const) : ({ kind: 'text', text } as const);
  });
  const reading = readSection({ section, fields }, cells);
  return reading.findings.map((finding) => `${finding.field} ${finding.code}`);
}

test('a code is checked as of the date that stands in the same row', () => {
  expect(read('discipline', { from_date: '3/2024', form: '4' })).toEqual([]);
  expect(read('discipline', { from_date: '8/2025', form: '4' })).toEqual([
    'form code_not_valid_then',
  ]);
});

test('a period that ends before it begins is doubted, on the part that both dates have', () => {
  const period = (from: string, to: string) =>
    read('work_history', { from_date: from, to_date: to });
  expect(period('2015', '12/2014')).toEqual(['to_date period_backwards']);
  expect(period('12/2015', '2015')).toEqual([]);
  expect(period('12/2015', '')).toEqual([]);
});

test('step and coefficient are compared with the salary scale of the rank', () => {
  const salary = (step: string, coefficient: string) =>
    read('salary', { rank_code: '01.003', step, coefficient });
  expect(salary('4', '3,33')).toEqual([]);
  expect(salary('4', '3,66')).toEqual(['coefficient coefficient_off_scale']);
  expect(salary('12', '4,98')).toEqual(['step step_off_scale']);
});
