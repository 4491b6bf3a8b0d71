/** A record closed, opened again, removed and put back at the node, each in the journal. */
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { putRecords, tree } from '../../../test/support/node-records.ts';
import { type NodePlace, openNodePlace } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { closePerson, removePerson, reopenPerson, restorePerson } from './record-life.ts';

let place: NodePlace;
let database: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  place = await openNodePlace('H52');
  database = openDatabase(place.url, { max: 2, applicationName: 'record-life-test' });
  await putRecords(database, tree);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const today = '2026-11-22';

async function query(text: string): Promise<readonly (readonly unknown[])[]> {
  const { rows } = await database.pool.query<unknown[]>({ text, rowMode: 'array' });
  return rows;
}

test('a person leaves, is counted no more, comes back into the same record; each is in the journal', async () => {
  const id = recordId(500);
  await putRecords(database, [person(500, '014085000500', { fields: { birth_date: '1964-05' } })]);
  const by = 'Phòng Tổ chức';
  const closing = { status: '3', date: '2026-05-31', decision: '12/QĐ-SNV' };
  const close = (record: string, more = {}) =>
    closePerson(database, { record, by, today, closing: { ...closing, ...more } });
  expect(await close('014085000500')).toEqual({ recordId: id, changed: true });
  expect(await close(id)).toEqual({ recordId: id, changed: false });
  const life = () =>
    query(`select status, status_date, status_decision from profile.employment
    where record_id = '${id}'`);
  expect(await life()).toEqual([['3', '2026-05-31', '12/QĐ-SNV']]);
  await expect(close(id, { status: '1' })).rejects.toMatchObject({ code: 'NODE_STATUS_INVALID' });
  await expect(close(id, { date: '1963' })).rejects.toMatchObject({
    code: 'NODE_STATUS_DATE_INVALID',
  });
  await putRecords(database, [person(501, '014085000500')]);
  await expect(reopenPerson(database, { record: id, by })).rejects.toMatchObject({
    code: 'NODE_RECORD_TAKEN',
  });
  await removePerson(database, { record: recordId(501), by, reason: 'lập trùng' });
  expect(await reopenPerson(database, { record: '014085000500', by })).toEqual({
    recordId: id,
    changed: true,
  });
  expect(await life()).toEqual([['1', null, null]]);
  await expect(restorePerson(database, { recordId: recordId(501), by })).rejects.toMatchObject({
    code: 'NODE_RECORD_TAKEN',
  });
  await close(id, { status: '5', date: '2026-06' });
  expect(await restorePerson(database, { recordId: recordId(501), by })).toMatchObject({
    changed: true,
  });
  expect(
    await query(`select action, decided_by, details -> 'to' ->> 'status' from intake.decision
      where record_id in ('${id}', '${recordId(501)}') order by id`),
  ).toEqual([
    ['close', by, '3'],
    ['remove', by, null],
    ['reopen', by, null],
    ['close', by, '5'],
    ['restore', by, null],
  ]);
  await expect(
    removePerson(database, { record: recordId(777), by, reason: '-' }),
  ).rejects.toMatchObject({
    code: 'NODE_RECORD_UNKNOWN',
  });
});

test('of several closed records with one number none is closed otherwise by the number', async () => {
  const pin = '014085000650';
  await putRecords(database, [
    person(650, pin, { status: '2' }),
    person(651, pin, { status: '4' }),
  ]);
  const closing = { status: '5', date: '2026', decision: null };
  await expect(
    closePerson(database, { record: pin, by: 'Một', today, closing }),
  ).rejects.toMatchObject({
    code: 'NODE_RECORD_AMBIGUOUS',
    message: expect.stringContaining(`${recordId(650)}, ${recordId(651)}`),
  });
});
