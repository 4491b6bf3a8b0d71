import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  type ExpectedRow,
  fileSheet,
  messyWorkbook,
  saidOf,
} from '../intake/messy-workbook-fixture.ts';
import { writeCsv, writeXlsx } from '../workbook/workbook-fixture.ts';
import { dryRun as summarise, type DryRunOptions } from './import-file.ts';
import type { ImportSummary, ReportedListRow, ReportedRow } from './import-report.ts';

const today = '2026-11-21';
const sonLa = fileURLToPath(new URL('../../../test/fixtures/son-la.xlsx', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

type ImportReport = ImportSummary & {
  readonly rows: readonly ReportedRow[];
  readonly subRows: readonly ReportedListRow[];
};

/** The dry run with all its rows. */
async function dryRun(options: DryRunOptions): Promise<ImportReport> {
  const rows: ReportedRow[] = [];
  const subRows: ReportedListRow[] = [];
  const openRows = () => ({
    person: (row: ReportedRow) => void rows.push(row),
    list: (row: ReportedListRow) => void subRows.push(row),
  });
  return { ...(await summarise({ ...options, openRows })), rows, subRows };
}

type Truth = {
  readonly agency: string;
  readonly units: number;
  readonly rows: readonly {
    readonly stt: number;
    readonly kind: string;
    readonly verdict: string;
  }[];
  readonly totals: Readonly<Record<string, number>>;
};

async function readTruth(): Promise<Truth> {
  return JSON.parse(await readFile(sonLa.replace('.xlsx', '.truth.json'), 'utf8'));
}

test('every row of the sample workbook gets the verdict that it should', async () => {
  const truth = await readTruth();
  const report = await dryRun({ path: sonLa, today });
  const verdicts = report.rows.map(({ stt, verdict }) => ({ stt, verdict }));
  expect(verdicts).toEqual(truth.rows.map(({ stt, verdict }) => ({ stt, verdict })));
  expect(report.totals).toEqual(truth.totals);
  expect(report.agency).toBe(truth.agency);
  expect(report.units).toHaveLength(truth.units);
  expect(report.unitTotals).toEqual({ ok: truth.units, warning: 0, error: 0 });
});

test('every sheet of the sample is read as what it is, and no heading is unknown', async () => {
  const report = await dryRun({ path: sonLa, today });
  expect(report.sheets.map((one) => [one.sheet, one.carries, one.headerRow])).toEqual([
    ['Cơ cấu tổ chức', 'units', 3],
    ['Danh sách', 'person', 5],
    ['Quá trình công tác', 'work_history', 1],
    ['Đào tạo, bồi dưỡng', 'training', 1],
    ['Quá trình lương', 'salary_history', 1],
  ]);
  expect(report.unrecognised).toEqual([]);
  expect(report.sheets[1]?.ignoredRows).toEqual([6, 317, 318, 319]);
  expect(report.subRowTotals).toEqual({ ok: 708, warning: 0, error: 0 });
});

test('a row says everything that is wrong with it, not only the first thing', async () => {
  const report = await dryRun({ path: sonLa, today });
  const codes = report.rows[0]?.findings.map((finding) => [finding.code, finding.field]);
  expect(codes).toEqual([
    ['date_future', 'birth_date'],
    ['pin_birth_mismatch', 'birth_date'],
  ]);
});

test('the day decides what is in the future', async () => {
  const report = await dryRun({ path: sonLa, today: '2031-01-01' });
  const codes = report.rows.flatMap((row) => row.findings.map((finding) => finding.code));
  expect(codes).not.toContain('date_future');
});

/** Rows that are judged otherwise than expected, or have one finding more or less than they should. */
function disagreements(report: ImportReport, expected: readonly ExpectedRow[]): readonly unknown[] {
  const byNumber = new Map(report.rows.map((row) => [row.stt, row]));
  return expected.flatMap(({ stt, mess, verdict, findings }) => {
    const row = byNumber.get(stt);
    const said = saidOf(row?.findings ?? []);
    const isSame = row?.verdict === verdict && said.join() === findings.join();
    return isSame ? [] : [{ mess, findings, said }];
  });
}

const variants = [
  { agency: 'G09', seed: 1, titleRows: 0 },
  { agency: 'H20', seed: 22, titleRows: 3 },
  { agency: 'G12', seed: 333, titleRows: 11 },
] as const;

test.each(variants)(
  'a workbook of $agency with other columns, titles and tabs is judged as well',
  async ({ agency, seed, titleRows }) => {
    const made = messyWorkbook({ agency, seed, titleRows, people: 150, today, typed: true });
    const path = join(folder, `${agency}.xlsx`);
    await writeXlsx(
      path,
      made.sheets.map((sheet) => fileSheet(sheet, true)),
    );
    const report = await dryRun({ path, today });
    expect(disagreements(report, made.expected)).toEqual([]);
    expect(report.rows).toHaveLength(made.expected.length);
    expect(report.agency).toBe(agency);
    expect(report.unitTotals).toEqual({ ok: made.units.length, warning: 0, error: 0 });
    const count = (verdict: string): number =>
      made.expectedLists.filter((one) => one.verdict === verdict).length;
    expect(report.subRowTotals).toEqual({
      ok: count('ok'),
      warning: count('warning'),
      error: count('error'),
    });
  },
);

test.each([
  ...variants.map((one) => ({ ...one, delimiter: ';', encoding: 'utf-16le' }) as const),
  { agency: 'G09', seed: 4, titleRows: 2, delimiter: ',', encoding: 'utf-8' } as const,
])(
  'the same as CSV ($delimiter, $encoding) is judged as well, with the units that the node knows',
  async ({ agency, seed, titleRows, delimiter, encoding }) => {
    const made = messyWorkbook({ agency, seed, titleRows, people: 250, today, typed: false });
    const path = join(folder, `${agency}.csv`);
    await writeCsv(path, fileSheet(made.people, false).rows, { delimiter, encoding });
    const report = await dryRun({ path, today, knownUnits: made.units });
    expect(disagreements(report, made.expected)).toEqual([]);
    expect(report.rows).toHaveLength(made.expected.length);
  },
);

const people = [
  [
    'STT',
    'Họ và tên',
    'Số định danh cá nhân',
    'Ngày sinh',
    'Giới tính',
    'Dân tộc',
    'Loại hồ sơ',
    'Mã đơn vị sử dụng',
    'Mã đơn vị quản lý',
    'Cỡ giày',
  ],
  [1, 'Lê Văn Sơn', '014085000001', '1985', 'Nam', 'Kinh', 'Công chức', 'H14', 'H14', 41],
] as const;

test('columns and sheets that nobody knows are listed, and what is known is read', async () => {
  const path = join(folder, 'partly.xlsx');
  await writeXlsx(path, [
    { name: 'Danh mục', rows: [['Kinh'], ['Tày']] },
    { name: 'Trống', rows: [] },
    { name: 'Người', rows: people },
  ]);
  const report = await dryRun({ path, today });
  expect(report.sheets.map((one) => [one.carries, one.reason])).toEqual([
    [null, 'no-header'],
    [null, 'empty'],
    ['person', null],
  ]);
  expect(report.unrecognised).toEqual([{ sheet: 'Người', headings: ['Cỡ giày'] }]);
  expect(report.totals).toEqual({ ok: 1, warning: 0, error: 0 });
  expect(report.agency).toBe('H14');
});

test('a workbook without any known header is one error that says what was looked for', async () => {
  const path = join(folder, 'other.xlsx');
  await writeXlsx(path, [
    {
      name: 'Chi tiêu',
      rows: [
        ['Khoản', 'Số tiền'],
        ['Điện', 1000],
      ],
    },
  ]);
  const failure = dryRun({ path, today });
  await expect(failure).rejects.toMatchObject({ fault: 'no-known-sheet' });
  await expect(failure).rejects.toThrow(/Số định danh cá nhân.*Chi tiêu/su);
});

test('rows of a list that are wrong or match nobody are held back and named, the person is not', async () => {
  const path = join(folder, 'lists.xlsx');
  await writeXlsx(path, [
    {
      name: 'Quá trình lương',
      rows: [
        ['Số CCCD', 'Họ và tên', 'Từ ngày', 'Đến ngày', 'Mã ngạch', 'Bậc', 'Hệ số'],
        ['014085000001', 'Lê Văn Sơn', '01/2015', '12/2014', '01.003', 2, 2.67],
        ['014085000001', 'Lê Văn Sơn', '32/01/2015', null, '01.999', 2, 2.67],
        ['014085000009', 'Người khác', '01/2015', null, '01.003', 2, 2.67],
        [14_085_000_001, 'Lê Văn Sơn', '01/2019', null, '01.003', 4, 3.33],
      ],
    },
    { name: 'Người', rows: people },
  ]);
  const report = await dryRun({ path, today });
  const found = report.subRows.map((one) => [
    one.row,
    one.verdict,
    one.findings.map((finding) => `${finding.field} ${finding.code}`),
  ]);
  expect(found).toEqual([
    [2, 'warning', ['salary_history.to_date period_backwards']],
    [3, 'error', ['salary_history.from_date date_format', 'salary_history.rank_code code_unknown']],
    [4, 'error', ['salary_history.pin person_unknown']],
    [5, 'warning', ['salary_history.pin pin_zero_restored']],
  ]);
  expect(report.totals).toEqual({ ok: 1, warning: 0, error: 0 });
});

test('a unit that is repeated, foreign or without parent is refused, and so are people in it', async () => {
  const path = join(folder, 'tree.xlsx');
  const [header, person] = people;
  await writeXlsx(path, [
    {
      name: 'Cơ cấu',
      rows: [
        ['Mã đơn vị', 'Tên đơn vị', 'Mã đơn vị cấp trên', 'Số lượng người làm việc'],
        ['000.00.00.H14', 'UBND tỉnh', null, 3],
        ['h14.02', 'Sở Hai', 'H14', 'ba'],
        ['H14.03', 'Sở Ba', 'H14.09', 3],
        ['H15.01', 'Sở của tỉnh khác', 'H14', 3],
        ['H14', 'Lại là tỉnh', null, 3],
      ],
    },
    { name: 'Người', rows: [header, person.map((value, i) => (i === 7 ? 'H14.03' : value))] },
  ]);
  const report = await dryRun({ path, today, agency: 'H14' });
  expect(report.units.map((unit) => [unit.code, unit.findings.map((one) => one.code)])).toEqual([
    ['H14', []],
    ['H14.02', ['number_format']],
    ['H14.03', ['parent_unknown']],
    ['H15.01', ['unit_outside_agency']],
    ['H14', ['unit_code_repeated']],
  ]);
  expect(report.rows[0]?.findings.map((one) => one.code)).toEqual(['unit_unknown']);
});
