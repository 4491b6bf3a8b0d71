import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { expect, test } from 'vitest';

import { compareWithSource } from './compare-reference.ts';
import { comparedFields, fieldPath, type ReferenceName } from './reference-fields.ts';

const asOf = '2026-11-20';

/** State, and the fields that differ as `unit → source`. */
function compared(source: ReferenceName, unit: object, told: object) {
  const { state, differences, unusable } = compareWithSource(
    comparedFields(source),
    { ...unit },
    { kind: 'found', fields: { ...told }, asOf },
    shippedBook,
  );
  const found = differences.map(
    (one) => `${one.field.name}: ${one.unitValue} → ${one.sourceValue}`,
  );
  return [state, ...found, ...unusable];
}

test('a source is compared with the national fields that it owns, and with no others', () => {
  const paths = (name: ReferenceName) => comparedFields(name).map((one) => fieldPath(one));
  expect(paths('population')).toEqual(
    ['full_name', 'birth_date', 'sex', 'ethnic_group', 'birth_place_code', 'home_town_code'].map(
      (name) => `identity.${name}`,
    ),
  );
  expect(paths('social-insurance')).toEqual([
    'insurance.social_insurance_no',
    'insurance.health_card_no',
  ]);
  expect(paths('party')).toEqual(
    ['admitted_on', 'official_on', 'card_no', 'party_position'].map((name) => `party.${name}`),
  );
});

test.each([
  ['the same name', 'full_name', 'Nguyễn Thuỳ Hoà', 'Nguyễn Thuỳ Hoà'],
  ['letter case and the place of a tone mark', 'full_name', 'NGUYỄN THUỲ HOÀ', 'Nguyễn Thùy Hòa'],
  ['a source that knows the year alone', 'birth_date', '1955-03-02', '1955'],
  ['a province that was merged into the one told', 'birth_place_code', '02', '08'],
  ['a province of before, told of after', 'home_town_code', '08', '02'],
])('%s is equal', (_, field, unit, source) => {
  const of = (value: string) => ({ [`identity.${field}`]: value });
  expect(compared('population', of(unit), of(source))).toEqual(['MATCHED']);
});

test.each([
  ['an accent', 'full_name', 'Lê Thi Thu', 'Lê Thị Thu'],
  ['another day', 'birth_date', '1955-03-02', '1955-03-20'],
  [
    'a source that knows the day where the unit knows the month',
    'birth_date',
    '1955-03',
    '1955-03-02',
  ],
  ['a value where the unit has none', 'home_town_code', '', '01'],
  ['two provinces that became one since', 'birth_place_code', '06', '02'],
])('%s is a difference', (_, field, unit, source) => {
  const of = (value: string) => ({ [`identity.${field}`]: value });
  expect(compared('population', of(unit), of(source))).toEqual([
    'DIFFERS',
    `${field}: ${unit} → ${source}`,
  ]);
});

test('numbers of cards are compared without spaces, and what the source does not say corrects nothing', () => {
  const unit = {
    'insurance.social_insurance_no': '0123 456 789',
    'insurance.health_card_no': 'A1',
  };
  expect(
    compared('social-insurance', unit, { 'insurance.social_insurance_no': '0123456789' }),
  ).toEqual(['MATCHED']);
});

test('a value that the catalogue does not allow is told and proposed to nobody', () => {
  const unit = { 'identity.sex': '1', 'identity.birth_date': '1980' };
  const told = { 'identity.sex': 'nam', 'identity.birth_date': '1980-13-45' };
  expect(compared('population', unit, told)).toEqual([
    'MATCHED',
    'identity.birth_date',
    'identity.sex',
  ]);
});

test('who is not found, and of whom nothing is told, has no corrections', () => {
  const states = (['not-found', 'withheld'] as const).map((kind) =>
    compareWithSource(
      comparedFields('population'),
      { 'identity.sex': '1' },
      { kind, fields: { 'identity.sex': '0' }, asOf },
      shippedBook,
    ),
  );
  expect(states.map((one) => [one.state, one.differences.length])).toEqual([
    ['NOT_FOUND', 0],
    ['WITHHELD', 0],
  ]);
});
