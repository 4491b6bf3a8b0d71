/**
 * The parts of a zip archive, by its central directory, each streamed on its own. A part that unpacks
 * to another size than the directory declares is an error as soon as it shows, so nobody gets past a
 * limit by lying. No zip64, no encryption: a workbook within our limits has neither.
 */
import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

import { fileBytes } from './file-bytes.ts';
import { packagePartsMax } from './limits.ts';
import { damagedWorkbook, WorkbookError } from './workbook-error.ts';

export type ZipPart = {
  readonly name: string;
  /** Unpacked size as declared, in bytes. */
  readonly size: number;
  readonly packedSize: number;
  readonly method: number;
  readonly offset: number;
};

const directoryEndSignature = 0x06054b50;
const directoryEntrySignature = 0x02014b50;
const localHeaderSignature = 0x04034b50;
const directoryEndBytes = 22;
const directoryEntryBytes = 46;
const localHeaderBytes = 30;
const commentBytesMax = 65_535;
const encryptedFlag = 1;
const stored = 0;
const deflated = 8;

/** The parts by name. Throws a WorkbookError `damaged`, `old-or-encrypted` or `too-large`. */
export async function readZipDirectory(
  file: FileHandle,
  fileSize: number,
): Promise<ReadonlyMap<string, ZipPart>> {
  const tailBytes = Math.min(fileSize, directoryEndBytes + commentBytesMax);
  const tail = await readExactly(file, fileSize - tailBytes, tailBytes);
  const end = tail.lastIndexOf(signatureBytes(directoryEndSignature));
  if (end < 0 || end + directoryEndBytes > tail.length) throw damagedWorkbook();
  const count = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (count > packagePartsMax) {
    throw new WorkbookError(
      'too-large',
      'The workbook has too many parts: save it again in Excel.',
    );
  }
  if (offset + bytes > fileSize) throw damagedWorkbook();
  return parseDirectory(await readExactly(file, offset, bytes), count);
}

function parseDirectory(directory: Buffer, count: number): ReadonlyMap<string, ZipPart> {
  const parts = new Map<string, ZipPart>();
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    if (at + directoryEntryBytes > directory.length) throw damagedWorkbook();
    if (directory.readUInt32LE(at) !== directoryEntrySignature) throw damagedWorkbook();
    if ((directory.readUInt16LE(at + 8) & encryptedFlag) !== 0) {
      throw new WorkbookError(
        'old-or-encrypted',
        'Tệp Excel có mật khẩu: lưu lại không đặt mật khẩu rồi nhập lại. / ' +
          'The workbook is protected by a password: save it without one and import again.',
      );
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const name = directory.toString(
      'utf8',
      at + directoryEntryBytes,
      at + directoryEntryBytes + nameBytes,
    );
    parts.set(name, {
      name,
      method: directory.readUInt16LE(at + 10),
      packedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    const extraBytes = directory.readUInt16LE(at + 30);
    const commentBytes = directory.readUInt16LE(at + 32);
    at += directoryEntryBytes + nameBytes + extraBytes + commentBytes;
  }
  return parts;
}

/**
 * A part's bytes, unpacked. Throws a WorkbookError `damaged` when it is broken or of another size than
 * declared, at the latest with the first byte too many.
 */
export async function* unpack(file: FileHandle, part: ZipPart): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of unpacked(file, part)) {
    bytes += chunk.length;
    if (bytes > part.size) throw damagedWorkbook();
    yield chunk;
  }
  if (bytes !== part.size) throw damagedWorkbook();
}

async function* unpacked(file: FileHandle, part: ZipPart): AsyncGenerator<Buffer> {
  if (part.packedSize === 0) return;
  const header = await readExactly(file, part.offset, localHeaderBytes);
  if (header.readUInt32LE(0) !== localHeaderSignature) throw damagedWorkbook();
  const start = part.offset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = fileBytes(file, start, part.packedSize);
  if (part.method === stored) yield* packed;
  else if (part.method === deflated) yield* inflated(packed);
  else throw damagedWorkbook();
}

async function* inflated(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw();
  // An error of either side reaches the reader of `inflate`.
  pipeline(packed, inflate, () => undefined);
  try {
    for await (const chunk of inflate) {
      if (Buffer.isBuffer(chunk)) yield chunk;
    }
  } catch (cause) {
    throw damagedWorkbook(cause);
  }
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw damagedWorkbook();
  return buffer;
}

function signatureBytes(signature: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature);
  return bytes;
}
