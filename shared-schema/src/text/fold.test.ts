import { expect, test } from 'vitest';

import { foldText, tidyText } from './fold.ts';

test('decomposed Vietnamese text is stored composed', () => {
  expect(tidyText('Nguyễn Thị Hoà'.normalize('NFD'))).toBe('Nguyễn Thị Hoà');
});

test('white space, control and zero-width characters are tidied away', () => {
  expect(tidyText('  Lê \u00a0 Văn\u200b\tKiên \n')).toBe('Lê Văn Kiên');
  expect(tidyText('\u2068Ngu\u00adyễn\u2069 \u2063Lan')).toBe('Nguyễn Lan');
});

test('labels compare equal whatever their case, spacing, normal form and place of the tone', () => {
  expect(foldText('  THANH HÓA')).toBe(foldText('Thanh Hoá'.normalize('NFD')));
  expect(foldText('Thuỷ')).toBe(foldText('THỦY'));
});

test('labels that differ in an accent stay apart', () => {
  expect(foldText('Kinh')).not.toBe(foldText('Kính'));
  expect(foldText('Đ')).not.toBe(foldText('D'));
});
