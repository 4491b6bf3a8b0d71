/**
 * Bytes of UTF-8 cut between characters only. The reader underneath decodes each piece by itself, and
 * would put two unknown signs in the place of a letter whose bytes lie in two pieces.
 */
import { Buffer } from 'node:buffer';

/** The same bytes; bytes that are no UTF-8 pass as they are. */
export async function* wholeCharacters(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const piece = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = lastBoundary(piece);
    // copied: whoever made the chunk may use its memory again
    rest = Buffer.from(piece.subarray(end));
    if (end > 0) yield piece.subarray(0, end);
  }
  if (rest.length > 0) yield rest;
}

const characterBytesMax = 4;

/** Before the character that is not whole at the end, else the end. */
function lastBoundary(piece: Buffer): number {
  const first = Math.max(0, piece.length - characterBytesMax + 1);
  for (let at = piece.length - 1; at >= first; at -= 1) {
    const byte = piece[at] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return at + lengthFrom(byte) > piece.length ? at : piece.length;
  }
  return piece.length;
}

/** Of the character that this byte begins. */
function lengthFrom(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
