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

test('a letter is whole wherever the pieces of a sheet end', async () => {
  const path = join(folder, 'letters.xlsx');
  // more than a piece, with letters of three bytes at every offset, in the sheet and in its texts
  const rows = Array.from({ length: 3000 }, (_, i) => [`Đỗ Thị Hường Ễ${'x'.repeat(i % 7)}${i}`]);
  await writeXlsx(path, [{ name: 'A', rows }]);
  const read = await allRows(path);
  expect(read.map(({ cells: [cell] }) => cell)).toEqual(
    rows.map(([text]) => ({ kind: 'text', text })),
  );
  await writeFile(
    path,
    zipOf({
      ...otherProgram,
      'xl/worksheets/data.xml': `<worksheet><sheetData>${rows
        .map(
          ([text], i) =>
            `<row r="${i + 1}"><c r="A${i + 1}" t="inlineStr"><is><t>${text}</t></is></c></row>`,
        )
        .join('')}</sheetData></worksheet>`,
    }),
  );
  const inline = (await allRows(path)).filter((row) => row.sheet === 'Một & hai');
  expect(inline.map(({ cells: [cell] }) => cell)).toEqual(
    rows.map(([text]) => ({ kind: 'text', text })),
  );
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

const typeOf = (kind: string): string =>
  `http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}`;
const sheetXml = (cells: string): string =>
  `<worksheet><sheetData><row r="3">${cells}</row></sheetData></worksheet>`;

/** Sheets first, names and relations last, absolute paths, tabs in another order than the files, dates from 1904. */
const otherProgram = {
  'xl/worksheets/data.xml': sheetXml('<c r="B3" t="inlineStr"><is><t>Hà</t></is></c>'),
  'xl/worksheets/sheet1.xml': sheetXml('<c r="A3" s="1"><v>1</v></c>'),
  'xl/workbook.xml':
    '<workbook xmlns:r="x"><workbookPr date1904="1"/><sheets><sheet sheetId="7" name="Một &amp; hai" r:id="rId9"/>' +
    '<sheet sheetId="2" name="Ba" r:id="rId1"/></sheets></workbook>',
  'xl/styles.xml':
    '<styleSheet><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
  'xl/_rels/workbook.xml.rels':
    `<Relationships><Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml" Type="${typeOf('worksheet')}"/>` +
    `<Relationship Type="${typeOf('worksheet')}" Target="worksheets/data.xml" Id="rId9"/>` +
    `<Relationship Type="${typeOf('styles')}" Target="styles.xml" Id="rId3"/></Relationships>`,
};

test('a package that another program put together otherwise reads the same', async () => {
  const path = join(folder, 'other.xlsx');
  await writeFile(path, zipOf(otherProgram));
  expect(await allRows(path)).toEqual([
    { sheet: 'Một & hai', row: 3, cells: [{ kind: 'empty' }, { kind: 'text', text: 'Hà' }] },
    { sheet: 'Ba', row: 3, cells: [{ kind: 'date', date: '1904-01-02' }] },
  ]);
});

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** A workbook of one sheet with these rows, in the words of a program that is not Excel. */
function packageOf(rows: string, { texts = '', calendar = '' } = {}): Buffer {
  return zipOf({
    '_rels/.rels': `<Relationships><Relationship Id="r" Type="${typeOf('officeDocument')}" Target="book/main.xml"/></Relationships>`,
    'book/main.xml':
      `<workbook xmlns:r="x"><workbookPr ${calendar}/><sheets><sheet name="A" sheetId="1" r:id="s"/>` +
      '</sheets></workbook>',
    'book/_rels/main.xml.rels':
      `<Relationships><Relationship Id="s" Type="${typeOf('worksheet')}" Target="../Sheets/One.xml"/>` +
      `<Relationship Id="t" Type="${typeOf('sharedStrings')}" Target="/texts.xml"/>` +
      `<Relationship Id="f" Type="${typeOf('styles')}" Target="styles.xml"/></Relationships>`,
    'book/styles.xml':
      '<styleSheet><numFmts count="2"><numFmt numFmtId="170" formatCode="[$-42A]dd\\ mmmm\\ yyyy;@"/>' +
      '<numFmt numFmtId="171" formatCode="0.0\\ &quot;năm&quot;_d"/></numFmts><cellStyleXfs><xf numFmtId="14"/>' +
      '</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/>' +
      '<xf numFmtId="171"/><xf numFmtId="9"/></cellXfs></styleSheet>',
    'texts.xml': `<sst>${texts}</sst>`,
    'sheets/one.xml': `<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`,
  });
}

async function packageRows(bytes: Buffer): Promise<readonly SheetRow[]> {
  const path = join(folder, 'package.xlsx');
  await writeFile(path, bytes);
  return await allRows(path);
}

const text = (value: string): Cell => ({ kind: 'text', text: value });
const number = (value: number): Cell => ({ kind: 'number', number: value, text: String(value) });

test.each<readonly [how: string, rows: string, cells: readonly Cell[]]>([
  [
    'without references, each after the one before',
    '<row><c><v>1</v></c><c/><c t="str"><v>hai</v></c></row>',
    [number(1), { kind: 'empty' }, text('hai')],
  ],
  [
    'with a prefix on every name',
    '<x:row xmlns:x="m" r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>Hà</x:t></x:is></x:c></x:row>',
    [text('Hà')],
  ],
  [
    'in several formatted pieces, with a reading of their signs',
    '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t xml:space="preserve">Hà </t></r><r><t>Nội</t></r>' +
      '<rPh sb="0" eb="1"><t>x</t></rPh></is></c></row>',
    [text('Hà Nội')],
  ],
  [
    'as character data, and with signs written twice over',
    '<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[A & <B>]]></t></is></c>' +
      '<c r="B1" t="str"><v>&amp;lt;</v></c></row>',
    [text('A & <B>'), text('&lt;')],
  ],
  [
    'as days in ISO 8601, with a time and without',
    '<row r="1"><c r="A1" s="1" t="d"><v>1985-03-02T00:00:00</v></c><c r="B1" t="d"><v>1985-03-02</v></c></row>',
    [
      { kind: 'date', date: '1985-03-02' },
      { kind: 'date', date: '1985-03-02' },
    ],
  ],
  [
    'as numbers that their formats show as days, years, shares and numbers',
    '<row r="1"><c r="A1" s="2"><v>31108</v></c><c r="B1" s="3"><v>4.5</v></c><c r="C1" s="4"><v>0.85</v></c>' +
      '<c r="D1" s="1"><f>B1</f><v>31107.9999999999</v></c><c r="E1" s="1"><v>35086188526</v></c></row>',
    [
      { kind: 'date', date: '1985-03-02' },
      number(4.5),
      text('85%'),
      { kind: 'date', date: '1985-03-02' },
      { kind: 'error', text: '#VALUE!' },
    ],
  ],
  [
    'as results of formulas',
    '<row r="1"><c r="A1" t="b"><f>1=1</f><v>1</v></c><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c>' +
      '<c r="C1" t="str"><f>""</f><v></v></c><c r="D1"><f>A1</f></c><c r="E1" s="1"><v/></c>' +
      '<c r="F1"><v>x</v></c></row>',
    [
      { kind: 'boolean', value: true },
      { kind: 'error', text: '#DIV/0!' },
      { kind: 'empty' },
      { kind: 'empty' },
      { kind: 'empty' },
      { kind: 'error', text: '#NUM!' },
    ],
  ],
])('cells written %s are read as what they mean', async (_how, rows, cells) => {
  expect(await packageRows(packageOf(rows))).toEqual([{ sheet: 'A', row: 1, cells }]);
});

test('shared texts of several pieces are whole, and what is no text of a database is left out', async () => {
  const texts =
    '<si><r><t>Đỗ </t></r><r><rPr><sz val="9"/></rPr><t>Hà</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si>' +
    '<si><t>a_x0000_b_xD800_</t></si><si/>';
  const cells = [1, 2, 3].map((n) => `<c r="A${n}" t="s"><v>${n - 1}</v></c>`);
  const rows = cells.map((cell, i) => `<row r="${i + 1}">${cell}</row>`).join('');
  const read = await packageRows(packageOf(rows, { texts }));
  expect(read.map((row) => row.cells)).toEqual([[text('Đỗ Hà')], [text('ab\ufffd')], []]);
});

test.each(['date1904="1"', "date1904='true'"])(
  'days from 1904 (%s) are counted from there, those of formulas too',
  async (calendar) => {
    const rows =
      '<row r="1"><c r="A1" s="1"><v>29646</v></c><c r="B1" s="1"><f>A1</f><v>29646</v></c>' +
      '<c r="C1" t="d"><v>1985-03-02</v></c></row>';
    const [row] = await packageRows(packageOf(rows, { calendar }));
    expect(row?.cells).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'date', date: '1985-03-02' })),
    );
  },
);

