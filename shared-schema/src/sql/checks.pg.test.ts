import fc from 'fast-check';
import { expect, test } from 'vitest';

import { openTestDatabase } from '../../../test/support/database.ts';
import { sections } from '../catalogue/catalogue.ts';
import type { DraftRow } from '../catalogue/draft.ts';
import type { Field, Section } from '../catalogue/types.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import type { CodeEntry } from '../code-lists/code-list.ts';
import { population } from '../population/population.ts';
import { faultOf } from '../rules/check-field.ts';
import { copyIn } from '../runtime/copy.ts';
import { type Tx, openDatabase, transaction } from '../runtime/database.ts';
import { loadCodeLists } from '../runtime/load-code-lists.ts';
import { catalogueSchemaSql } from './catalogue-schema.ts';
import { sectionFaultsSql } from './checks.ts';
import { copyLine } from './copy-text.ts';
import { fieldColumns, keyColumns, sqlType } from './names.ts';
import { sectionTablesSql } from './tables.ts';

// the corpus is the same in every run: a disagreement found once is found again
const seed = 20_260_701;

const words = (text: string): readonly string[] => text.split(' ');

const numbers: readonly string[] = [
  ...words('0 1 9 10 12 13 -1 +1 -0 --1 00 01 007 1.0 1. .5 5. 1,0 1e3 1E3 1_000 0x1F 1.5.2 -'),
  ...words(
    '999999999 1000000000 9999999999 -999999999 000000000012 12345678901234 123456789012345',
  ),
  ...words('4.32 4.3 4.321 44.32 444.32 4444.32 -4.32 99.99 999.99 9999.99 NaN Infinity -Infinity'),
  ...words('٣ १२ １２ ² Ⅳ ٤.٣٢ 4٫32'),
  ' 1',
  '1 ',
  '1\n',
  '\n1',
  '1\t',
  '1\r',
  '\u00a01',
  '1\u200b',
];

const dates: readonly string[] = [
  ...words(
    '1800 1799 2200 2201 0000 9999 10000 975 0975 1975 -1975 1975- infinity now today epoch',
  ),
  ...words('1975-01 1975-12 1975-00 1975-13 1975-1 1799-12 2200-12 2201-01 1975-12- 1975-1a'),
  ...words('2000-02-29 1900-02-29 2023-02-29 2024-02-29 2024-02-30 1975-04-30 1975-04-31'),
  ...words('1975-01-31 1975-01-32 1975-04-00 1975-4-3 19750403 1975/04/03 1975-04-03T00 1975.04'),
  ...words('1799-12-31 1800-01-01 2200-12-31 2201-01-01 03/04/1975 ١٩٧٥ １９７５-04 1975-０4-03'),
  '1975-04-03 ',
  ' 1975',
  '1975\n',
  '1975-04-03\n',
];

const identifiers: readonly string[] = [
  ...words('035094812781 35094812781 0350948127811 03509481278O -35094812781 ٠٣٥٠٩٤٨١٢٧٨١'),
  ...words('H52 h52 H5 H521 52H H52. H52.03.01 H52..1 .H52 H52.abc H52.03- Ĥ52 H٥٢ H52.Ấ Đ52'),
  ...words('H52.ABCDEFGHIJ H52.ABCDEFGHIJK H52.0123456789.0123456789.012345678'),
  ...words('H52.0123456789.0123456789.0123456789 H52.0123456789.0123456789.0123456789.0'),
  '035094812781\n',
  'H52\n',
  'H52 .01',
];

// é, ệ and others composed and decomposed, singletons, exclusions, marks out of order, Hangul
const texts: readonly string[] = [
  'Nguyễn Văn Đức',
  'Nguyễn Văn Đức'.normalize('NFD'),
  'e\u0301',
  'e\u0323\u0302',
  'e\u0302\u0323',
  'ê\u0323',
  'ẹ\u0302',
  '\u0301',
  '\u0344',
  '\u0340',
  '\u0958',
  '\ufb1d',
  '\u212b',
  '\u2126',
  '\u1100\u1161\u11a8',
  '\uac00\u11a8',
  '\uac01',
  'ﬁ',
  '\u{1d15e}',
  '\u{2f800}',
  '\u{11099}\u{110ba}',
  'a\u0327\u0301\u0327',
  ...Array.from({ length: 33 }, (_, i) => `a${String.fromCodePoint(i === 0 ? 0x7f : i)}b`),
  ...Array.from({ length: 34 }, (_, i) => `a${String.fromCodePoint(0x7f + i)}b`),
  '\u200b',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\ud7ff',
  '\ue000',
  '\u{1f600}',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '\u{10ffff}',
  ' ',
  '\\',
  '\\N',
  '\\.',
  "'",
  '"; --',
  'null',
  'NULL',
  '%s',
  '$1',
];

const general: readonly string[] = ['', ...numbers, ...dates, ...identifiers, ...texts];

