import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expect, test } from 'vitest';

import { wholeAgency } from '../protocol/reader.ts';
import { findingsFor } from './findings-for.ts';
import { jsonRowsMax, pointerOf, readJsonSection } from './read-json-section.ts';

const identity = sectionNamed('identity');
const reward = sectionNamed('reward');

test('values become canonical text, null and empty text no value, and text is tidied', () => {
  const json = { full_name: ' Nguye\u0302\u0303n  An ', religion: null, home_town: '', sex: '1' };
  const { rows, named, findings } = readJsonSection(identity, json, '');
  expect(rows).toEqual([{ full_name: 'Nguyễn An', sex: '1' }]);
  expect(named).toEqual(['full_name', 'religion', 'home_town', 'sex']);
  expect(findings).toEqual([]);
});

test('of a list the order stays, and each fault has the place of its row', () => {
  const json = [{ year: 2020 }, { year: '2020', 'a/b~c': 1 }, 7];
  const { rows, findings } = readJsonSection(reward, json, '/sections/reward');
  expect(rows).toEqual([{ year: '2020' }, {}, {}]);
  expect(findings.map(({ code, pointer, ordinal }) => [code, pointer, ordinal])).toEqual([
    ['json_shape', '/sections/reward/1/year', 2],
    ['json_member_unknown', '/sections/reward/1/a~1b~0c', 2],
    ['json_shape', '/sections/reward/2', 3],
  ]);
});

test.each([
  ['an object for a list', reward, {}],
  ['a list for an object', identity, []],
  ['nothing at all', identity, undefined],
  ['a list without end', reward, Array.from({ length: jsonRowsMax + 1 }, () => ({}))],
])('%s is one fault of the whole section', (_, section, json) => {
  const { findings } = readJsonSection(section, json, '/x');
  expect(findings).toMatchObject([{ code: 'json_shape', pointer: '/x', field: null }]);
});

test('no number that JSON can hold is read as another one', () => {
  const year = (value: unknown): unknown => readJsonSection(reward, [{ year: value }], '').rows[0];
  expect([2020, -0, 1e21, 2020.5].map(year)).toEqual([
    { year: '2020' },
    { year: '0' },
    { year: '1e+21' },
    { year: '2020.5' },
  ]);
});

test('a finding points into the body, or at all of it where its place is not there', () => {
  const found = { section: 'reward', ordinal: 3, field: 'year' };
  expect(pointerOf(found, () => '/sections/reward')).toBe('/sections/reward/2/year');
  expect(pointerOf(found, () => '')).toBe('/2/year');
  expect(pointerOf(found, () => undefined)).toBe('');
});

test('of fields that a reader may not see findings name no value', () => {
  const finding = {
    code: 'code_unknown',
    field: 'religion',
    vi: 'Tôn giáo «17» …',
    en: 'Religion "17" …',
    unmapped: { list: 'TON_GIAO', value: '17' },
  } as const;
  const [shown] = findingsFor({ ...wholeAgency, sensitive: false }, [finding]);
  expect(JSON.stringify(shown)).not.toContain('17');
  expect(shown).toMatchObject({ code: 'code_unknown', field: 'religion' });
  expect(findingsFor(wholeAgency, [finding])).toMatchObject([{ vi: 'Tôn giáo «17» …' }]);
});
