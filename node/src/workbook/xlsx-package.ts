/**
 * An .xlsx package put in the order in which a stream reader needs it: relations, workbook, styles
 * and shared strings first, then the sheets that are asked for. So no sheet is spilled into a
 * temporary file, names do not depend on how a program spelled its paths, sheets that nobody asked
 * for cost nothing, and every size is known and limited before a byte is unpacked.
 */
import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

import { withoutInlineRuns } from './inline-runs.ts';
import { peekBytes, sharedStringsBytesMax, unpackedBytesMax } from './limits.ts';
import { wholeCharacters } from './whole-characters.ts';
import { WorkbookError } from './workbook-error.ts';
import { readZipDirectory, unpack, type ZipPart } from './zip-archive.ts';

export type XlsxSheet = {
  readonly name: string;
  readonly part: ZipPart;
  readonly isHidden: boolean;
};

export type XlsxPackage = {
  readonly workbook: ZipPart;
  readonly styles: ZipPart | undefined;
  readonly sharedStrings: ZipPart | undefined;
  /** In the order of the tabs. */
  readonly sheets: readonly XlsxSheet[];
};

const workbookPath = 'xl/workbook.xml';
const relationsPath = 'xl/_rels/workbook.xml.rels';
/** Both are a few kilobytes in practice. */
const smallPartBytesMax = 4 * 1024 * 1024;

/** Throws a WorkbookError when it is no workbook, is damaged, or unpacks to more than our limits. */
export async function openXlsxPackage(file: FileHandle, fileBytes: number): Promise<XlsxPackage> {
  const parts = await readZipDirectory(file, fileBytes);
  const workbook = parts.get(workbookPath);
  const relations = parts.get(relationsPath);
  if (workbook === undefined || relations === undefined) {
    throw new WorkbookError(
      'not-a-workbook',
      'The file is a zip archive but not an Excel workbook (.xlsx): save it as .xlsx in Excel.',
    );
  }
  const targets = relationTargets(await smallText(file, relations), parts);
  const sheets = sheetElements(await smallText(file, workbook)).flatMap(
    ({ name, relation, isHidden }) => {
      const target = targets.find((one) => one.id === relation && one.type === 'worksheet');
      return target === undefined ? [] : [{ name, part: target.part, isHidden }];
    },
  );
  const opened = {
    workbook,
    styles: targets.find((one) => one.type === 'styles')?.part,
    sharedStrings: targets.find((one) => one.type === 'sharedStrings')?.part,
    sheets,
  };
  checkSizes(opened);
  return opened;
}

function checkSizes({ workbook, styles, sharedStrings, sheets }: XlsxPackage): void {
  const read = [workbook, styles, sharedStrings, ...sheets.map((sheet) => sheet.part)];
  const total = read.reduce((sum, part) => sum + (part?.size ?? 0), 0);
  if (total > unpackedBytesMax || (sharedStrings?.size ?? 0) > sharedStringsBytesMax) {
    throw new WorkbookError(
      'too-large',
      `The workbook unpacks to more than ${unpackedBytesMax / 1024 / 1024} MiB, or holds more than ` +
        `${sharedStringsBytesMax / 1024 / 1024} MiB of text: split it into several files.`,
    );
  }
}

/** A zip archive of the named parts, uncompressed, in reading order. With `peek`, the tops of the sheets. */
export async function* packageStream(
  file: FileHandle,
  opened: XlsxPackage,
  options: { readonly sheets: readonly XlsxSheet[]; readonly peek: boolean },
): AsyncGenerator<Buffer> {
  yield* storedBytes(relationsPath, Buffer.from('<Relationships/>'));
  yield* storedPart(file, workbookPath, opened.workbook);
  if (opened.styles !== undefined) yield* storedPart(file, 'xl/styles.xml', opened.styles);
  yield* opened.sharedStrings === undefined
    ? storedBytes('xl/sharedStrings.xml', Buffer.from('<sst/>'))
    : storedPart(file, 'xl/sharedStrings.xml', opened.sharedStrings);
  for (const [i, { part }] of options.sheets.entries()) {
    const name = `xl/worksheets/sheet${i + 1}.xml`;
    yield* options.peek
      ? storedBytes(name, await sheetTop(file, part))
      : storedPart(file, name, part);
  }
  yield directoryEnd;
}

/** The first rows of a sheet as a well-formed sheet of its own. */
async function sheetTop(file: FileHandle, part: ZipPart): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of unpack(file, part)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= peekBytes) break;
  }
  const top = Buffer.concat(chunks);
  if (bytes === part.size) return top;
  const lastRow = top.lastIndexOf('</row>');
  return lastRow < 0
    ? Buffer.from('<worksheet/>')
    : Buffer.concat([top.subarray(0, lastRow), Buffer.from('</row></sheetData></worksheet>')]);
}

async function* storedPart(file: FileHandle, name: string, part: ZipPart): AsyncGenerator<Buffer> {
  yield localHeader(name, part.size);
  yield* wholeCharacters(withoutInlineRuns(unpack(file, part)));
}

function* storedBytes(name: string, bytes: Buffer): Generator<Buffer> {
  yield localHeader(name, bytes.length);
  yield bytes;
}

function localHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt32LE(size, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

const directoryEnd = Buffer.alloc(22);
directoryEnd.writeUInt32LE(0x06054b50, 0);

async function smallText(file: FileHandle, part: ZipPart): Promise<string> {
  if (part.size > smallPartBytesMax) {
    throw new WorkbookError('too-large', 'The workbook lists too many sheets: split it.');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of unpack(file, part)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

type Target = { readonly id: string; readonly type: string; readonly part: ZipPart };

function relationTargets(xml: string, parts: ReadonlyMap<string, ZipPart>): readonly Target[] {
  return elements(xml, 'Relationship').flatMap((attributes) => {
    const target = attributes.get('Target') ?? '';
    // Programs write `worksheets/sheet1.xml` or `/xl/worksheets/sheet1.xml`.
    const part = parts.get(target.startsWith('/') ? target.slice(1) : `xl/${target}`);
    const type = (attributes.get('Type') ?? '').split('/').at(-1) ?? '';
    return part === undefined ? [] : [{ id: attributes.get('Id') ?? '', type, part }];
  });
}

type SheetElement = {
  readonly name: string;
  readonly relation: string;
  readonly isHidden: boolean;
};

function sheetElements(xml: string): readonly SheetElement[] {
  return elements(xml, 'sheet').map((attributes) => ({
    name: attributes.get('name') ?? '',
    relation: attributes.get('id') ?? '',
    isHidden: (attributes.get('state') ?? 'visible') !== 'visible',
  }));
}

/** Attributes, by name without prefix, of each element of that name. */
function elements(xml: string, name: string): readonly ReadonlyMap<string, string>[] {
  const tags = xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(\\s[^>]*)>`, 'gu'));
  return Array.from(tags, ([, attributes = '']) => {
    const pairs = attributes.matchAll(/(?:\w+:)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gu);
    return new Map(
      Array.from(pairs, ([, key = '', quoted, apostrophed]) => [
        key,
        decodeEntities(quoted ?? apostrophed ?? ''),
      ]),
    );
  });
}

const namedEntities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/giu,
    (whole, hex, decimal, name) => {
      if (name !== undefined) return namedEntities[String(name)] ?? whole;
      const point = hex === undefined ? Number(decimal) : Number.parseInt(String(hex), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
