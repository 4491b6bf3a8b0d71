/**
 * Forms of Vietnamese text. Storage is NFC with single spaces; comparison folds letter case and
 * the two places of a tone mark (hoà/hòa), which NFC leaves apart. Accents are never dropped:
 * they tell words apart.
 */

/** NFC, no control or invisible characters, runs of white space as one space, trimmed. */
export function tidyText(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu, '')
    .replaceAll(/[\s\u00a0\p{Cc}]+/gu, ' ')
    .trim();
}

const oldToneToNew: readonly (readonly [string, string])[] = [
  ...pairs('oà oá oả oã oạ', 'òa óa ỏa õa ọa'),
  ...pairs('oè oé oẻ oẽ oẹ', 'òe óe ỏe õe ọe'),
  ...pairs('uỳ uý uỷ uỹ uỵ', 'ùy úy ủy ũy ụy'),
];

function pairs(from: string, to: string): readonly (readonly [string, string])[] {
  const targets = to.split(' ');
  return from.split(' ').map((one, i) => [one, targets[i] ?? one]);
}

/** The form under which labels, headings and names of codes are compared for equality. */
export function foldText(text: string): string {
  let folded = tidyText(text).toLocaleLowerCase('vi');
  for (const [from, to] of oldToneToNew) folded = folded.replaceAll(from, to);
  return folded;
}
