import { Buffer } from 'node:buffer';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Cell, SheetRow } from './cell.ts';
import { delimiterOf } from './csv.ts';
import { legacyBytes } from './legacy-fixture.ts';
import { peekRows } from './limits.ts';
import { openWorkbook, readWorkbook } from './read-workbook.ts';
import { allOf, type CsvOptions, writeCsv, writeXlsx } from './workbook-fixture.ts';
import { zipOf } from './zip-fixture.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workbook-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function allRows(path: string): Promise<readonly SheetRow[]> {
  return await allOf(readWorkbook(path));
}

async function cellsOf(values: Parameters<typeof writeXlsx>[1][number]['rows'][number]) {
  const path = join(folder, 'cells.xlsx');
  await writeXlsx(path, [{ name: 'Một', rows: [values] }]);
  const [row] = await allRows(path);
  return row?.cells ?? [];
}

test('every kind of cell comes out as a plain value', async () => {
  const cells = await cellsOf([
    'Lê Văn',
    35_086_188_526,
    4.32,
    new Date('1968-01-01T00:00:00Z'),
    true,
    null,
    { richText: [{ text: 'Hà ' }, { text: 'Nội' }] },
    { formula: 'A1&"x"', result: 'Lê Vănx' },
    { formula: '1+1', result: 2 },
    { error: '#N/A' },
    '=HYPERLINK("http://127.0.0.1","x")',
  ]);
  expect(cells).toEqual([
    { kind: 'text', text: 'Lê Văn' },
    { kind: 'number', number: 35_086_188_526, text: '35086188526' },
    { kind: 'number', number: 4.32, text: '4.32' },
    { kind: 'date', date: '1968-01-01' },
    { kind: 'boolean', value: true },
    { kind: 'empty' },
    { kind: 'text', text: 'Hà Nội' },
    { kind: 'text', text: 'Lê Vănx' },
    { kind: 'number', number: 2, text: '2' },
    { kind: 'error', text: '#N/A' },
    { kind: 'text', text: '=HYPERLINK("http://127.0.0.1","x")' },
  ] satisfies Cell[]);
});

test('a formula whose result is a date is a date', async () => {
  const result = new Date('1970-01-02T00:00:00Z');
  expect(await cellsOf([{ formula: 'DATE(1970,1,2)', result }])).toEqual([
    { kind: 'date', date: '1970-01-02' },
  ]);
});

test('a line break that a program escaped is a line break', async () => {
  expect(await cellsOf(['Lê_x000D_\nVăn', 'a_x005F_x000D_b'])).toEqual([
    { kind: 'text', text: 'Lê\r\nVăn' },
    { kind: 'text', text: 'a_x000D_b' },
  ]);
});

test('rows keep the numbers of the spreadsheet, and sheets their names and order', async () => {
  const path = join(folder, 'order.xlsx');
  const sheets = ['Đào tạo & bồi dưỡng', 'B "hai"', 'A'].map((name) => ({
    name,
    rows: [['x'], [], [], [name]],
  }));
  await writeXlsx(path, sheets);
  const rows = await allRows(path);
  expect(rows.filter((row) => row.cells.length > 0).map(({ sheet, row }) => [sheet, row])).toEqual([
    ['Đào tạo & bồi dưỡng', 1],
    ['Đào tạo & bồi dưỡng', 4],
    ['B "hai"', 1],
    ['B "hai"', 4],
    ['A', 1],
    ['A', 4],
  ]);
});

test('sheets are read in the order asked for, and the others not at all', async () => {
  const path = join(folder, 'some.xlsx');
  await writeXlsx(
    path,
    ['Một', 'Hai', 'Ba'].map((name) => ({ name, rows: [[name]] })),
  );
  await using workbook = await openWorkbook(path);
  const rows = await allOf(workbook.rows(['Ba', 'Một']));
  expect(rows.map((row) => row.sheet)).toEqual(['Ba', 'Một']);
});

