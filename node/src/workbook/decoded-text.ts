/**
 * The text of a file in Unicode: UTF-8 or UTF-16 of either byte order, with or without a mark. Any
 * other encoding is refused, and named where it is recognised: guessing one would store wrong names.
 */
import type { FileHandle } from 'node:fs/promises';
import { TextDecoder } from 'node:util';

import { fileBytes } from './file-bytes.ts';
import { type LegacyEncoding, legacyEncodingOfBytes, legacyNames } from './legacy-encoding.ts';
import { WorkbookError } from './workbook-error.ts';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** In pieces, without the mark. Throws a WorkbookError `encoding`. */
export async function* decodedTexts(
  file: FileHandle,
  onBytes?: (done: number) => void,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let done = 0;
  for await (const chunk of fileBytes(file, 0, Number.MAX_SAFE_INTEGER)) {
    done += chunk.length;
    onBytes?.(done);
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    const text = decoded(decoder, chunk);
    if (text !== '') yield text;
  }
  if (decoder === undefined) return;
  const rest = decoded(decoder, undefined);
  if (rest !== '') yield rest;
}

/** No chunk: what is left at the end. */
function decoded(decoder: TextDecoder, chunk: Uint8Array | undefined): string {
  let text: string;
  try {
    text = chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw encodingError(chunk === undefined ? undefined : legacyEncodingOfBytes(chunk), cause);
  }
  // no text at all, but some other file
  if (text.includes('\0')) throw encodingError(undefined);
  return text;
}

function encodingOf(start: Uint8Array): Encoding {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return withoutMark(start);
}

/** Of characters below U+0100 (signs, digits, plain letters) there is this share in any table. */
const plainShareMin = 0.2;

/**
 * UTF-8 has no zero bytes. In UTF-16 the upper halves of plain characters are, and few of the lower: the
 * grave accent of a decomposed letter is U+0300.
 */
function withoutMark(start: Uint8Array): Encoding {
  const zeros = [0, 0];
  for (const [at, byte] of start.entries()) {
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  const enough = (start.length / 2) * plainShareMin;
  if (odd > enough && even < odd / 4) return 'utf-16le';
  if (even > enough && odd < even / 4) return 'utf-16be';
  return 'utf-8';
}

const convert: Readonly<Record<LegacyEncoding, readonly [vi: string, en: string]>> = {
  TCVN3: [
    'chuyển mã sang Unicode (UniKey: Ctrl+Shift+F6), ',
    'convert it (UniKey: Ctrl+Shift+F6) ',
  ],
  VNI: ['chuyển mã sang Unicode (UniKey: Ctrl+Shift+F6), ', 'convert it (UniKey: Ctrl+Shift+F6) '],
  'Windows-1258': ['', ''],
  'UTF-8': ['', ''],
};

/** What to do with a file, or with a sheet, that is not in Unicode. */
export function encodingError(found: LegacyEncoding | undefined, cause?: unknown): WorkbookError {
  const [vi, en] = found === undefined ? ['', ''] : convert[found];
  const named = found === undefined ? undefined : legacyNames[found];
  return new WorkbookError(
    'encoding',
    `Tệp dùng bảng mã ${named ?? 'khác'}, không phải Unicode: mở bằng Excel, ${vi}lưu thành .xlsx hoặc ` +
      `"CSV UTF-8" rồi nhập lại. / The file is written in ${named ?? 'another encoding'}, not in Unicode: ` +
      `open it in Excel, ${en}and save it as .xlsx or as "CSV UTF-8" (or "Unicode text").`,
    cause === undefined ? {} : { cause },
  );
}