/** Values at and around the bounds of a field's own type. */
function boundValues({ type }: Field): readonly string[] {
  switch (type.kind) {
    case 'text':
      return [type.max - 1, type.max, type.max + 1].flatMap((length) => [
        'x'.repeat(length),
        'ệ'.repeat(length),
        '\u{1f600}'.repeat(length),
        'e\u0301'.repeat(Math.ceil(length / 2)),
        `${'x'.repeat(length - 1)}\n`,
      ]);
    case 'integer':
      return [type.min, type.max].flatMap((bound) =>
        [bound - 1, bound, bound + 1].flatMap((n) => [String(n), `0${n}`, `+${n}`, `${n}.0`]),
      );
    case 'decimal':
      return [type.precision - type.scale, type.precision].flatMap((whole) =>
        [0, type.scale, type.scale + 1].map(
          (scale) => '9'.repeat(whole) + (scale === 0 ? '' : `.${'9'.repeat(scale)}`),
        ),
      );
    case 'code':
      return shippedBook
        .entries(type.list)

        .filter((entry, i) => i < 40 || entry.to !== undefined)
        .slice(0, 80)
        .flatMap(({ code, vi }) => [code, ` ${code}`, `${code} `, `0${code}`, code.slice(1), vi]);
    case 'partial-date':
    case 'pin':
    case 'unit-code':
      return [];
  }
}

/** Dates at and around the bounds of an entry's validity, and what is no date at all. */
const eventsOf = ({ from, to }: CodeEntry): readonly string[] =>
  [from, to].flatMap((day) =>
    day === undefined ? [] : [day, day.slice(0, 7), day.slice(0, 4), `${day.slice(0, 9)}9`],
  );

const someEvents: readonly string[] = [
  ...words('1800 1950 2020 2025 2025-06 2025-07 2025-06-30 2025-07-01 2026-04-29 2026-04-30 2200'),
  ...words('abc abcd 1 20 202 20255 2025-1 2025-13 2025-06-31 9999 0000 ~ ٢٠٢٥ \u{1f600} +2025 '),
];

/** Every value that PostgreSQL can hold; for U+0000 and lone surrogates see the last test. */
const storable = (value: string): boolean => value.isWellFormed() && !value.includes('\0');

const alphabet = '0123456789.-+eE/ HGab\u0301\u0323ê\u00a0\n\u{1f600}\u0663';
const anyValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), maxLength: 14 }),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: 3, maxLength: 13 }),
  fc.stringMatching(/^[12][0-9]{3}(-[01][0-9](-[0-3][0-9])?)?$/u),
  fc.stringMatching(/^[A-H][0-9]{2}(\.[0-9A-Z]{0,11}){0,4}$/u),
  fc.stringMatching(/^[-+]?[0-9]{0,15}[.,]?[0-9]{0,4}$/u),
);

/** Good values for the required fields, so that a row's other values decide whether it is stored. */
const bases = new Map<string, DraftRow>();
for (const draft of population({ seed: 1, agency: 'H52', size: 400, today: '2026-11-21' })) {
  for (const [name, rows] of Object.entries(draft.sections)) {
    const [row] = rows;
    if (row !== undefined) bases.set(name, row);
  }
}

const requiredValues = (section: Section): DraftRow =>
  Object.fromEntries(
    section.fields
      .filter((field) => field.required)
      .map((field) => [field.name, bases.get(section.name)?.[field.name] ?? '']),
  );

/** Rows that try a value in one field, with a date where the field's codes depend on one. */
function rowsFor(section: Section, field: Field): readonly DraftRow[] {
  const base = requiredValues(section);
  const drawn = fc.sample(anyValue, { seed: seed + field.tag, numRuns: 60 });
  const values = [...general, ...boundValues(field), ...drawn].filter(storable);
  const { asOf, type } = field;
  const alone = values.map((value): DraftRow => ({ ...base, [field.name]: value }));
  if (asOf === undefined || type.kind !== 'code') return alone;
  const dated = shippedBook
    .entries(type.list)

    .filter((entry, i) => i < 12 || entry.from !== undefined || entry.to !== undefined)
    .slice(0, 90)
    .flatMap((entry) =>
      [...eventsOf(entry), ...someEvents].map((event): DraftRow => ({
        ...base,
        [field.name]: entry.code,
        [asOf]: event,
      })),
    );
  return [...alone, ...dated];
}

/** Rows in which every field has some value of the corpus, or none. */
function mixedRows(section: Section): readonly DraftRow[] {
  const row = fc.record(
    Object.fromEntries(
      section.fields.map((field) => [
        field.name,
        fc.option(fc.oneof(anyValue, fc.constantFrom(...general, ...boundValues(field)))),
      ]),
    ),
  );
  return fc
    .sample(row, { seed: seed + section.tag, numRuns: 150 })
    .map((values) =>
      Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) =>
          value === null || !storable(value) ? [] : [[name, value]],
        ),
      ),
    );
}

const corpusOf = (section: Section): readonly DraftRow[] => [
  {},
  ...section.fields.flatMap((field) => rowsFor(section, field)),
  ...mixedRows(section),
];

