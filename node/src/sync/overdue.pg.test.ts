import { decreeSince } from '@lienthong/shared-schema/calendar/due-table.ts';
import { salary } from '@lienthong/shared-schema/catalogue/career.ts';
import type { DuePage } from '@lienthong/shared-schema/runtime/due-changes.ts';
import { nextDuePage, readDueCursor } from '@lienthong/shared-schema/runtime/due-lines.ts';
import { addDays, hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { expect, test } from 'vitest';

import {
  countOverdue as countAtHub,
  listOverdue as listAtHub,
} from '../../../hub/src/sync/overdue.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair, type Pair, type TestNode } from '../../../test/support/test-node.ts';
import { person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { readLiveSince, setLiveSince } from '../db/live-since.ts';
import { relogSections } from '../db/policy.ts';
import { countOverdue, listOverdue } from './overdue.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';

const today = hanoiDay(Date.now());
/** Beyond any due day, Tết included. */
const longAgo = addDays(today, -30);

const edit = (node: TestNode, text: string, values: readonly unknown[] = []) =>
  node.database.pool.query(text, [...values]);

/** What waits to be sealed was noted long ago, as where the machine had no line. */
const noteLongAgo = (node: TestNode) =>
  edit(node, `update sync.change_log set noted_at = now() - interval '30 days'`);

const shown = (
  counts: readonly { kind: string; section: number; [name: string]: unknown }[],
): readonly string[] =>
  counts
    .map((one) =>
      [
        one['unit'],
        one.kind,
        one.section,
        `overdue ${String(one['overdue'])}`,
        `pending ${String(one['pending'])}`,
        `in time ${String(one['inTime'])}`,
        `late ${String(one['late'])}`,
      ].join(' '),
    )
    .toSorted();

const atNode = async (node: TestNode, unit?: string) =>
  shown((await countOverdue(node, { unit })).counts);
const atHub = async ({ hub }: Pair) => shown(await countAtHub(hub, 'H52'));

test('of each change both sides say how late it came, and of old data nothing', async () => {
  await using pair = await openPair({ now: new Date() });
  const { node, hub } = pair;
  const step = [{ step_since: '2019-03-01', coefficient: '3.00' }];
  await putRecords(node.database, [
    ...tree,
    person(3, pinOf(3), { more: { salary: step } }),
    person(4, pinOf(4)),
  ]);
  // the first load is old data, however long it takes
  await noteLongAgo(node);
  await sealAll(node, 'first');
  await pushBatches(node);
  await pair.server.settled();
  expect(await readLiveSince(node.database.db)).toBeUndefined();
  await pullFeed(node);
  expect(await readLiveSince(node.database.db)).toBe(today);
  expect(await atNode(node)).toEqual([]);
  expect(await atHub(pair)).toEqual([]);
  await setLiveSince(node.database.db, longAgo < decreeSince ? decreeSince : longAgo);

  // by hand, of an event that is long ago; by a program, of today; and of an event before the unit was live
  await edit(node, 'update profile.salary set step_since = $1', [addDays(today, -29)]);
  const client = await node.database.pool.connect();
  await client.query(`begin; select set_config('lienthong.origin', 's', true)`);
  await client.query('insert into profile.position (record_id, appointed_on) values ($1, $2)', [
    recordId(4),
    today,
  ]);
  await client.query('commit');
  client.release();
  await edit(
    node,
    `insert into profile.recruitment (record_id, first_recruited_on) values ($1, '2015-01-05')`,
    [recordId(4)],
  );
  await syncPair(pair);
  const counted = [
    'H52.01 elsewhere 23 overdue 0 pending 0 in time 0 late 1',
    'H52.01 system 21 overdue 0 pending 0 in time 1 late 0',
  ];
  expect(await atNode(node)).toEqual(counted);
  expect(await atHub(pair)).toEqual(counted);
  expect(await listAtHub(hub, { agency: 'H52', state: 'late', limit: 5 })).toMatchObject([
    { recordId: recordId(3), eventOn: addDays(today, -29), notedOn: today, arrivedOn: today },
  ]);

  // the date of the step is not new any more: what is mended now is of today
  await edit(node, 'update profile.salary set coefficient = 3.33');
  await relogSections(node.database.db, [salary]);
  await syncPair(pair);
  // and what is only sent again is no change
  await relogSections(node.database.db, [salary]);
  await syncPair(pair);
  const mended = [
    'H52.01 elsewhere 23 overdue 0 pending 0 in time 1 late 1',
    'H52.01 system 21 overdue 0 pending 0 in time 1 late 0',
  ];
  expect(await atNode(node)).toEqual(mended);
  expect(await atHub(pair)).toEqual(mended);
  expect(await atNode(node, 'H52')).toEqual(mended);
  expect(await atNode(node, 'H52.0')).toEqual([]);

  // a second change of the section on one day, late too, which a page may end before
  await edit(node, 'update profile.salary set step_since = $1', [addDays(today, -28)]);
  await syncPair(pair);
  const late = { state: 'late', limit: 1 } as const;
  for (const page of [
    (after: DuePage['after']) => listOverdue(node, { ...late, after }),
    (after: DuePage['after']) => listAtHub(hub, { agency: 'H52', ...late, after }),
  ]) {
    const [first = expect.fail('no page')] = await page(undefined);
    const [second = expect.fail('no second page')] = await page(first);
    expect([first, second].map((one) => [one.recordId, one.notedOn, one.eventOn])).toEqual([
      [recordId(3), today, addDays(today, -29)],
      [recordId(3), today, addDays(today, -28)],
    ]);
    expect(readDueCursor(nextDuePage([second], 1) ?? '')).toMatchObject({
      recordId: recordId(3),
      version: second.version,
    });
    expect(await page(second)).toEqual([]);
  }
});

test('a new record is due by its decision, then its declaration; what is refused or waits is overdue', async () => {
  await using pair = await openPair({ now: new Date() });
  const { node, hub } = pair;
  await putRecords(node.database, [...tree, person(3, pinOf(3))]);
  await sealAll(node, 'first');
  await pushBatches(node);
  await pair.server.settled();
  await pullFeed(node);
  await setLiveSince(node.database.db, longAgo);

  const joined = { recruitment: [{ joined_agency_on: addDays(today, -20) }] };
  await putRecords(node.database, [
    person(5, pinOf(5), { more: joined }),
    person(6, pinOf(6), { more: { recruitment: [{ joined_agency_on: '2012-01-01' }] } }),
  ]);
  await syncPair(pair);
  const created = 'H52.01 creation 10 overdue 0 pending 0 in time 0 late 1';
  expect(await atNode(node)).toEqual([
    created,
    'H52.01 declaration 15 overdue 0 pending 1 in time 0 late 0',
  ]);
  expect(await atHub(pair)).toEqual([created]);

  await edit(node, 'insert into profile.origin (record_id, prior_occupation) values ($1, $2)', [
    recordId(5),
    'Giáo viên',
  ]);
  await syncPair(pair);
  const declared = 'H52.01 declaration 15 overdue 0 pending 0 in time 1 late 0';
  expect(await atNode(node)).toEqual([created, declared]);
  expect(await atHub(pair)).toEqual([created, declared]);

  // refused at the hub: it came, and yet it is not there
  await edit(node, `update profile.employment set managing_unit = 'H52.77' where record_id = $1`, [
    recordId(3),
  ]);
  await noteLongAgo(node);
  await syncPair(pair);
  const refused = 'H52.01 elsewhere 11 overdue 1 pending 0 in time 0 late 0';
  expect(await atNode(node)).toEqual([created, declared, refused]);
  expect(await atHub(pair)).toEqual([created, declared, refused]);
  expect(await listOverdue(node, { state: 'overdue', limit: 5 })).toMatchObject([
    { recordId: recordId(3), kind: 'elsewhere', arrivedOn: null },
  ]);
  expect(await listAtHub(hub, { agency: undefined, state: 'overdue', limit: 5 })).toMatchObject([
    { recordId: recordId(3), unit: 'H52.01' },
  ]);

  await edit(node, `update profile.employment set managing_unit = 'H52.01' where record_id = $1`, [
    recordId(3),
  ]);
  await syncPair(pair);
  const accepted = 'H52.01 elsewhere 11 overdue 0 pending 0 in time 1 late 1';
  expect(await atNode(node)).toEqual([created, declared, accepted]);
  expect(await atHub(pair)).toEqual([created, declared, accepted]);

  // what a machine without a line could not seal
  await edit(node, `update profile.identity set full_name = 'Người Thử' where record_id = $1`, [
    recordId(3),
  ]);
  await noteLongAgo(node);
  expect(await atNode(node)).toContain('H52.01 elsewhere 10 overdue 1 pending 0 in time 0 late 0');
  expect(await atHub(pair)).toEqual([created, declared, accepted]);

  // who has become a state secret declares nothing to the hub any more
  await putRecords(node.database, [person(7, pinOf(7), { more: joined })]);
  await syncPair(pair);
  const pendingAt = async () => (await atNode(node)).filter((line) => line.includes('pending 1'));
  expect(await pendingAt()).toEqual(['H52.01 declaration 15 overdue 0 pending 1 in time 1 late 0']);
  await edit(node, 'update profile.record set state_secret = true where record_id = $1', [
    recordId(7),
  ]);
  expect(await pendingAt()).toEqual([]);
});
