import { expect, test } from 'vitest';

import { sections } from '../catalogue/catalogue.ts';
import type { Field } from '../catalogue/types.ts';
import { faultOf } from './check-field.ts';
import { pinFacts } from './check-pin.ts';
import { salaryStanding } from './check-salary.ts';
import { findingCodes, findingKinds, makeFinding } from './findings.ts';

test.each(findingCodes)('%s says what to do in two languages and names its source', (code) => {
  const kind = findingKinds[code];
  expect(kind.vi.length).toBeGreaterThan(20);
  expect(kind.en.length).toBeGreaterThan(20);
  expect(kind.source).not.toBe('');
});

test('a finding is a whole sentence without holes', () => {
  const finding = makeFinding('code_unknown', 'ethnic_group', {
    label: { vi: 'Dân tộc', en: 'Ethnic group' },
    value: 'Kihn',
    limit: 'DAN_TOC',
  });
  expect(finding.en).toBe(
    'Ethnic group "Kihn" is not in code list DAN_TOC: choose a value of the list or map it.',
  );
  expect(finding.vi).not.toMatch(/[{}]/u);
});

const fields: readonly Field[] = sections.flatMap((section) => section.fields);
const example = (kind: Field['type']['kind']): Field => {
  const found = fields.find((one) => one.type.kind === kind);
  if (found === undefined) throw new RangeError(kind);
  return found;
};

test.each([
  ['pin', '035094812781', undefined],
  ['pin', '35094812781', 'pin_format'],
  ['pin', '03509481278O', 'pin_format'],
  ['pin', '', 'required'],
  ['partial-date', '1975', undefined],
  ['partial-date', '1975-02-30', 'date_format'],
  ['unit-code', 'H52.03.01', undefined],
  ['unit-code', 'h52', 'unit_code_format'],
  ['unit-code', 'H52..1', 'unit_code_format'],
  ['integer', '12', 'number_range'],
  ['integer', '1e3', 'number_format'],
  ['decimal', '4.32', undefined],
  ['decimal', '4,32', 'number_format'],
] as const)('a %s of %j gives %s', (kind, value, code) => {
  expect(faultOf(example(kind), value, null)?.code).toBe(code);
});

test('the personal number tells sex and year of birth', () => {
  expect(pinFacts('035094812781')).toEqual({ sex: '1', birthYear: 1994 });
  expect(pinFacts('049300397731')).toEqual({ sex: '0', birthYear: 2000 });
  expect(pinFacts('268833285')).toBeUndefined();
});

test('the coefficient is checked against rank and step', () => {
  expect(salaryStanding('01.003', '4', '3.33')).toBe('fits');
  expect(salaryStanding('01.001', '6', '8')).toBe('fits');
  expect(salaryStanding('01.003', '9', '5.29')).toBe('coefficient-off');
  expect(salaryStanding('01.003', '10', '5.29')).toBe('step-off');
  expect(salaryStanding(null, '9', '5.29')).toBe('not-checked');
});