test('a peek shows the top of a long sheet and the whole of a short one', async () => {
  const path = join(folder, 'long.xlsx');
  const long = Array.from({ length: 3000 }, (_, i) => [`dòng ${i + 1}`, i, 'x'.repeat(20)]);
  await writeXlsx(path, [
    { name: 'Dài', rows: long },
    { name: 'Ngắn', rows: [['một'], ['hai']] },
  ]);
  await using workbook = await openWorkbook(path);
  const top = await allOf(workbook.peek());
  expect(top.filter((row) => row.sheet === 'Dài')).toHaveLength(peekRows);
  expect(top.filter((row) => row.sheet === 'Ngắn').map((row) => row.row)).toEqual([1, 2]);
  expect(await allOf(workbook.rows(['Dài']))).toHaveLength(3000);
});

const names = [['Họ tên', 'Quê quán'], [], ['Đỗ Ê-đê', 'Xã A, "tỉnh" B;C\tD']] as const;
const spellings = ([',', ';', '\t'] as const).flatMap((delimiter) =>
  (['utf-8', 'utf-8-mark', 'utf-16le', 'utf-16be', 'utf-16le-bare', 'utf-16be-bare'] as const).map(
    (encoding): CsvOptions => ({ delimiter, encoding }),
  ),
);

test.each(spellings)('a CSV file with $delimiter in $encoding reads the same', async (options) => {
  const path = join(folder, 'Danh sách.csv');
  await writeCsv(path, names, options);
  expect(await allRows(path)).toEqual([
    { sheet: 'Danh sách', row: 1, cells: names[0].map((text) => ({ kind: 'untyped', text })) },
    { sheet: 'Danh sách', row: 2, cells: [{ kind: 'empty' }] },
    { sheet: 'Danh sách', row: 3, cells: names[2].map((text) => ({ kind: 'untyped', text })) },
  ]);
});

test.each(['utf-16le-bare', 'utf-16be-bare'] as const)(
  'decomposed letters do not hide that a file is in %s',
  async (encoding) => {
    const path = join(folder, 'decomposed.csv');
    const name = 'Đỗ Thị Thuỳ Quảng Bình'.normalize('NFD');
    await writeCsv(path, [[name, name]], { delimiter: ';', encoding });
    const [row] = await allRows(path);
    expect(row?.cells).toEqual([
      { kind: 'untyped', text: name },
      { kind: 'untyped', text: name },
    ]);
  },
);

test('commas in titles and labels do not hide the semicolons of the table', () => {
  const text =
    'DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC, A, B\n"x,y,z";Ngày, tháng, năm sinh;c;d;e;f\n';
  expect(delimiterOf(text)).toBe(';');
});

test('a line that states the separator is no row, as Excel shows none for it', async () => {
  const path = join(folder, 'stated.csv');
  await writeFile(path, '\ufeffsep=|\r\nHọ tên|Quê quán, tỉnh\r\n\r\nĐỗ Hà|x;y\r\n');
  const read = (await allRows(path)).map(({ row, cells }) => [
    row,
    ...cells.map((cell) => (cell.kind === 'untyped' ? cell.text : null)),
  ]);
  expect(read).toEqual([
    [1, 'Họ tên', 'Quê quán, tỉnh'],
    [2, null],
    [3, 'Đỗ Hà', 'x;y'],
  ]);
});

const letters =
  'Danh sách cán bộ, công chức;Nguyễn Thị Thuỷ;Đặng Văn Hưởng;Sở Nội vụ tỉnh Sơn La\n';

test.each(['TCVN3', 'VNI', 'Windows-1258'] as const)(
  'a CSV file in %s is refused, named, and told the way out',
  async (encoding) => {
    const path = join(folder, `${encoding}.csv`);
    await writeFile(path, legacyBytes(letters, encoding));
    const error: unknown = await allRows(path).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ fault: 'encoding' });
    expect(String(error)).toContain(encoding);
    expect(String(error)).toContain('"CSV UTF-8"');
  },
);

