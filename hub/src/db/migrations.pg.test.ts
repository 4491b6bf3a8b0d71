import { nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { openTestDatabase } from '../../../test/support/database.ts';
import { migrateHub } from '../hub.ts';

test('the tables of a fresh hub are those of the catalogue, and migrating again changes nothing', async () => {
  await using place = await openTestDatabase();
  await using database = openDatabase(place.url, { max: 2, applicationName: 'test' });
  expect((await migrateHub(database)).length).toBeGreaterThan(3);
  expect(await migrateHub(database)).toEqual([]);
  const { rows } = await sql<{ tableName: string; columnName: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = 'national' and table_name not in ('record', 'sealed')
    order by table_name, ordinal_position`.execute(database.db);
  const expected = nationalSections
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((section) =>
      [
        'record_id',
        ...(section.many ? ['ordinal'] : []),
        'agency',
        ...section.fields.map((f) => f.name),
      ].map((column) => `${section.name}.${column}`),
    );
  expect(rows.map((row) => `${row.tableName}.${row.columnName}`)).toEqual(expected);
});
