import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import type { Verdict } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { openNodePlace } from '../../../test/support/test-node.ts';
import { recordId } from '../../../test/support/test-records.ts';
import { openVerdicts, resolveVerdicts, storeVerdicts } from './mirror.ts';

const id = recordId(16);
const verdict = (version: bigint, code: string): Verdict => ({
  recordId: id,
  version,
  seq: 1n,
  faults: [{ code, section: 0, field: '' }],
});

test('only the newest version that was held back is put into the log again, and its record travels whole', async () => {
  await using place = await openNodePlace('H52');
  await using database = openDatabase(place.url, { max: 1, applicationName: 'mirror' });
  const { db, pool } = database;
  await pool.query(`insert into sync.record (record_id, kind, version, present)
    values ('${id}', 2, 3, true)`);
  const logged = async (): Promise<number | null> =>
    (await pool.query('select from sync.change_log')).rowCount;
  // a newer one is sealed by now, and has a verdict of its own
  await storeVerdicts(db, [verdict(2n, 'held_back')]);
  expect(await logged()).toBe(0);
  expect((await pool.query('select whole_next from sync.record')).rows).toEqual([
    { whole_next: true },
  ]);
  // a value can be mended by people only
  await storeVerdicts(db, [verdict(3n, 'code_unknown')]);
  expect(await logged()).toBe(0);
  await storeVerdicts(db, [verdict(3n, 'held_back')]);
  expect(await logged()).toBe(1);
});

test('a refusal is a task until the mirror has the record mended, or it is deleted here', async () => {
  await using place = await openNodePlace('H52');
  await using database = openDatabase(place.url, { max: 1, applicationName: 'mirror' });
  const { db, pool } = database;
  await pool.query(`insert into sync.record (record_id, kind, version, present)
    values ('${id}', 2, 3, true)`);
  const openAfter = async (change: string): Promise<number> => {
    await pool.query(change);
    await resolveVerdicts(db);
    const open = (await openVerdicts(db)).length;
    await pool.query('update sync.verdict set resolved_at = null');
    return open;
  };
  await storeVerdicts(db, [verdict(2n, 'code_unknown')]);
  // sealed anew, and nobody knows yet what the hub says to it
  expect(await openAfter('select')).toBe(1);
  const mirrored = (version: number): string =>
    `insert into national.record (record_id, kind, version) values ('${id}', 2, ${version})
     on conflict (record_id) do update set version = excluded.version`;
  expect(await openAfter(mirrored(2))).toBe(1);
  expect(await openAfter(mirrored(3))).toBe(0);
  await pool.query(`update sync.record set present = false`);
  expect(await openAfter(mirrored(1))).toBe(1);
  expect(await openAfter('delete from national.record')).toBe(0);
});