test('paths with backslashes are read', async () => {
  const path = join(folder, 'windows.xlsx');
  await writeXlsx(path, [{ name: 'A', rows: [['Hường', 1]] }]);
  const bytes = await readFile(path);
  for (const part of ['worksheets/sheet1.xml', 'workbook.xml', '_rels/workbook.xml.rels']) {
    const [from, to] = [`xl/${part}`, `xl/${part}`.replaceAll('/', '\\')];
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at)) bytes.write(to, at);
  }
  const expected = [{ sheet: 'A', row: 1, cells: [text('Hường'), number(1)] }];
  expect(await packageRows(bytes)).toEqual(expected);
});

test.each([
  ['little', (bytes: Buffer) => bytes],
  ['big', (bytes: Buffer) => bytes.swap16()],
] as const)('a sheet in UTF-16 with the %s end first is read', async (_end, turned) => {
  const xml = sheetXml('<c t="str"><v>Hường</v></c>');
  const sheet = turned(
    Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${xml}`, 'utf16le'),
  );
  const [row] = await packageRows(zipOf({ ...otherProgram, 'xl/worksheets/data.xml': sheet }));
  expect(row?.cells).toEqual([text('Hường')]);
});

test.each([
  ['rows of one number', '<row r="2"/><row r="2"/>'],
  ['a row beyond the last', '<row r="1048577"/>'],
  ['a column beyond the last', '<row r="1"><c r="XFE1"><v>1</v></c></row>'],
  ['a reference that is none', '<row r="1"><c r="?"><v>1</v></c></row>'],
  ['a text that is not there', '<row r="1"><c r="A1" t="s"><v>7</v></c></row>'],
  ['tags that do not close', '<row r="1"><c r="A1"></row>'],
  ['no end of nesting', '<x>'.repeat(200)],
  ['a text without end', `<row r="1"><c r="A1" t="str"><v>${'x'.repeat(5e6)}</v></c></row>`],
  ['a character that XML has not', '\ufffe<row r="1"><c r="A1"><v>1</v></c></row>'],
])('a sheet with %s is damaged, and is not read as far as it goes', async (_what, rows) => {
  await expect(packageRows(packageOf(rows))).rejects.toMatchObject({ fault: 'damaged' });
});

test('a sheet that the workbook names and the package lacks is damage, a chart is none', async () => {
  const { 'xl/worksheets/data.xml': _sheet, ...without } = otherProgram;
  await expect(packageRows(zipOf(without))).rejects.toMatchObject({ fault: 'damaged' });
  const chart = otherProgram['xl/_rels/workbook.xml.rels'].replace(
    `${typeOf('worksheet')}" Target="worksheets/data.xml`,
    `${typeOf('chartsheet')}" Target="worksheets/data.xml`,
  );
  const rows = await packageRows(zipOf({ ...otherProgram, 'xl/_rels/workbook.xml.rels': chart }));
  expect(rows.map((row) => row.sheet)).toEqual(['Ba']);
});

test('a zip archive that is no workbook is refused', async () => {
  const path = join(folder, 'document.xlsx');
  await writeFile(path, zipOf({ 'word/document.xml': '<document/>' }));
  await expect(allRows(path)).rejects.toMatchObject({ fault: 'not-a-workbook' });
});
