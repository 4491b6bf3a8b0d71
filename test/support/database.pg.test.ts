import { expect, test } from 'vitest';

import { createDatabase, dropDatabases, withClient } from '../services/postgres-databases.ts';
import { openTestDatabase, templateDatabase, testPostgres } from './database.ts';

async function listTables(url: string): Promise<readonly string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ tablename: string }>(
      `select tablename from pg_tables where schemaname = 'public' order by 1`,
    );
    return rows.map((row) => row.tablename);
  });
}

async function makeTable(url: string, name: string): Promise<void> {
  await withClient(url, (client) => client.query(`create table ${name} (a int)`));
}

test('two test databases share nothing', async () => {
  await using first = await openTestDatabase();
  await using second = await openTestDatabase();
  await makeTable(first.url, 'only_here');
  expect(await listTables(first.url)).toEqual(['only_here']);
  expect(await listTables(second.url)).toEqual([]);
});

test('a test database is gone after dispose, even with a connection open', async () => {
  const database = await openTestDatabase();
  await withClient(database.url, async (client) => {
    await client.query('select 1');
    await database[Symbol.asyncDispose]();
  });
  await expect(listTables(database.url)).rejects.toThrow(/does not exist/);
});

test('a template is prepared once, however many ask at the same time, and copies are independent', async () => {
  let prepared = 0;
  const prepare = async (url: string): Promise<void> => {
    prepared += 1;
    await makeTable(url, 'prepared');
  };
  const names = await Promise.all([1, 2, 3, 4].map(() => templateDatabase('once', prepare)));
  expect(new Set(names).size).toBe(1);
  expect(prepared).toBe(1);
  const template = names[0] ?? '';
  const copies = await Promise.all([1, 2, 3, 4].map(() => openTestDatabase({ template })));
  try {
    await makeTable(copies[0]?.url ?? '', 'later');
    expect(await listTables(copies[0]?.url ?? '')).toEqual(['later', 'prepared']);
    expect(await listTables(copies[1]?.url ?? '')).toEqual(['prepared']);
  } finally {
    await Promise.all(copies.map((copy) => copy[Symbol.asyncDispose]()));
  }
});

test('a preparation that failed is not taken for a template: the next one begins afresh', async () => {
  const failing = templateDatabase('again', async (url) => {
    await makeTable(url, 'half');
    throw new Error('on purpose');
  });
  await expect(failing).rejects.toThrow('on purpose');
  const template = await templateDatabase('again', (url) => makeTable(url, 'whole'));
  await using copy = await openTestDatabase({ template });
  expect(await listTables(copy.url)).toEqual(['whole']);
});

test('dropping by prefix takes that prefix literally and nothing else', async () => {
  const { adminUrl, prefix } = testPostgres();
  await createDatabase(adminUrl, { name: `${prefix}mine_1` });
  const kept = await createDatabase(adminUrl, { name: `${prefix}minex1` });
  await dropDatabases(adminUrl, `${prefix}mine_`);
  expect(await listTables(kept)).toEqual([]);
  await dropDatabases(adminUrl, `${prefix}minex1`);
  await expect(listTables(kept)).rejects.toThrow(/does not exist/);
});
