import { createPublicKey } from 'node:crypto';

import { expect, test } from 'vitest';

import { createSealingKey, openPayload, sealPayload } from './sealing.ts';

const unit = createSealingKey();
const other = createSealingKey();
const place = { agency: 'H52', recordId: '01890a5d-ac96-774b-bcce-b302099a8057', section: 60 };
const text = Buffer.from('Bố đẻ\tLò Văn A\t1950\n');
const sealed = sealPayload(text, place, [createPublicKey(unit)]);

test('a payload opens for its recipient and holds nothing readable', () => {
  expect(openPayload(sealed, place, unit)).toEqual(text);
  expect(sealed.includes('Lò Văn A')).toBe(false);
});

test('a payload opens for nobody else, and for each of several recipients', () => {
  expect(openPayload(sealed, place, other)).toBeUndefined();
  const both = sealPayload(text, place, [createPublicKey(unit), createPublicKey(other)]);
  expect(openPayload(both, place, unit)).toEqual(text);
  expect(openPayload(both, place, other)).toEqual(text);
});

test.each([
  { ...place, agency: 'H17' },
  { ...place, recordId: '01890a5d-ac96-774b-bcce-b302099a8058' },
  { ...place, section: 61 },
])('a payload moved to another place does not open', (moved) => {
  expect(openPayload(sealed, moved, unit)).toBeUndefined();
});

test('every single bit flip and every truncation is refused', () => {
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = Buffer.from(sealed);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(openPayload(flipped, place, unit), `bit ${bit}`).toBeUndefined();
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(openPayload(sealed.subarray(0, length), place, unit)).toBeUndefined();
  }
});

// the points of order 1, 2, 4 and 8 of X25519: any key agreed with them is one that everybody knows
test.each([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
])('a payload whose ephemeral key is the weak point %s is refused and does not throw', (point) => {
  const weak = Buffer.from(sealed);
  weak.set(Buffer.from(point, 'hex'), 18);
  expect(openPayload(weak, place, unit)).toBeUndefined();
});

test('the same text sealed twice gives other bytes everywhere that matters', () => {
  const again = sealPayload(text, place, [createPublicKey(unit)]);
  // version, count and key id are the same
  expect(again.subarray(0, 18)).toEqual(sealed.subarray(0, 18));
  expect(again.subarray(18, 50).equals(sealed.subarray(18, 50))).toBe(false);
  expect(again.subarray(-text.length - 16).equals(sealed.subarray(-text.length - 16))).toBe(false);
});
