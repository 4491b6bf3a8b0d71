import { expect, test } from 'vitest';

import { openTestDatabase } from '../../../test/support/database.ts';
import { sections } from '../catalogue/catalogue.ts';
import type { Section } from '../catalogue/types.ts';
import { population } from '../population/population.ts';
import { copyIn, copyOut } from '../runtime/copy.ts';
import { openDatabase, transaction } from '../runtime/database.ts';
import { catalogueSchemaSql } from './catalogue-schema.ts';
import { copyLine, draftToCopyRows, parseCopyLine } from './copy-text.ts';
import { fieldColumns, keyColumns } from './names.ts';
import { sectionTablesSql } from './tables.ts';

const columnsOf = (section: Section): string =>
  [...keyColumns(section), ...fieldColumns(section)].join(', ');

const recordId = (n: number): string =>
  `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

test('a population of 2,000 goes into the tables of a unit, and comes out with the same bytes', async () => {
  await using server = await openTestDatabase();
  await using database = openDatabase(server.url, { max: 1, applicationName: 'copy-text test' });
  const lines = new Map<string, string[]>(sections.map((section) => [section.name, []]));
  const records: string[] = [];
  for (const draft of population({ seed: 5, agency: 'H18', size: 2000, today: '2026-11-21' })) {
    const id = recordId(records.length + 1);
    records.push(copyLine([id]));
    for (const { section, line } of draftToCopyRows(draft, id)) lines.get(section)?.push(line);
  }
  await transaction(database, async (tx) => {
    await tx.client.query(catalogueSchemaSql);
    await tx.client.query('create schema profile');
    await tx.client.query('create table profile.record (record_id uuid primary key)');
    await tx.client.query(sectionTablesSql({ schema: 'profile', sections, withAgency: false }));
    expect(await copyIn(tx, 'profile.record (record_id)', records)).toBe(records.length);
    for (const section of sections) {
      const made = lines.get(section.name) ?? [];
      const target = `profile.${section.name} (${columnsOf(section)})`;
      expect(await copyIn(tx, target, made)).toBe(made.length);
      const order = keyColumns(section).join(', ');
      const stored = await copyOut(
        tx,
        `select ${columnsOf(section)} from profile.${section.name} order by ${order}`,
      );
      expect(stored.bytes.toString('utf8') === made.join('')).toBe(true);
    }
  });
});

test('PostgreSQL reads a line as it was meant, and writes the same line', async () => {
  const texts = [
    'a\tb',
    'a\nb',
    'a\r\nb',
    '\\',
    '\\N',
    '\\.',
    '',
    '\b\f\v',
    "'",
    '😀 ư ơ',
    '\u0001\u007f',
  ];
  await using server = await openTestDatabase();
  await using database = openDatabase(server.url, { max: 1, applicationName: 'copy-text test' });
  const made = texts.map((text, n) => copyLine([String(n), text, n % 2 === 0 ? null : text]));
  await transaction(database, async (tx) => {
    await tx.client.query('create table word (n integer, text text, other text)');
    await copyIn(tx, 'word', made);
    const { rows } = await tx.client.query<{ text: string }>('select text from word order by n');
    expect(rows.map((row) => row.text)).toEqual(texts);
    const stored = (await copyOut(tx, 'select * from word order by n')).bytes.toString('utf8');
    expect(stored).toBe(made.join(''));
    expect(
      stored
        .trimEnd()
        .split('\n')
        .map((line) => parseCopyLine(line)[1]),
    ).toEqual(texts);
  });
});
