/**
 * Recognises Vietnamese that was written in an encoding before Unicode and is read as Western text:
 * `NguyÔn V¨n` (TCVN3, the ABC fonts), `Nguyeãn Vaên` (VNI), Windows-1258, and UTF-8 read twice.
 *
 * A text is called garbled when its accented words are Vietnamese syllables in that encoding and at
 * least one of them is none as it stands. So a foreign name or an ethnic minority's never is; a few
 * short garbled texts that are good words as well (`Phó` for `Phú`) pass, since nobody can tell.
 * Nothing is ever converted for storing: a guess would be a wrong name in a record.
 */
import { Buffer } from 'node:buffer';

import { isSyllable } from '@lienthong/shared-schema/text/syllable.ts';

export type LegacyEncoding = 'TCVN3' | 'VNI' | 'Windows-1258' | 'UTF-8';

/** Its name for people. */
export const legacyNames: Readonly<Record<LegacyEncoding, string>> = {
  TCVN3: 'TCVN3 (ABC, .VnTime)',
  VNI: 'VNI',
  'Windows-1258': 'Windows-1258',
  'UTF-8': 'UTF-8 → Windows-1252',
};

const western = new TextDecoder('windows-1252');
const byteOf = new Map(
  Array.from(western.decode(Uint8Array.from({ length: 256 }, (_, byte) => byte)), (one, byte) => [
    one,
    byte,
  ]),
);

// the codes from 0xa1 on in their order; a point where the table has none
const tcvn3Letters =
  'ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ';
const tcvn3 = new Map(
  Array.from(tcvn3Letters, (letter, i): [string, string] => [
    western.decode(Uint8Array.of(0xa1 + i)),
    letter,
  ]).filter(([, letter]) => letter !== '.'),
);

/** The marks behind a letter, and what a letter becomes with each. */
const vniMarks = 'ùøûõïâáàåãäêéèúüë';
const vniLetters: Readonly<Record<string, string>> = {
  a: 'áàảãạâấầẩẫậăắằẳẵặ',
  e: 'éèẻẽẹêếềểễệ',
  o: 'óòỏõọôốồổỗộ',
  u: 'úùủũụ',
  y: 'ýỳỷỹỵ',
  ô: 'ớờởỡợ',
  ö: 'ứừửữự',
};
const vniAlone: Readonly<Record<string, string>> = {
  ô: 'ơ',
  ö: 'ư',
  ñ: 'đ',
  î: 'ỵ',
  æ: 'ỉ',
  ó: 'ĩ',
  ò: 'ị',
  í: 'í',
  ì: 'ì',
};
const vniPair = new RegExp(`([aeouyôö])([${vniMarks}])|[ôöñîæóòíì]`, 'gu');

const windows1258 = new TextDecoder('windows-1258');

/** A word as it reads in the encoding; undefined where it has characters that the encoding has not. */
const readers: Readonly<
  Record<Exclude<LegacyEncoding, 'UTF-8'>, (word: string) => string | undefined>
> = {
  TCVN3: (word) => {
    const letters = Array.from(word, (one) => (/[a-z]/iu.test(one) ? one : tcvn3.get(one)));
    return letters.includes(undefined) ? undefined : letters.join('');
  },
  VNI: (word) =>
    word.toLowerCase().replaceAll(vniPair, (whole: string, base?: string, mark?: string) => {
      if (base === undefined || mark === undefined) return vniAlone[whole] ?? whole;
      const letter = vniLetters[base]?.[vniMarks.indexOf(mark)];
      return letter ?? whole;
    }),
  'Windows-1258': (word) => {
    const bytes = bytesOf(word);
    return bytes === undefined ? undefined : windows1258.decode(bytes).normalize('NFC');
  },
};
const singleByte = ['TCVN3', 'VNI', 'Windows-1258'] as const;

/** A text without any of these has no accents, or has letters that no such encoding leaves. */
const accented = /[\u00a1-\u00ff]/u;
/** A measure such as `3µm` holds digits, and no encoding makes a syllable of those. */
const accentedWords = /[\da-z]*[\u00a1-\u00ff][\da-z\u00a1-\u00ff]*/giu;

/** The encoding that a value was written in; undefined for text that is, or may be, as it should. */
export function legacyEncodingOf(text: string): LegacyEncoding | undefined {
  if (!accented.test(text) || !isWestern(text)) return undefined;
  if (isDoubleUtf8(text)) return 'UTF-8';
  const words = text.normalize('NFC').match(accentedWords) ?? [];
  const odd = words.filter((word) => !isSyllable(word));
  // a sign alone, such as `½`, is no word of anybody
  if (!odd.some((word) => /[a-z]/iu.test(word))) return undefined;
  return singleByte.find((encoding) => words.every((word) => isSyllableIn(encoding, word)));
}

/** Of the beginning of a file that is not in Unicode: the encoding in which most of its words are ours. */
export function legacyEncodingOfBytes(sample: Uint8Array): LegacyEncoding | undefined {
  const words = western.decode(sample).match(accentedWords) ?? [];
  const counted = singleByte
    .map((encoding) => ({
      encoding,
      words: words.filter((word) => isSyllableIn(encoding, word)).length,
    }))
    .toSorted((a, b) => b.words - a.words);
  const [best] = counted;
  return best !== undefined && best.words > words.length / 2 ? best.encoding : undefined;
}

function isSyllableIn(encoding: (typeof singleByte)[number], word: string): boolean {
  const reading = readers[encoding](word);
  return reading !== undefined && isSyllable(reading);
}

function isDoubleUtf8(text: string): boolean {
  const bytes = bytesOf(text);
  if (bytes === undefined) return false;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) !== text;
  } catch {
    return false;
  }
}

const isWestern = (text: string): boolean => {
  for (const one of text) if (!byteOf.has(one)) return false;
  return true;
};

function bytesOf(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const one of text) {
    const byte = byteOf.get(one);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}
