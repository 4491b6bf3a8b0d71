/**
 * Vietnamese text as programs before Unicode wrote it, from tables of their own: bytes of a file, and
 * the characters that a cell shows where its font is missing.
 */
import { Buffer } from 'node:buffer';

export type WrittenIn = 'TCVN3' | 'VNI' | 'Windows-1258';

/** Letter by letter in hexadecimal, after TCVN 5712:1993 (VN3). */
const tcvn3: Readonly<Record<string, number>> = Object.fromEntries(
  'Ăa1 Âa2 Êa3 Ôa4 Ơa5 Ưa6 Đa7 ăa8 âa9 êaa ôab ơac ưad đae àb5 ảb6 ãb7 áb8 ạb9 ằbb ẳbc ẵbd ắbe ặc6 ầc7 ẩc8 ẫc9 ấca ậcb ècc ẻce ẽcf éd0 ẹd1 ềd2 ểd3 ễd4 ếd5 ệd6 ìd7 ỉd8 ĩdc ídd ịde òdf ỏe1 õe2 óe3 ọe4 ồe5 ổe6 ỗe7 ốe8 ộe9 ờea ởeb ỡec ớed ợee ùef ủf1 ũf2 úf3 ụf4 ừf5 ửf6 ữf7 ứf8 ựf9 ỳfa ỷfb ỹfc ýfd ỵfe'
    .split(' ')
    .map((one) => [one.slice(0, 1), Number.parseInt(one.slice(1), 16)]),
);

/** By combining tone, with and without the hat or the breve of a letter. */
const vniTones: Readonly<Record<string, readonly [plain: string, hat: string, breve: string]>> = {
  '': ['', 'â', 'ê'],
  '\u0301': ['ù', 'á', 'é'],
  '\u0300': ['ø', 'à', 'è'],
  '\u0309': ['û', 'å', 'ú'],
  '\u0303': ['õ', 'ã', 'ü'],
  '\u0323': ['ï', 'ä', 'ë'],
};
const vniWhole: Readonly<Record<string, string>> = {
  đ: 'ñ',
  ỵ: 'î',
  ỉ: 'æ',
  ĩ: 'ó',
  ị: 'ò',
  í: 'í',
  ì: 'ì',
};

function vni(letter: string): string {
  const lower = letter.toLowerCase();
  const isUpper = lower !== letter;
  const written = vniWhole[lower] ?? vniParts(lower);
  return isUpper ? written.toUpperCase() : written;
}

function vniParts(letter: string): string {
  const [base = '', ...marks] = letter.normalize('NFD');
  const tone = vniTones[marks.find((mark) => /[\u0300\u0301\u0303\u0309\u0323]/u.test(mark)) ?? ''];
  if (marks.includes('\u031b')) return `${base === 'o' ? 'ô' : 'ö'}${tone?.[0] ?? ''}`;
  if (marks.includes('\u0302')) return `${base}${tone?.[1] ?? ''}`;
  return `${base}${(marks.includes('\u0306') ? tone?.[2] : tone?.[0]) ?? ''}`;
}

/** The letters that Windows-1258 has; other tones are bytes of their own behind the letter. */
const windows1258: Readonly<Record<string, number>> = {
  Ă: 0xc3,
  ă: 0xe3,
  Đ: 0xd0,
  đ: 0xf0,
  Ơ: 0xd5,
  ơ: 0xf5,
  Ư: 0xdd,
  ư: 0xfd,
  '\u0300': 0xcc,
  '\u0309': 0xd2,
  '\u0303': 0xde,
  '\u0301': 0xec,
  '\u0323': 0xf2,
};
const precomposed = new Set('ÀÁÂÈÉÊÍÓÔÙÚàáâèéêíóôùú');

function windows1258Bytes(letter: string): readonly number[] {
  if (precomposed.has(letter)) return [letter.charCodeAt(0)];
  const own = windows1258[letter];
  if (own !== undefined) return [own];
  const decomposed = letter.normalize('NFD');
  const tone = decomposed.match(/[\u0300\u0301\u0303\u0309\u0323]/u)?.[0] ?? '';
  const base = decomposed.replace(tone, '').normalize('NFC');
  return [
    windows1258[base] ?? base.charCodeAt(0),
    ...(tone === '' ? [] : [windows1258[tone] ?? 0]),
  ];
}

/** The bytes of the text; what the encoding has no letter for is a question mark. */
export function legacyBytes(text: string, encoding: WrittenIn): Buffer {
  const bytes = Array.from(text.normalize('NFC'), (letter): readonly number[] => {
    if (letter.charCodeAt(0) < 0x80) return [letter.charCodeAt(0)];
    if (encoding === 'Windows-1258') return windows1258Bytes(letter);
    if (encoding === 'VNI') return Array.from(vni(letter), (one) => one.charCodeAt(0));
    // the capitals of a toned letter are the small ones in a font of capitals
    return [tcvn3[letter] ?? tcvn3[letter.toLowerCase()] ?? 0x3f];
  });
  return Buffer.from(bytes.flat());
}

/** What a cell shows that was typed for a font of this encoding. */
export function shownInWestern(text: string, encoding: WrittenIn): string {
  return new TextDecoder('windows-1252').decode(legacyBytes(text, encoding));
}