test('a file of bytes that are no text is refused', async () => {
  const path = join(folder, 'bytes.csv');
  await writeFile(path, Buffer.from([0x61, 0, 0, 0x62, 0, 0, 0, 0x0a]));
  await expect(allRows(path)).rejects.toMatchObject({ fault: 'encoding' });
});

test('a quotation mark that never closes is refused with the row, and without the text', async () => {
  const path = join(folder, 'open.csv');
  await writeFile(path, `a;b\n"Nguyễn Văn Bí Mật;x\n`);
  const error: unknown = await allRows(path).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ fault: 'damaged' });
  expect(String(error)).toContain('row 2');
  expect(String(error)).not.toContain('Bí Mật');
});

test.each([
  ['missing', 'nowhere.xlsx', undefined],
  ['empty', 'empty.xlsx', Buffer.alloc(0)],
  ['old-or-encrypted', 'old.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
  ['not-a-workbook', 'page.xlsx', Buffer.from('<html>')],
  ['damaged', 'cut.xlsx', Buffer.from('504b030414000000', 'hex')],
] as const)('a file that is %s is refused with that reason', async (fault, name, bytes) => {
  const path = join(folder, name);
  if (bytes !== undefined) await writeFile(path, bytes);
  await expect(allRows(path)).rejects.toMatchObject({ name: 'WorkbookError', fault });
});

/** Changes one number of each entry of a zip directory. */
async function withDirectory(path: string, change: (entry: Buffer) => void): Promise<string> {
  const bytes = await readFile(path);
  let at = bytes.indexOf('504b0102', 'hex');
  while (at >= 0) {
    change(bytes.subarray(at));
    at = bytes.indexOf('504b0102', at + 4, 'hex');
  }
  const changed = join(folder, 'changed.xlsx');
  await writeFile(changed, bytes);
  return changed;
}

test('a package that would unpack to gigabytes is refused before it is unpacked', async () => {
  const path = join(folder, 'bomb.xlsx');
  await writeXlsx(path, [{ name: 'A', rows: [['x']] }]);
  const bomb = await withDirectory(path, (entry) => {
    if (entry.subarray(46).toString('latin1', 0, 24).startsWith('xl/worksheets/sheet')) {
      entry.writeUInt32LE(0xf000_0000, 24);
    }
  });
  await expect(allRows(bomb)).rejects.toMatchObject({ fault: 'too-large' });
});

test.each([-1000, 1000])(
  'a part that unpacks to another size than it declares is refused (%i)',
  async (lie) => {
    const path = join(folder, 'lie.xlsx');
    await writeXlsx(path, [
      { name: 'A', rows: Array.from({ length: 5000 }, () => ['x'.repeat(50)]) },
    ]);
    const lying = await withDirectory(path, (entry) => {
      if (entry.subarray(46).toString('latin1', 0, 24).startsWith('xl/worksheets/sheet')) {
        entry.writeUInt32LE(entry.readUInt32LE(24) + lie, 24);
      }
    });
    await expect(allRows(lying)).rejects.toMatchObject({ fault: 'damaged' });
  },
);

test('a workbook cut in the middle or scrambled is damaged, and nothing hangs', async () => {
  const path = join(folder, 'whole.xlsx');
  await writeXlsx(path, [
    { name: 'A', rows: Array.from({ length: 3000 }, (_, i) => [i, `t${i}`]) },
  ]);
  const bytes = await readFile(path);
  const sheet = bytes.indexOf('xl/worksheets/sheet1.xml');
  bytes.fill(0xaa, sheet + 200, sheet + 900);
  const scrambled = join(folder, 'scrambled.xlsx');
  await writeFile(scrambled, bytes);
  await expect(allRows(scrambled)).rejects.toMatchObject({ fault: 'damaged' });
});

test('a zip archive that is no workbook is refused', async () => {
  const path = join(folder, 'document.xlsx');
  await writeFile(path, zipOf({ 'word/document.xml': '<document/>' }));
  await expect(allRows(path)).rejects.toMatchObject({ fault: 'not-a-workbook' });
});
