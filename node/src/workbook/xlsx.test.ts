/** Workbooks as other programs than Excel write them: the same rows, or a refusal, never a wrong value. */
import { Buffer } from 'node:buffer';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Cell, SheetRow } from './cell.ts';
import { readWorkbook } from './read-workbook.ts';
import { allOf, writeXlsx } from './workbook-fixture.ts';
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

test('a letter is whole wherever the pieces of a sheet end', async () => {
  const path = join(folder, 'letters.xlsx');
  // more than a piece, with letters of three bytes at every offset, in the sheet and in its texts
  const rows = Array.from({ length: 3000 }, (_, i) => [`Đỗ Thị Hường Ễ${'x'.repeat(i % 7)}${i}`]);
  await writeXlsx(path, [{ name: 'A', rows }]);
  const read = await allRows(path);
  expect(read.map(({ cells: [cell] }) => cell)).toEqual(
    rows.map(([letters = '']) => text(letters)),
  );
  await writeFile(
    path,
    zipOf({
      ...otherProgram,
      'xl/worksheets/data.xml': `<worksheet><sheetData>${rows
        .map(
          ([letters], i) =>
            `<row r="${i + 1}"><c r="A${i + 1}" t="inlineStr"><is><t>${letters}</t></is></c></row>`,
        )
        .join('')}</sheetData></worksheet>`,
    }),
  );
  const inline = (await allRows(path)).filter((row) => row.sheet === 'Một & hai');
  expect(inline.map(({ cells: [cell] }) => cell)).toEqual(
    rows.map(([letters = '']) => text(letters)),
  );
});
