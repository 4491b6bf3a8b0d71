import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { population } from '@lienthong/shared-schema/population/population.ts';
import { expect, test } from 'vitest';

import { legacyEncodingOf, legacyEncodingOfBytes } from './legacy-encoding.ts';
import { legacyBytes, shownInWestern } from './legacy-fixture.ts';

const encodings = ['TCVN3', 'VNI', 'Windows-1258'] as const;

/** Names, places and titles of a synthetic population, each once. */
function texts(): readonly string[] {
  const found = new Set<string>();
  const options = { seed: 7, agency: 'H52', size: 300, today: '2026-11-21' };
  for (const draft of population(options)) {
    for (const row of Object.values(draft.sections).flat()) {
      for (const value of Object.values(row)) found.add(value);
    }
  }
  for (const list of ['DAN_TOC', 'TON_GIAO', 'CHUC_VU', 'DVHC', 'NGACH', 'CO_QUAN'] as const) {
    for (const entry of shippedBook.entries(list)) found.add(entry.vi);
  }
  return Array.from(found).filter((text) => /[^ -~]/u.test(text));
}

const all = texts();

test('no name, place or title in Unicode is taken for another encoding', () => {
  expect(all.length).toBeGreaterThan(4000);
  expect(all.filter(legacyEncodingOf)).toEqual([]);
  expect(all.map((text) => text.normalize('NFD')).filter(legacyEncodingOf)).toEqual([]);
});

test.each([
  'José Núñez, João, François Garçon, Noël, Zoé, Chloé',
  'Müller, Köln, für Zürich, Universität München',
  'Université de Genève, Île-de-France, hôtel, été',
  'Siu Hà, H’Nhê Niê, Krông Nô, Brâu, Ê Đê, Mlô',
  '50 m² · 37 °C · ½ · «Hà» · 3µm · Windows®',
  'Lê Hà, Trà My, Bùi Hòa, Tô Hoài, Tà Ôi',
  'Nguyen Van Son',
])('%s is no garbled text', (text) => {
  expect(text.split(/, | · /u).filter((one) => legacyEncodingOf(one) !== undefined)).toEqual([]);
  expect(legacyEncodingOf(text)).toBeUndefined();
});

/** Of two words and more, as names and titles are, with letters that only Vietnamese has. */
const phrases = all.filter(
  (text) => (text.match(/[ăđĩũơưạ-ỹ]/giu)?.length ?? 0) > 1 && / /u.test(text),
);

test.each(encodings)('nearly every phrase written in %s is recognised as such', (encoding) => {
  const found = phrases.map((text) => legacyEncodingOf(shownInWestern(text, encoding)));
  const right = found.filter((one) => one === encoding).length;
  // what is left has words that are no syllables (Đắk Lắk, H’Hen), or that are good ones by chance
  expect(right / phrases.length).toBeGreaterThan(0.9);
});

test('UTF-8 that was read as Western text is recognised', () => {
  const shown = (text: string) =>
    new TextDecoder('windows-1252').decode(new TextEncoder().encode(text));
  expect(legacyEncodingOf(shown('Nguyễn Thị Thuỷ'))).toBe('UTF-8');
  expect(legacyEncodingOf(shown('Đào'))).toBe('UTF-8');
});

test.each(encodings)('a file in %s is named by the letters of its words', (encoding) => {
  const file = phrases.slice(0, 400).join(';\n');
  expect(legacyEncodingOfBytes(legacyBytes(file, encoding))).toBe(encoding);
});

test('a file in a Western language is of no such encoding', () => {
  const file = 'Université de Genève; Île-de-France; José Núñez; für Köln; São Paulo\n'.repeat(20);
  expect(legacyEncodingOfBytes(legacyBytes(file, 'VNI'))).toBeUndefined();
  const western = Uint8Array.from(Array.from(file, (one) => one.charCodeAt(0)));
  expect(legacyEncodingOfBytes(western)).toBeUndefined();
});
