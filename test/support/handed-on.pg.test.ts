import { expect, test } from 'vitest';

import { withClient } from '../services/postgres-databases.ts';
import { handOn } from './handed-on.ts';

const databases = handOn('handed_on', (url) =>
  withClient(url, async (client) => {
    await client.query(`
      create schema catalogue;
      create table catalogue.list (name text);
      insert into catalogue.list values ('one'), ('two');
      create table thing (id bigint generated always as identity, name text, bytes bytea, at timestamptz);
      insert into thing (name, bytes, at) values ('it''s "a"', '\\x00ff', '2026-11-01');
      create table empty_one (thing bigint);
      create table a_log (id bigint);
      create table z_log (id bigint);
      create function log() returns trigger language plpgsql as
        'begin insert into a_log values (old.id); insert into z_log values (old.id); return old; end';
      create trigger log before delete on thing for each row execute function log();
      alter table thing enable always trigger log;
      create function tell() returns trigger language plpgsql as 'begin return new; end';
      create trigger tell before insert on thing for each row execute function tell();
      alter table thing enable always trigger tell`);
  }),
);

const run = (url: string, statement: string): Promise<readonly unknown[]> =>
  withClient(url, async (client) => (await client.query(statement)).rows);
const everything = `select (select jsonb_agg(t) from thing t) as things,
  (select count(*)::integer from empty_one) + (select count(*)::integer from a_log)
    + (select count(*)::integer from z_log) as others`;

test('what a test wrote is gone when the next one takes the database, and numbers begin anew', async () => {
  const first = await databases.take();
  const before = await run(first.url, everything);
  await run(
    first.url,
    `insert into thing (name) values ('more'), ('and more'); update thing set name = 'other';
     insert into empty_one values (1)`,
  );
  await first[Symbol.asyncDispose]();
  await using second = await databases.take();
  expect(second.url).toBe(first.url);
  expect(await run(second.url, everything)).toEqual(before);
  expect(await run(second.url, `insert into thing (name) values ('next') returning id`)).toEqual([
    { id: '2' },
  ]);
});

test.each([
  'alter table thing enable trigger tell',
  'drop trigger tell on thing',
  `create or replace function tell() returns trigger language plpgsql as 'begin return null; end'`,
  'alter table thing add column more text',
  'alter table thing add check (id > 0)',
  'create table other_one (a integer)',
  'create schema other_one',
  `update catalogue.list set name = 'three' where name = 'two'`,
  'grant select on thing to pg_monitor',
])('a database is not handed on after: %s', async (statement) => {
  const first = await databases.take();
  await run(first.url, statement);
  await first[Symbol.asyncDispose]();
  await using second = await databases.take();
  expect(second.url).not.toBe(first.url);
  await expect(run(first.url, everything)).rejects.toThrow(/does not exist/u);
});

test('two that are out at the same time are two, and a connection that was left open is ended', async () => {
  await using first = await databases.take();
  const second = await databases.take();
  expect(second.url).not.toBe(first.url);
  await withClient(second.url, async (client) => {
    await client.query('begin; lock table thing');
    await second[Symbol.asyncDispose]();
    await expect(client.query('select 1')).rejects.toThrow(/terminat|connection/iu);
  });
});