const recordId = (n: number): string =>
  `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** What TypeScript says of a row: `field code` for each fault. */
const faultsInTypeScript = (section: Section, row: DraftRow): readonly string[] =>
  section.fields.flatMap((field) => {
    const event = field.asOf === undefined ? null : (row[field.asOf] ?? null);
    const fault = faultOf(field, row[field.name] ?? null, { codes: shippedBook, event });
    return fault === undefined ? [] : [`${field.name} ${fault.code}`];
  });

type SqlFault = {
  readonly record_id: string;
  readonly section: number;
  readonly field: string;
  readonly code: string;
};

async function faultsInSql(
  { client }: Tx,
  section: Section,
): Promise<ReadonlyMap<string, readonly SqlFault[]>> {
  const { rows } = await client.query<SqlFault>(
    sectionFaultsSql(section, `staged_${section.name}`),
  );
  return Map.groupBy(rows, (row) => row.record_id);
}

const profileSql = `create schema profile;
create table profile.record (record_id uuid primary key);
insert into profile.record
  select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
  from generate_series(0, 99999) n;
${sectionTablesSql({ schema: 'profile', sections, withAgency: false })}`;

async function stage(tx: Tx, section: Section, rows: readonly DraftRow[]): Promise<void> {
  const table = `staged_${section.name}`;
  const columns = [...keyColumns(section), ...fieldColumns(section)];
  const list = columns
    .map((name) => `${name} ${name === 'record_id' ? 'uuid' : 'text'}`)
    .join(', ');
  await tx.client.query(`create table ${table} (${list})`);
  const lines = rows.map((row, i) =>
    copyLine(
      columns.map((name) =>
        name === 'record_id' ? recordId(i) : name === 'ordinal' ? '1' : (row[name] ?? null),
      ),
    ),
  );
  expect(await copyIn(tx, `${table} (${columns.join(', ')})`, lines)).toBe(rows.length);
  await tx.client.query(`analyze ${table}`);
}

/** Stores the staged rows that have no fault in the unit's own table; returns their number. */
async function storeGood({ client }: Tx, section: Section): Promise<number> {
  const faults = `select record_id from (${sectionFaultsSql(section, `staged_${section.name}`)}) f`;
  const values = section.fields.map((field) => `nullif(${field.name}, '')::${sqlType(field)}`);
  const ordinal = section.many ? ['1'] : [];
  const { rowCount } = await client.query(
    `with stored as (
       insert into profile.${section.name} (${[...keyColumns(section), ...fieldColumns(section)].join(', ')})
       select ${['record_id', ...ordinal, ...values].join(', ')} from staged_${section.name}
       where record_id not in (${faults}) returning 1)
     select from stored`,
  );
  return rowCount ?? 0;
}

test('TypeScript and SQL find the same faults in every field of every section', async () => {
  await using server = await openTestDatabase();
  await using database = openDatabase(server.url, { max: 1, applicationName: 'checks test' });
  const disagreements: unknown[] = [];
  const codesSeen = new Set<string>();
  let compared = 0;
  await transaction(database, async (tx) => {
    await tx.client.query(catalogueSchemaSql);
    await loadCodeLists(tx);
    await tx.client.query('analyze catalogue.code_value');
    await tx.client.query(profileSql);
    for (const section of sections) {
      const corpus = corpusOf(section);
      await stage(tx, section, corpus);
      const found = await faultsInSql(tx, section);
      // what the checks let through is what the tables take
      expect(await storeGood(tx, section)).toBe(corpus.length - found.size);
      corpus.forEach((row, i) => {
        const faults = found.get(recordId(i)) ?? [];
        const sql = faults.map(({ field, code }) => `${field} ${code}`).toSorted();
        const typeScript = faultsInTypeScript(section, row).toSorted();
        compared += section.fields.length;
        for (const fault of faults) codesSeen.add(fault.code);
        if (sql.join() === typeScript.join()) return;
        const onlySql = sql.filter((one) => !typeScript.includes(one));
        const onlyTypeScript = typeScript.filter((one) => !sql.includes(one));
        disagreements.push({
          section: section.name,
          onlySql,
          onlyTypeScript,
          row: JSON.stringify(row),
        });
      });
      expect(new Set([...found.values()].flat().map((fault) => fault.section))).toEqual(
        new Set([section.tag]),
      );
    }
  });
  expect(disagreements.slice(0, 5)).toEqual([]);
  expect(compared).toBeGreaterThan(100_000);
  // every kind of fault was met, so the comparison was not one of silence with silence
  expect([...codesSeen].toSorted()).toEqual([
    'code_not_valid_then',
    'code_unknown',
    'date_format',
    'number_format',
    'number_range',
    'pin_format',
    'required',
    'text_illegal',
    'text_too_long',
    'unit_code_format',
  ]);
});

test('what PostgreSQL cannot hold as text is refused before it gets there', () => {
  const fields = sections
    .flatMap((one) => one.fields)
    .filter((field) => field.type.kind === 'text');
  for (const value of ['a\0b', '\ud83d', 'a\udc00b', '\ude00\ud83d']) {
    const codes = fields.map(
      (field) => faultOf(field, value, { codes: shippedBook, event: null })?.code,
    );
    expect(new Set(codes)).toEqual(new Set(['text_illegal']));
  }
});
