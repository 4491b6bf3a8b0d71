import { expect, test } from 'vitest';

import { isSyllable } from './syllable.ts';

test.each(
  'Nguyễn Văn Thuỷ Thủy Hoà Hòa gì giữ gìn quýt quyết Huỳnh ương yêu Đặng NGHIÊM khuỷu rượu xoong'.split(
    ' ',
  ),
)('%s is a syllable, in whatever composition', (word) => {
  expect(isSyllable(word)).toBe(true);
  expect(isSyllable(word.normalize('NFD'))).toBe(true);
});

test.each(['NguyÔn', 'Vaên', 'José', 'Müller', 'Krông', 'Niê', 'bãt', 'màá', 'x', 'Ơkoi', ''])(
  '%j is none',
  (word) => {
    expect(isSyllable(word)).toBe(false);
  },
);
