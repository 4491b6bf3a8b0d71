/**
 * Mappings as a CSV table for a spreadsheet: what is mapped, and the values that still hold rows back
 * with their code left open, so that fifty of them are filled in at once and read in again. A row whose
 * code is empty is left alone. A spreadsheet takes `02` for the number 2: zeros are put back where they
 * are known.
 */
import { writeFile } from 'node:fs/promises';

import { codeListNames } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

import { NodeError } from '../errors.ts';
import { cellText } from '../intake/cell-text.ts';
import type { MappedCode } from '../intake/code-mapping.ts';
import { openWorkbook } from '../workbook/read-workbook.ts';
import { csvLine, fromCsvValue } from '../workbook/write-csv.ts';
import { type NewMappings, showMappings, teachMappings, waitingValues } from './mappings.ts';

const header = ['Danh mục', 'Giá trị', 'Mã', 'Số dòng', 'Trường'] as const;
/** In the place of a code list, on rows that map a heading to a field. */
const headingRows = '(tiêu đề cột)';
const byteOrderMark = '\ufeff';

/** Returns how many rows the table has. Throws NODE_SOURCE_UNKNOWN, NODE_FILE_UNWRITTEN. */
export async function exportMappings(
  database: Database,
  source: string,
  path: string,
): Promise<number> {
  const [mappings] = await showMappings(database, source);
  const open = (await waitingValues(database, source)).filter((one) => one.mapped === null);
  const rows = [
    ...open.map((one) => [one.list, one.value, '', String(one.rows), one.fields.join(' ')]),
    ...(mappings?.codes ?? []).map((one) => [one.list, one.value, one.code, '', '']),
    ...(mappings?.headings ?? []).map((one) => [
      headingRows,
      one.heading,
      `${one.section}.${one.field}`,
      '',
      '',
    ]),
  ];
  const text = [header, ...rows].map((row) => csvLine(row)).join('');
  await writeFile(path, byteOrderMark + text, { flag: 'wx' }).catch((cause: unknown) => {
    throw new NodeError('NODE_FILE_UNWRITTEN', { cause });
  });
  return rows.length;
}

/**
 * Takes the table back, all of it or nothing. Returns how many mappings it holds. Throws
 * NODE_MAPPING_INVALID with every fault, a WorkbookError where the file cannot be read.
 */
export async function importMappings(
  database: Database,
  source: string,
  path: string,
): Promise<number> {
  const { codes, headings } = await readTable(path);
  const whole = await withLostZeros(database, source, codes);
  await teachMappings(database, source, { codes: whole, headings });
  return codes.length + headings.length;
}

/** Values as the source writes them and codes as the lists have them, where a single one is meant. */
async function withLostZeros(
  database: Database,
  source: string,
  codes: readonly MappedCode[],
): Promise<readonly MappedCode[]> {
  const book = await loadCodeBook(database.db);
  const codesOf = new Map(
    codeListNames.map((list): [string, readonly string[]] => [
      list,
      book.entries(list).map((one) => one.code),
    ]),
  );
  const [mappings] = await showMappings(database, source);
  const known = [...(await waitingValues(database, source)), ...(mappings?.codes ?? [])];
  const valuesOf = Map.groupBy(known, (one) => one.list);
  return codes.map(({ list, value, code }) => ({
    list,
    value: knownAs(value, valuesOf.get(list)?.map((one) => one.value) ?? []),
    code: knownAs(code, codesOf.get(list) ?? []),
  }));
}

/** The text itself where it is known, or where none or several become it without their zeros. */
function knownAs(text: string, known: readonly string[]): string {
  if (known.includes(text) || !/^\d+$/u.test(text)) return text;
  const [only, ...others] = new Set(known.filter((one) => one.replace(/^0+/u, '') === text));
  return only !== undefined && others.length === 0 ? only : text;
}

async function readTable(path: string): Promise<NewMappings> {
  await using table = await openWorkbook(path);
  const codes: { list: string; value: string; code: string }[] = [];
  const headings: { heading: string; section: string; field: string }[] = [];
  let hasHeader = false;
  for await (const { cells } of table.rows(table.sheets.slice(0, 1))) {
    const [list = '', value = '', code = ''] = header.map((_, column) =>
      fromCsvValue(cellText(cells[column]) ?? ''),
    );
    if (!hasHeader) {
      hasHeader = list === header[0] && value === header[1] && code === header[2];
      continue;
    }
    if (code === '') continue;
    if (list === headingRows) {
      const [section = '', field = ''] = code.split('.');
      headings.push({ heading: value, section, field });
    } else {
      codes.push({ list, value, code: tidyText(code) });
    }
  }
  if (!hasHeader) {
    throw new NodeError('NODE_MAPPING_INVALID', { detail: `no row ${header.join(', ')}` });
  }
  return { codes, headings };
}
