import { Buffer } from 'node:buffer';

import { expect, test } from 'vitest';

import { wholeCharacters } from './whole-characters.ts';
import { allOf } from './workbook-fixture.ts';

const text = Buffer.from('<t>Đỗ Thị Hường 𠊛 ễ</t>');

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each([1, 2, 3, 4, 5, 6, 7])(
  'cut every %i bytes, no letter comes in two pieces',
  async (size) => {
    const whole = await allOf(wholeCharacters(pieces(text, size)));
    expect(whole.map((piece) => piece.toString()).join('')).toBe(text.toString());
    expect(whole.some((piece) => piece.toString().includes('\ufffd'))).toBe(false);
  },
);

test('bytes that are no UTF-8 pass, also at the end', async () => {
  const bytes = Buffer.from([0x80, 0x81, 0x82, 0x83, 0x41, 0xe1, 0xbb]);
  const whole = await allOf(wholeCharacters(pieces(bytes, 2)));
  expect(Buffer.concat(whole)).toEqual(bytes);
});
