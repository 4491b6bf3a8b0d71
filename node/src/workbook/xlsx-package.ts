/**
 * What an .xlsx package holds and where: the relations say it, not the names of the parts, which every
 * program spells in its own way. Every size is known and limited before a byte is unpacked, and sheets
 * that nobody asks for cost nothing.
 */
import type { FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';

import { sharedStringsBytesMax, unpackedBytesMax } from './limits.ts';
import { damagedWorkbook, WorkbookError } from './workbook-error.ts';
import { type Attributes, attribute, readXml } from './xml-part.ts';
import { readZipDirectory, unpack, type ZipPart } from './zip-archive.ts';

export type XlsxSheet = {
  readonly name: string;
  readonly part: ZipPart;
  readonly isHidden: boolean;
};

export type XlsxPackage = {
  /** Whether its days are counted from 1904. */
  readonly is1904: boolean;
  readonly styles: ZipPart | undefined;
  readonly sharedStrings: ZipPart | undefined;
  /** In the order of the tabs. */
  readonly sheets: readonly XlsxSheet[];
};

const usualWorkbook = 'xl/workbook.xml';
/** Workbook and relations are a few kilobytes in practice. */
const smallPartBytesMax = 4 * 1024 * 1024;

/** Throws a WorkbookError when it is no workbook, is damaged, or unpacks to more than our limits. */
export async function openXlsxPackage(file: FileHandle, fileBytes: number): Promise<XlsxPackage> {
  const directory = await readZipDirectory(file, fileBytes);
  const parts = new Map(Array.from(directory.values(), (part) => [pathKey(part.name), part]));
  const top = await relationsOf(file, parts, '');
  const main = top.find((one) => one.type === 'officeDocument')?.path ?? usualWorkbook;
  const workbook = parts.get(pathKey(main));
  const relations = await relationsOf(file, parts, main);
  if (workbook === undefined || !main.endsWith('.xml') || relations.length === 0) {
    throw new WorkbookError(
      'not-a-workbook',
      'Tệp là tệp nén nhưng không phải Excel (.xlsx): lưu thành .xlsx bằng Excel. / ' +
        'The file is a zip archive but not an Excel workbook (.xlsx): save it as .xlsx in Excel.',
    );
  }
  const elements = await smallElements(file, workbook);
  const partOf = (path: string): ZipPart => {
    const part = parts.get(pathKey(path));
    if (part === undefined) throw damagedWorkbook();
    return part;
  };
  const ofType = (type: string): ZipPart | undefined =>
    relations.filter((one) => one.type === type).map((one) => partOf(one.path))[0];
  const opened = {
    is1904: elements.some(
      ({ name, attributes }) => name === 'workbookPr' && isDate1904(attributes),
    ),
    styles: ofType('styles'),
    sharedStrings: ofType('sharedStrings'),
    sheets: elements.flatMap(({ name, attributes }) => {
      if (name !== 'sheet') return [];
      const id = attribute(attributes, 'id');
      const to = relations.find((one) => one.id === id);
      if (to === undefined) throw damagedWorkbook();
      // a sheet that is only a chart holds no rows
      if (to.type !== 'worksheet') return [];
      const isHidden = (attributes['state'] ?? 'visible') !== 'visible';
      return [{ name: attributes['name'] ?? '', part: partOf(to.path), isHidden }];
    }),
  };
  // rows are known by the name of their sheet
  if (new Set(opened.sheets.map((one) => one.name)).size < opened.sheets.length) {
    throw damagedWorkbook();
  }
  checkSizes(opened);
  return opened;
}

const isDate1904 = ({ date1904 = '0' }: Attributes): boolean =>
  date1904 === '1' || date1904 === 'true';

function checkSizes({ styles, sharedStrings, sheets }: XlsxPackage): void {
  const read = [styles, sharedStrings, ...sheets.map((sheet) => sheet.part)];
  const total = read.reduce((sum, part) => sum + (part?.size ?? 0), 0);
  if (total > unpackedBytesMax || (sharedStrings?.size ?? 0) > sharedStringsBytesMax) {
    throw new WorkbookError(
      'too-large',
      `The workbook unpacks to more than ${unpackedBytesMax / 1024 / 1024} MiB, or holds more than ` +
        `${sharedStringsBytesMax / 1024 / 1024} MiB of text: split it into several files.`,
    );
  }
}

/** Windows programs have written `xl\\worksheets\\Sheet1.xml`; letter case does not count. */
const pathKey = (path: string): string =>
  path.replaceAll('\\', '/').replace(/^\/+/u, '').toLowerCase();

type Relation = { readonly id: string; readonly type: string; readonly path: string };

/** Of the part at this path, or with '' of the package; none where there is no such part. */
async function relationsOf(
  file: FileHandle,
  parts: ReadonlyMap<string, ZipPart>,
  path: string,
): Promise<readonly Relation[]> {
  const folder = posix.dirname(path);
  const part = parts.get(pathKey(posix.join(folder, '_rels', `${posix.basename(path)}.rels`)));
  if (part === undefined) return [];
  const elements = await smallElements(file, part);
  return elements
    .filter(({ name }) => name === 'Relationship')
    .map(({ attributes }) => {
      const target = (attributes['Target'] ?? '').replaceAll('\\', '/');
      return {
        id: attributes['Id'] ?? '',
        type: (attributes['Type'] ?? '').split('/').at(-1) ?? '',
        // programs write `worksheets/sheet1.xml` or `/xl/worksheets/sheet1.xml`
        path: target.startsWith('/') ? target : posix.join(folder, target),
      };
    });
}

type Element = { readonly name: string; readonly attributes: Attributes };

async function smallElements(file: FileHandle, part: ZipPart): Promise<readonly Element[]> {
  if (part.size > smallPartBytesMax) {
    throw new WorkbookError('too-large', 'The workbook lists too many sheets: split it.');
  }
  const elements: Element[] = [];
  const pieces = readXml(unpack(file, part), {
    open: (name, attributes) => void elements.push({ name, attributes }),
    close: () => undefined,
    text: () => undefined,
  });
  for await (const _piece of pieces);
  return elements;
}
