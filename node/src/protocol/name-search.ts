/**
 * Names as they are searched: without accents and letter case, word by word, each word from its
 * beginning. `profile.name_key` (migration 0008) does the same in SQL; a test holds them equal.
 */

const wordsMax = 8;
const marks = /[\u0300-\u0304\u0306-\u030c\u031b\u0323\u0327\u0328]/gu;

/** The words of a text in small letters and digits, without marks; `Đặng` is `dang`, `Ƀlô` is `blo`. */
export function plainWords(text: string): readonly string[] {
  const bare = text
    .normalize('NFD')
    .replaceAll(marks, '')
    .replaceAll(/[đĐ]/gu, 'd')
    .replaceAll(/[ƀɃ]/gu, 'b')
    .toLowerCase();
  return Array.from(bare.matchAll(/[\p{L}\p{N}]+/gu), ([word]) => word);
}

export type Search =
  | { readonly kind: 'pin'; readonly pin: string }
  | { readonly kind: 'staff-number'; readonly staffNumber: string }
  /** Of `to_tsquery('simple', …)`. */
  | { readonly kind: 'name'; readonly query: string }
  | { readonly kind: 'nothing' };

/** What a search box means: twelve digits are a PIN, what else has a digit a staff number, the rest a name. */
export function readSearch(text: string): Search {
  const asked = text.trim();
  if (/^[0-9]{12}$/u.test(asked)) return { kind: 'pin', pin: asked };
  if (/[0-9]/u.test(asked)) return { kind: 'staff-number', staffNumber: asked };
  const words = plainWords(asked).slice(0, wordsMax);
  if (words.length === 0) return { kind: 'nothing' };
  return { kind: 'name', query: words.map((word) => `${word}:*`).join(' & ') };
}
