/**
 * Writers that change a node's tables as people, programs and a DBA do, all at once: single and
 * many rows, COPY, upserts, cascades, savepoints, rollbacks, pauses while a transaction is open.
 * What is rolled back carries a text that must never travel.
 */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

import { recordId } from './test-records.ts';

/** In every value that is rolled back. */
export const undoneText = 'Đã huỷ';
const keptText = 'Giữ lại';

export type StormCounts = { committed: number; rolledBack: number; failed: number };

/** People of the storm have the numbers from here on, `people` of them. */
const firstPerson = 1_000;

export type StormOptions = {
  readonly writers: number;
  /** Writers contend for this many records. */
  readonly people: number;
  readonly signal: AbortSignal;
};

/** Runs until the signal aborts; every transaction is ended by then. */
export async function runStorm(
  { pool }: Pick<Database, 'pool'>,
  options: StormOptions,
): Promise<StormCounts> {
  const counts: StormCounts = { committed: 0, rolledBack: 0, failed: 0 };
  await Promise.all(
    Array.from({ length: options.writers }, async () => {
      const client = await pool.connect();
      try {
        while (!options.signal.aborted) await writeOnce(client, options.people, counts);
      } finally {
        client.release();
      }
    }),
  );
  return counts;
}

/** Errors that writers get in each other's way with: foreign key, unique, deadlock. */
const collisions = new Set(['23503', '23505', '40P01']);

async function writeOnce(
  client: pg.PoolClient,
  people: number,
  counts: StormCounts,
): Promise<void> {
  const undone = Math.random() < 0.15;
  try {
    await client.query('begin');
    for (let left = 1 + below(4); left > 0; left--) {
      await actOnce(client, people, undone);
      await sleep(Math.random() < 0.05 ? below(300) : below(10));
    }
    await client.query(undone ? 'rollback' : 'commit');
    if (undone) counts.rolledBack += 1;
    else counts.committed += 1;
  } catch (error) {
    await client.query('rollback');
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!collisions.has(code)) throw error;
    counts.failed += 1;
  }
}

async function actOnce(client: pg.PoolClient, people: number, undone: boolean): Promise<void> {
  if (Math.random() >= 0.15) {
    await anyAct()(client, people, undone ? undoneText : keptText);
    return;
  }
  await client.query('savepoint inner_one');
  await anyAct()(client, people, undoneText);
  await client.query('rollback to savepoint inner_one');
}

type Act = (client: pg.PoolClient, people: number, text: string) => Promise<unknown>;

const anyAct = (): Act => acts[below(acts.length)] ?? insertPerson;
const below = (n: number): number => Math.floor(Math.random() * n);
const anyId = (people: number): string => recordId(firstPerson + below(people));
const marked = (text: string): string => `${text} ${below(1_000_000)}`;

/** A record that was deleted comes back under its own id. */
async function insertPerson(client: pg.PoolClient, people: number, text: string): Promise<void> {
  const n = firstPerson + below(people);
  const id = recordId(n);
  const { rowCount } = await client.query(
    'insert into profile.record (record_id, kind) values ($1, 2) on conflict do nothing',
    [id],
  );
  if (rowCount === 0) return;
  await client.query(
    `insert into profile.identity (record_id, pin, full_name, other_names, birth_date, sex, ethnic_group)
     values ($1, $2, 'Người Thử', $3, '1980', '1', '01')`,
    [id, `001080${String(n).padStart(6, '0')}`, marked(text)],
  );
  await client.query(
    `insert into profile.employment (record_id, object_class, employing_unit, managing_unit, status)
     values ($1, '2', 'H52.01', 'H52.01', '1')`,
    [id],
  );
}

const updateIdentity: Act = (client, people, text) =>
  client.query('update profile.identity set other_names = $2 where record_id = $1', [
    anyId(people),
    marked(text),
  ]);

const upsertEmployment: Act = (client, people, text) =>
  client.query(
    `insert into profile.employment
       (record_id, staff_number, object_class, employing_unit, managing_unit, status)
     values ($1, $2, '2', 'H52.01', 'H52', '1')
     on conflict (record_id) do update set staff_number = excluded.staff_number`,
    [anyId(people), marked(text)],
  );

const upsertPositions: Act = (client, people, text) =>
  client.query(
    `insert into profile.position (record_id, title)
     select record_id, $2 from profile.record where record_id = any ($1) order by record_id
     on conflict (record_id) do update set title = excluded.title`,
    [Array.from({ length: 1 + below(20) }, () => anyId(people)), marked(text)],
  );

/** A sealed section: it travels as ciphertext. */
const upsertPlanning: Act = (client, people, text) =>
  client.query(
    `insert into profile.planning (record_id, planned_title) values ($1, $2)
     on conflict (record_id) do update set planned_title = excluded.planned_title`,
    [anyId(people), marked(text)],
  );

const updateMany: Act = (client, people, text) =>
  client.query(`update profile.training set field_of_study = $2 where record_id = any ($1)`, [
    Array.from({ length: 1 + below(20) }, () => anyId(people)),
    marked(text),
  ]);

const upsertTraining: Act = (client, people, text) =>
  client.query(
    `insert into profile.training (record_id, ordinal, institution) values ($1, $2, $3)
     on conflict (record_id, ordinal) do update set institution = excluded.institution`,
    [anyId(people), 1 + below(6), marked(text)],
  );

const deleteTraining: Act = (client, people) =>
  client.query('delete from profile.training where record_id = $1', [anyId(people)]);

const deletePosition: Act = (client, people) =>
  client.query('delete from profile.position where record_id = $1', [anyId(people)]);

const deleteRecord: Act = (client, people) =>
  client.query('delete from profile.record where record_id = $1', [anyId(people)]);

const hideOrShow: Act = (client, people) =>
  client.query(
    'update profile.record set state_secret = not state_secret where record_id = $1 and kind = 2',
    [anyId(people)],
  );

/** The section that makes a record exist goes and comes back within one transaction. */
const replaceIdentity: Act = async (client, people, text) => {
  const { rows } = await client.query<{ record_id: string; pin: string }>(
    'delete from profile.identity where record_id = $1 returning record_id, pin',
    [anyId(people)],
  );
  await sleep(below(5));
  for (const row of rows) {
    await client.query(
      `insert into profile.identity (record_id, pin, full_name, other_names, birth_date, sex, ethnic_group)
       values ($1, $2, 'Người Thử', $3, '1981', '0', '02')`,
      [row.record_id, row.pin, marked(text)],
    );
  }
};

const copyTraining: Act = async (client, people, text) => {
  const lines = Array.from(
    { length: 1 + below(10) },
    () => `${anyId(people)}\t${100 + below(1_000_000)}\t${marked(text)}\n`,
  );
  await pipeline(
    Readable.from(lines),
    client.query(copyFrom('copy profile.training (record_id, ordinal, institution) from stdin')),
  );
};

const acts: readonly Act[] = [
  insertPerson,
  insertPerson,
  updateIdentity,
  updateIdentity,
  upsertEmployment,
  upsertPositions,
  upsertPlanning,
  updateMany,
  upsertTraining,
  upsertTraining,
  deleteTraining,
  deletePosition,
  deleteRecord,
  hideOrShow,
  replaceIdentity,
  copyTraining,
];
