import { expect, test } from 'vitest';

import { sections } from './catalogue/catalogue.ts';
import { codeListNames } from './catalogue/code-list-names.ts';
import { dictionaryMarkdown } from './dictionary.ts';

const page = dictionaryMarkdown();

/** Cells of the rows of all tables on the page, without their padding. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(2, -2)
      .split(/(?<!\\)\|/u)
      .map((cell) => cell.trim()),
  );

test('every section, field and code list has a row', () => {
  const named = rows.map((row) => `${row[0]} ${row[1]}`);
  const first = new Set(rows.map((row) => row[0]));
  for (const section of sections) {
    expect(named).toContain(`${section.tag} \`${section.name}\``);
    for (const field of section.fields) expect(named).toContain(`${field.tag} \`${field.name}\``);
  }
  for (const name of codeListNames) expect(first).toContain(`\`${name}\``);
});

test('every entry of the 109-field list is on the page', () => {
  const entries = new Set(
    rows.filter((row) => row.length === 10).flatMap((row) => (row[9] ?? '').split(', ')),
  );
  const all = Array.from({ length: 109 }, (_, i) => String(i + 1));
  const missing = all.filter((entry) => !entries.has(entry));
  expect(missing).toEqual([]);
});

test('a field tells its type, owner, restriction and the date of its codes', () => {
  expect(rows).toContainEqual([
    '9',
    '`birth_place_code`',
    'Mã nơi sinh',
    'Place of birth, code',
    'code of `DVHC`',
    '',
    'population',
    '1',
    '`birth_date`',
    '5',
  ]);
});

test('every table has as many cells in each row as in its head', () => {
  const lines = page.split('\n');
  const uneven = lines.filter((line, i) => {
    const above = lines[i - 1] ?? '';
    return line.startsWith('| ') && above.startsWith('| ') && line.length !== above.length;
  });
  expect(uneven).toEqual([]);
});
