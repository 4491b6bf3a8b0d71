import { expect, test } from 'vitest';

import { readDerElements } from './der-reader.ts';

function read(hex: string): readonly string[] | undefined {
  return readDerElements(Buffer.from(hex, 'hex'))?.map(
    ({ tag, content, raw }) => `${tag}:${content.toString('hex')}:${raw.toString('hex')}`,
  );
}

test('elements come back in order with the bytes as received', () => {
  expect(read('0201050500')).toEqual(['2:05:020105', '5::0500']);
  expect(read('')).toEqual([]);
});

test('lengths of one, two and three bytes are read', () => {
  for (const [header, length] of [
    ['047f', 0x7f],
    ['048180', 0x80],
    ['0481ff', 0xff],
    ['04820100', 0x1_00],
    ['0482ffff', 0xff_ff],
  ] as const) {
    const content = 'ab'.repeat(length);
    expect(read(header + content)).toEqual([`4:${content}:${header}${content}`]);
  }
});

test.each([
  ['a tag without length', '02'],
  ['content shorter than its length', '020205'],
  ['a length cut off', '0482ff'],
  ['an indefinite length', '30800000'],
  ['a length in more bytes than needed', '04810105'],
  ['a two-byte length that fits in one', `048200ff${'00'.repeat(255)}`],
  ['a three-byte length', '0483010000'],
  ['a tag of more than one byte', '1f810100'],
  ['a good element with a byte after it', '02010500'],
])('%s is refused', (_, hex) => {
  expect(read(hex)).toBeUndefined();
});
