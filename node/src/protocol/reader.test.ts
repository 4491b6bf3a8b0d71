import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expect, test } from 'vitest';

import { readSearch } from './name-search.ts';
import { fieldsFor, isUnrestricted, readerOf, wholeAgency } from './reader.ts';

test('without the scope for sensitive data no field above level 2 and no section that is not national', () => {
  const reader = readerOf({ unit: null, scopes: ['records:read'] });
  for (const section of sections) {
    const fields = fieldsFor(reader, section);
    expect(fields.every((field) => field.restriction <= 2)).toBe(true);
    expect(fields.length > 0).toBe(section.reach === 'national');
    expect(fieldsFor(wholeAgency, section)).toEqual(section.fields);
  }
});

test('a key is unrestricted only for the whole agency and with its secrets', () => {
  expect(isUnrestricted(readerOf({ unit: null, scopes: ['records:read-secret'] }))).toBe(true);
  expect(isUnrestricted(readerOf({ unit: 'H52.03', scopes: ['records:read-secret'] }))).toBe(false);
  expect(isUnrestricted(readerOf({ unit: null, scopes: ['records:read'] }))).toBe(false);
});

test.each([
  ['014090000777', { kind: 'pin', pin: '014090000777' }],
  [' H52-000002 ', { kind: 'staff-number', staffNumber: 'H52-000002' }],
  ['Đặng thị THUỲ', { kind: 'name', query: 'dang:* & thi:* & thuy:*' }],
  ["a' | b & !c:*", { kind: 'name', query: 'a:* & b:* & c:*' }],
  ['…', { kind: 'nothing' }],
])('%s is searched for what it looks like', (text, search) => {
  expect(readSearch(text)).toEqual(search);
});
