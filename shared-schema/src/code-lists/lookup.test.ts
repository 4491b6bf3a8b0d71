import { expect, test } from 'vitest';

import { codeListNames } from '../catalogue/code-list-names.ts';
import { codeStanding, entriesWithLabel } from './lookup.ts';
import { codeLists } from './shipped.ts';

test.each(codeListNames)('list %s is well formed', (name) => {
  const list = codeLists[name];
  expect(list.name).toBe(name);
  expect(list.entries.length).toBeGreaterThan(0);
  const keys = list.entries.map((entry) => `${entry.code} ${entry.from ?? ''}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const entry of list.entries) {
    expect(['verified', 'unverified']).toContain(entry.status);
    expect(entry.vi).toBe(entry.vi.normalize('NFC').trim());
    expect((entry.from ?? '0') <= (entry.to ?? '9')).toBe(true);
  }
});

test('a code is looked up by equality, not by containment', () => {
  expect(codeStanding('NGACH', '01.001', null)).toBe('valid');
  expect(codeStanding('NGACH', '1', null)).toBe('unknown');
});

test('a discipline form abolished in July 2025 stays valid for events before it', () => {
  expect(codeStanding('HINH_THUC_KY_LUAT', '4', '2024-03-01')).toBe('valid');
  expect(codeStanding('HINH_THUC_KY_LUAT', '4', '2025-07-01')).toBe('not-valid-then');
  expect(codeStanding('HINH_THUC_KY_LUAT', '4', '2025')).toBe('valid');
});

test.each([
  ['15', 'Tỉnh Yên Bái', 'Tỉnh Lào Cai'],
  ['24', 'Tỉnh Bắc Giang', 'Tỉnh Bắc Ninh'],
  ['44', 'Tỉnh Quảng Bình', 'Tỉnh Quảng Trị'],
  ['52', 'Tỉnh Bình Định', 'Tỉnh Gia Lai'],
  ['80', 'Tỉnh Long An', 'Tỉnh Tây Ninh'],
  ['82', 'Tỉnh Tiền Giang', 'Tỉnh Đồng Tháp'],
  ['91', 'Tỉnh Kiên Giang', 'Tỉnh An Giang'],
])('re-used province code %s means %s before July 2025 and %s after', (code, before, after) => {
  const at = (day: string) =>
    codeLists.DVHC.entries.filter(
      (e) => e.code === code && (e.from ?? '') <= day && (e.to ?? '9999') >= day,
    );
  expect(at('2020-01-01').map((e) => e.vi)).toEqual([before]);
  expect(at('2025-08-01').map((e) => e.vi)).toEqual([after]);
});

test('labels are found whatever their case and normal form', () => {
  expect(entriesWithLabel('DAN_TOC', 'KINH').map((e) => e.code)).toEqual(['01']);
  expect(entriesWithLabel('TON_GIAO', 'Phật giáo'.normalize('NFD')).map((e) => e.code)).toEqual([
    '01',
  ]);
  expect(entriesWithLabel('DAN_TOC', 'Kihn')).toEqual([]);
});
