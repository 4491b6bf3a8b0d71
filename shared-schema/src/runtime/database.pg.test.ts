import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { openTestDatabase } from '../../../test/support/database.ts';
import { openDatabase } from './database.ts';

const names = [
  'timezone',
  'datestyle',
  'intervalstyle',
  'bytea_output',
  'client_encoding',
  'synchronous_commit',
  'jit',
  'work_mem',
];

async function settingsOf(url: string): Promise<Readonly<Record<string, string>>> {
  await using database = openDatabase(url, { max: 1, applicationName: 'settings' });
  const { rows } = await sql<{ name: string; value: string }>`
    select n as name, current_setting(n) as value from unnest(${names}::text[]) n`.execute(
    database.db,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

test('I4: a commit is durable, and a row has the same text, whatever the server and the URL say', async () => {
  await using place = await openTestDatabase();
  const plain = await settingsOf(place.url);
  expect(plain).toMatchObject({
    timezone: 'UTC',
    datestyle: expect.stringMatching(/^ISO/u),
    intervalstyle: 'iso_8601',
    bytea_output: 'hex',
    client_encoding: 'UTF8',
    synchronous_commit: 'on',
    jit: 'off',
  });
  {
    await using database = openDatabase(place.url, { max: 1, applicationName: 'defaults' });
    const name = new URL(place.url).pathname.slice(1);
    for (const setting of [
      `timezone = 'Asia/Ho_Chi_Minh'`,
      `datestyle = 'German'`,
      `intervalstyle = 'postgres'`,
      `bytea_output = 'escape'`,
      `client_encoding = 'LATIN1'`,
      'synchronous_commit = off',
      'jit = on',
    ]) {
      await database.pool.query(`alter database ${name} set ${setting}`);
    }
  }
  expect(await settingsOf(place.url)).toEqual(plain);
  // what the operator adds is kept, but for what is pinned
  const url = new URL(place.url);
  url.searchParams.set(
    'options',
    '-c work_mem=5MB -c timezone=Europe/Paris -c synchronous_commit=off',
  );
  url.searchParams.set('client_encoding', 'LATIN1');
  expect(await settingsOf(url.href)).toEqual({ ...plain, work_mem: '5MB' });
});
