import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ExcelJS from 'exceljs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { fileSheet, messyWorkbook } from '../intake/messy-workbook-fixture.ts';
import { writeCsv } from '../workbook/workbook-fixture.ts';
import { dryRun } from './import-file.ts';
import type { ReportedListRow, ReportedRow } from './import-report.ts';

const today = '2026-11-21';
const sonLa = fileURLToPath(new URL('../../../test/fixtures/son-la.xlsx', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'findings-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** The dry run with its rows, and a findings workbook of the name. */
async function check(path: string, findings?: string, knownUnits?: readonly string[]) {
  const rows: (ReportedRow | ReportedListRow)[] = [];
  const add = (row: ReportedRow | ReportedListRow) => void rows.push(row);
  const summary = await dryRun({
    path,
    today,
    knownUnits,
    findings: findings === undefined ? undefined : join(folder, findings),
    openRows: () => ({ person: add, list: add }),
  });
  return { rows, summary };
}

async function openedSheets(name: string): Promise<ExcelJS.Workbook> {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.readFile(join(folder, name));
  return workbook;
}

type Noted = { readonly column: number; readonly text: string; readonly colour: string };

/** By row: the cells with a colour, and their comments. */
function notedCells(
  workbook: ExcelJS.Workbook,
  sheet: string,
): ReadonlyMap<number, readonly Noted[]> {
  const noted = new Map<number, Noted[]>();
  workbook.getWorksheet(sheet)?.eachRow((row) => {
    row.eachCell({ includeEmpty: true }, ({ note, fill, fullAddress }) => {
      const colour = fill?.type === 'pattern' ? fill.fgColor?.argb : undefined;
      if (colour === undefined) return;
      const texts = typeof note === 'string' ? [{ text: note }] : (note?.texts ?? []);
      const text = texts.map((one) => one.text).join('');
      const cells = noted.get(row.number) ?? [];
      noted.set(row.number, [...cells, { column: fullAddress.col, text, colour }]);
    });
  });
  return noted;
}

test('every finding stands as a comment at the cell that it is about, in its colour', async () => {
  const { rows } = await check(sonLa, 'son-la.xlsx');
  const workbook = await openedSheets('son-la.xlsx');
  const noted = notedCells(workbook, 'Danh sách');
  const people = rows.filter((row) => row.sheet === 'Danh sách');
  for (const { row, findings } of people) {
    const said = (noted.get(row) ?? []).map((one) => one.text).join('\n');
    expect(findings.filter(({ vi, en }) => !said.includes(`${vi}\n${en}`))).toEqual([]);
    expect(noted.has(row)).toBe(findings.length > 0);
  }
  const headings = workbook.getWorksheet('Danh sách')?.getRow(5);
  const oldId = people.find(({ findings }) => findings.some((one) => one.code === 'pin_old_id'));
  const [pin] = noted.get(oldId?.row ?? 0) ?? [];
  expect(headings?.getCell(pin?.column ?? 0).value).toBe('Số định danh cá nhân/CCCD');
  expect(pin?.colour).toBe('FFFFC7CE');
  const warned = people.find((row) => row.verdict === 'warning');
  const colours = noted.get(warned?.row ?? 0)?.map((one) => one.colour);
  expect(new Set(colours)).toEqual(new Set(['FFFFEB9C']));
});

test('the findings workbook imports as the file did, row by row, and its own result sheet is no data', async () => {
  const first = await check(sonLa, 'again.xlsx');
  const second = await check(join(folder, 'again.xlsx'), 'twice.xlsx');
  expect(second.rows).toEqual(first.rows);
  expect(second.summary).toMatchObject({
    totals: first.summary.totals,
    units: first.summary.units,
    subRowTotals: first.summary.subRowTotals,
  });
  const workbook = await openedSheets('twice.xlsx');
  const names = workbook.worksheets.map((sheet) => sheet.name);
  expect(names.filter((name) => name.startsWith('Kết quả'))).toEqual(['Kết quả']);
  const { ok, warning, error } = first.summary.totals;
  const lines = workbook.getWorksheet('Kết quả')?.getSheetValues() ?? [];
  expect(lines).toContainEqual([undefined, 'Người / people', ok, warning, error]);
});

test('a sheet that nobody sees stays hidden in the copy, so it is not imported from there either', async () => {
  const workbook = new ExcelJS.Workbook();
  const headings = ['STT', 'Họ và tên', 'Số CCCD', 'Ngày sinh', 'Dân tộc'];
  workbook
    .addWorksheet('Bản cũ', { state: 'hidden' })
    .addRows([headings, [1, 'Người cũ', '014085000009', '1985', 'Kinh']]);
  workbook
    .addWorksheet('Danh sách')
    .addRows([headings, [1, 'Người mới', '014085000001', '1985', 'Kinh']]);
  await workbook.xlsx.writeFile(join(folder, 'with-hidden.xlsx'));
  const first = await check(join(folder, 'with-hidden.xlsx'), 'hidden-copy.xlsx');
  expect(first.rows.map((row) => row.sheet)).toEqual(['Danh sách']);
  const second = await check(join(folder, 'hidden-copy.xlsx'));
  expect(second.rows).toEqual(first.rows);
  const kept = (await openedSheets('hidden-copy.xlsx')).getWorksheet('Bản cũ');
  expect(kept?.getRow(2).getCell(2).value).toBe('Người cũ');
});

test('a CSV file becomes a workbook whose text is text: zeros stay, nothing is a formula', async () => {
  const plan = { agency: 'G09', seed: 5, titleRows: 1, people: 120, today } as const;
  const kinds = ['text_like_formula', 'pin_as_number', 'birth_impossible'] as const;
  const made = messyWorkbook({ ...plan, typed: false, kinds });
  const path = join(folder, 'Danh sách: G09.csv'.replace(':', ''));
  await writeCsv(path, fileSheet(made.people, false).rows, {
    delimiter: ';',
    encoding: 'utf-8-mark',
  });
  const first = await check(path, 'csv.xlsx', made.units);
  const second = await check(join(folder, 'csv.xlsx'), undefined, made.units);
  const judged = ({ rows }: typeof first) =>
    rows.map(({ row, stt, verdict }) => [row, stt, verdict]);
  expect(judged(second)).toEqual(judged(first));
  const workbook = await openedSheets('csv.xlsx');
  const values = workbook.worksheets.flatMap((sheet) => sheet.getSheetValues().flat());
  expect(values).toContain('=HYPERLINK("http://127.0.0.1","x")');
  expect(
    values.filter((value) => typeof value === 'string' && /^0\d{11}$/u.test(value)).length,
  ).toBeGreaterThan(80);
  expect(
    values.some((value) => typeof value === 'object' && value !== null && 'formula' in value),
  ).toBe(false);
});

test('a mended cell is good the next time, and only that row has changed', async () => {
  const first = await check(sonLa, 'mend.xlsx');
  const faulty = first.rows.find(
    (row) => row.findings.every((one) => one.code === 'pin_old_id') && row.findings.length === 1,
  );
  const workbook = await openedSheets('mend.xlsx');
  const column = workbook.getWorksheet('Danh sách')?.getRow(5).values;
  const at = Array.isArray(column) ? column.indexOf('Số định danh cá nhân/CCCD') : 0;
  const cell = workbook
    .getWorksheet('Danh sách')
    ?.getRow(faulty?.row ?? 0)
    .getCell(at);
  if (cell !== undefined) cell.value = '014085999001';
  await workbook.xlsx.writeFile(join(folder, 'mended.xlsx'));
  const second = await check(join(folder, 'mended.xlsx'));
  const changed = second.rows.filter((row, i) => row.verdict !== first.rows[i]?.verdict);
  expect(changed.map((row) => row.row)).toEqual([faulty?.row]);
  expect(changed[0]?.verdict).not.toBe('error');
});

test('a file that is there is never overwritten, and a refused one leaves nothing behind', async () => {
  await writeFile(join(folder, 'mine.xlsx'), 'x');
  await expect(check(sonLa, 'mine.xlsx')).rejects.toMatchObject({ fault: 'exists' });
  await expect(check(sonLa, 'nowhere/out.xlsx')).rejects.toMatchObject({ fault: 'unwritten' });
  const damaged = join(folder, 'damaged.csv');
  await writeFile(damaged, 'Họ và tên,Số CCCD,Ngày sinh,Dân tộc\n"Lê,1,2,3\n');
  await expect(check(damaged, 'half.xlsx')).rejects.toMatchObject({ fault: 'damaged' });
  await expect(access(join(folder, 'half.xlsx.part'))).rejects.toThrow(/ENOENT/u);
  await expect(access(join(folder, 'half.xlsx'))).rejects.toThrow(/ENOENT/u);
});
