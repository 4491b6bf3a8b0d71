/** The bytes of an open file from a position on; the file stays open for the next pass. */
import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 128 * 1024;

/** Ends early, without an error, where the file ends early. */
export async function* fileBytes(
  file: FileHandle,
  start: number,
  length: number,
): AsyncGenerator<Buffer> {
  let position = start;
  const end = start + length;
  while (position < end) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - position));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
