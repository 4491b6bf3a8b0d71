import { setTimeout as sleep } from 'node:timers/promises';

import { compress, expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { feedHeader, feedPage } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { publishTotals } from '../../../hub/src/sync/receive-totals.ts';
import { openCuttingProxy } from '../../../test/support/cutting-proxy.ts';
import { manifestOf, openBatches, putRecords, tree } from '../../../test/support/node-records.ts';
import {
  openNodePlace,
  openPair,
  type Pair,
  startNode,
  type TestNode,
} from '../../../test/support/test-node.ts';
import { orgUnit, person, pinOf, recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { reportTotals } from './report-totals.ts';
import { ensureHello } from './say-hello.ts';

/** Two units and a person are applied at the hub and wait in the feed. */
async function openFedPair(): Promise<Pair> {
  const pair = await openPair();
  await putRecords(pair.node.database, [...tree, person(16, pinOf(1))]);
  await sealAll(pair.node);
  await pushBatches(pair.node);
  await pair.server.settled();
  return pair;
}

/** All that a pull may write. */
async function pulledState({ database }: TestNode): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select (select json_agg(r order by record_id) from national.record r) as records,
      (select json_agg(i order by record_id) from national.identity i) as identities,
      (select json_agg(u order by record_id) from national.org_unit u) as units,
      (select json_agg(v order by v.*::text) from sync.verdict v) as verdicts,
      (select json_agg(m order by marker) from sync.marker_seen m) as markers,
      (select json_agg(c order by number) from sync.checkpoint c) as checkpoints,
      (select json_agg(p) from sync.feed_position p) as position`,
  );
  return rows;
}

async function query<T extends object>(node: TestNode, text: string): Promise<readonly T[]> {
  const { rows } = await node.database.pool.query<T>(text);
  return rows;
}

test('a page that is cut in the middle changes nothing, and the next pull takes it whole', async () => {
  await using pair = await openFedPair();
  await using proxy = await openCuttingProxy(pair.server.port);
  await using node = await startNode(pair.server, pair.place, { port: proxy.port });
  await ensureHello(node);
  const before = await pulledState(node);
  proxy.cut = () => 200;
  await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  expect(proxy.cuts()).toBe(1);
  expect(await pulledState(node)).toEqual(before);
  proxy.cut = undefined;
  expect(await pullFeed(node)).toBe(3n);
  expect(await query(node, 'select pin from national.identity')).toEqual([{ pin: pinOf(1) }]);
});

test('I8: a page that is damaged, replayed or of another unit is refused and the mirror stays', async () => {
  await using pair = await openFedPair();
  const { node, server } = pair;
  await using otherPlace = await openNodePlace('H53');
  await using other = await startNode(server, otherPlace);
  await putRecords(other.database, [orgUnit(900, 'H53')]);
  await sealAll(other);
  await pushBatches(other);
  await server.settled();
  const foreign = await other.link.get('/sync/v1/feed?after=0');
  const first = await node.link.get('/sync/v1/feed?after=0');

  const refused = async (body: Buffer): Promise<void> => {
    const before = await pulledState(node);
    server.interfere = () => body;
    await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
    server.interfere = undefined;
    expect(await pulledState(node)).toEqual(before);
  };
  const damaged = (part: 'header' | 'signature' | 'content'): Buffer => {
    const page = feedPage.decode(first);
    const bytes = Buffer.from(page[part]);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    return feedPage.encode({ ...page, [part]: bytes });
  };
  const exchanged = async (): Promise<Buffer> => {
    const page = feedPage.decode(first);
    const { rawBytes } = feedHeader.decode(page.header);
    const raw = await expand(page.content, Number(rawBytes));
    const text = (raw ?? Buffer.alloc(0)).toString('latin1').replace(pinOf(1), pinOf(2));
    return feedPage.encode({ ...page, content: await compress(Buffer.from(text, 'latin1')) });
  };
  await ensureHello(node);
  await refused(foreign);
  // with our own progress beside it
  const { progress, progressSignature } = feedPage.decode(first);
  await refused(feedPage.encode({ ...feedPage.decode(foreign), progress, progressSignature }));
  await refused(await exchanged());
  await refused(damaged('header'));
  await refused(damaged('signature'));
  await refused(damaged('content'));
  await refused(Buffer.from('no page'));
  expect(await pullFeed(node)).toBe(3n);
  await refused(first);
  expect(await pullFeed(node)).toBe(0n);
});

test('a node that is killed while it writes a page has written nothing of it', async () => {
  await using pair = await openFedPair();
  const { node } = pair;
  await ensureHello(node);
  const before = await pulledState(node);
  const { pool } = node.database;
  await pool.query(`create function public.sleepy() returns trigger language plpgsql as
    $$begin perform pg_sleep(30); return new; end$$;
    create trigger sleepy before update on sync.feed_position
      for each row execute function public.sleepy()`);
  const killed = pullFeed(node).then(
    () => 'pulled',
    () => 'killed',
  );
  for (;;) {
    const { rowCount } = await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and wait_event = 'PgSleep'`,
    );
    if (rowCount === 1) break;
    await sleep(10);
  }
  expect(await killed).toBe('killed');
  await pool.query('drop trigger sleepy on sync.feed_position');
  expect(await pulledState(node)).toEqual(before);
  await using restarted = await startNode(pair.server, pair.place);
  expect(await pullFeed(restarted)).toBe(3n);
});

test('a crash between two pages: what was taken counts, and each entry is taken once', async () => {
  await using pair = await openFedPair();
  const { node, server, hub } = pair;
  await hub.database.pool.query(`with moved as (
      update registry.unit set feed_head = feed_head + 10500 returning feed_head - 10500 as base)
    insert into sync.feed_entry (agency, position, kind, body)
    select 'H52', base + g, 'marker', convert_to('marker ' || g, 'UTF8')
    from moved, generate_series(1, 10500) g`);
  let pages = 0;
  server.interfere = (path) => {
    if (!path.includes('/feed')) return undefined;
    pages += 1;
    return pages === 2 ? 'cut' : undefined;
  };
  await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNREACHABLE' });
  const cursor = `select cursor from sync.feed_position`;
  expect(await query(node, cursor)).toEqual([{ cursor: 10_000n }]);
  await using restarted = await startNode(server, pair.place);
  await ensureHello(restarted);
  // both get the same page before either applies it
  const both = Promise.withResolvers<void>();
  let asked = 0;
  server.interfere = async () => {
    asked += 1;
    if (asked === 2) both.resolve();
    await both.promise;
    return undefined;
  };
  const two = await Promise.all([pullFeed(node), pullFeed(restarted)]);
  expect(two[0] + two[1]).toBe(503n);
  expect(await query(node, cursor)).toEqual([{ cursor: 10_503n }]);
  expect(await query(node, 'select count(*) from sync.marker_seen')).toEqual([{ count: 10_500n }]);
});

test('a refusal becomes a task, the record travels whole the next time, and the task is done', async () => {
  await using pair = await openPair();
  const { node } = pair;
  const bad = person(16, pinOf(1), {
    fields: { sex: '7' },
    more: { salary: [{ step: '2' }] },
  });
  await putRecords(node.database, [...tree, bad]);
  await syncPair(pair);
  const open = `select record_id, version, section, field, code from sync.verdict
    where resolved_at is null`;
  expect(await query(node, open)).toEqual([
    { record_id: recordId(16), version: 1n, section: 10, field: 'sex', code: 'code_unknown' },
  ]);
  expect(await query(node, 'select from national.identity')).toEqual([]);
  // nothing is sent by itself: only people can mend it
  expect(await syncPair(pair)).toBe(0);
  await node.database.pool.query(`update profile.identity set sex = '1'`);
  await syncPair(pair);
  const last = (await openBatches(node.database)).at(-1);
  expect(last === undefined ? [] : manifestOf(last)).toMatchObject([{ version: 2, whole: true }]);
  expect(await query(node, open)).toEqual([]);
  expect(
    await query(
      node,
      'select sex, step from national.identity join national.salary using (record_id)',
    ),
  ).toEqual([{ sex: '1', step: 2 }]);
});

test('a change that was held back behind a refusal is sent again whole, without anybody asking', async () => {
  await using pair = await openPair();
  const { node } = pair;
  await putRecords(node.database, [
    ...tree,
    person(16, pinOf(1), { fields: { sex: '7' } }),
    person(17, pinOf(2), { fields: { sex: '8' } }),
  ]);
  await sealAll(node);
  // one is mended, the other only changed, both before the refusal is known here
  await node.database.pool.query(
    `update profile.identity set sex = '1' where record_id = '${recordId(16)}'`,
  );
  await node.database.pool.query(
    `update profile.employment set staff_number = 'A1' where record_id = '${recordId(17)}'`,
  );
  await sealAll(node);
  await pushBatches(node);
  await pair.server.settled();
  await pullFeed(node);
  expect(await sealAll(node)).toBe(2);
  expect(await syncPair(pair)).toBe(0);
  expect(
    await query(node, 'select record_id, version from national.record where kind = 2'),
  ).toEqual([{ record_id: recordId(16), version: 3n }]);
  expect(
    await query(
      node,
      `select record_id, version, code from sync.verdict where resolved_at is null`,
    ),
  ).toEqual([{ record_id: recordId(17), version: 3n, code: 'code_unknown' }]);
  // and it ends there: no endless resending of what stays refused
  expect(await syncPair(pair)).toBe(0);
});

test('a refused record that is deleted is no task any more', async () => {
  await using pair = await openPair();
  const { node } = pair;
  await putRecords(node.database, [...tree, person(16, pinOf(1), { fields: { sex: '7' } })]);
  await syncPair(pair);
  await node.database.pool.query(`delete from profile.record where kind = 2`);
  await syncPair(pair);
  expect(await query(node, 'select from sync.verdict where resolved_at is null')).toEqual([]);
});

test('I11: checkpoints are kept as a chain, and one that does not continue it is refused', async () => {
  await using pair = await openFedPair();
  const { node, hub } = pair;
  await makeCheckpoint(hub, '2026-11-19');
  await makeCheckpoint(hub, '2026-11-20');
  await pullFeed(node);
  expect(await query(node, 'select number from sync.checkpoint order by 1')).toEqual([
    { number: 1n },
    { number: 2n },
  ]);
  const before = await pulledState(node);
  // the hub rewrites its second day and goes on from there, all of it well signed
  await hub.database.pool.query(`update sync.checkpoint set body_hash = sha256('rewritten')
    where number = 2`);
  await makeCheckpoint(hub, '2026-11-21');
  await expect(pullFeed(node)).rejects.toMatchObject({
    code: 'NODE_HUB_UNTRUSTED',
    message: expect.stringContaining('checkpoint 3'),
  });
  expect(await pulledState(node)).toEqual(before);
});

test('I11: a checkpoint that comes again with other contents is refused', async () => {
  await using pair = await openFedPair();
  const { node, hub } = pair;
  await makeCheckpoint(hub, '2026-11-20');
  await pullFeed(node);
  await hub.database.pool.query('delete from sync.checkpoint');
  await makeCheckpoint(hub, '2026-11-21');
  await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
});

test('the totals of the nation are replaced by the newest ones', async () => {
  await using pair = await openFedPair();
  const { node, hub } = pair;
  const people = `select as_of, value, agencies from national.total
    where measure = 'people' and key = 'travelling'`;
  node.clock.now = new Date('2026-11-20T05:00:00Z');
  hub.clock.now = node.clock.now;
  await reportTotals(node);
  await publishTotals(hub);
  await pullFeed(node);
  expect(await query(node, people)).toEqual([{ as_of: '2026-11-20', value: 1n, agencies: 1 }]);
  await putRecords(node.database, [person(17, pinOf(2))]);
  node.clock.now = new Date('2026-11-20T17:00:00Z');
  hub.clock.now = node.clock.now;
  await reportTotals(node);
  await publishTotals(hub);
  await pullFeed(node);
  expect(await query(node, people)).toEqual([{ as_of: '2026-11-21', value: 2n, agencies: 1 }]);
});

test('a full disk at the node undoes the page whole, and the next pull takes it', async () => {
  await using pair = await openFedPair();
  const { node } = pair;
  await ensureHello(node);
  const before = await pulledState(node);
  await node.database.pool.query(`create function public.full_disk() returns trigger
      language plpgsql as
    $$begin raise exception 'no space left on device' using errcode = '53100'; end$$;
    create trigger full_disk before insert on national.identity
      for each row execute function public.full_disk()`);
  await expect(pullFeed(node)).rejects.toMatchObject({ code: '53100' });
  expect(await pulledState(node)).toEqual(before);
  await node.database.pool.query('drop trigger full_disk on national.identity');
  expect(await pullFeed(node)).toBe(3n);
});

test('a hub that has another incarnation since the last hello is greeted anew, and the pull goes on', async () => {
  await using pair = await openFedPair();
  const { node, server } = pair;
  await ensureHello(node);
  server.incarnation += 1n;
  expect(await pullFeed(node)).toBe(3n);
  const known = { hub_incarnation: server.incarnation };
  expect(await query(node, 'select hub_incarnation from sync.feed_position')).toEqual([known]);
  expect(await query(node, 'select hub_incarnation from sync.link')).toEqual([known]);
});

test('a hub that does not know our place in its feed any more is greeted anew at the next attempt', async () => {
  await using pair = await openFedPair();
  const { node, hub } = pair;
  await pullFeed(node);
  await hub.database.pool.query(`delete from sync.feed_entry; delete from national.record;
    delete from sync.inbox; update registry.unit
    set head_seq = 0, head_hash = '', applied_seq = 0, feed_head = 0`);
  await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_REFUSED' });
  await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_BEHIND' });
});

test('the hub says how far it is: received before it has applied, applied afterwards', async () => {
  await using pair = await openPair({ applies: false });
  const { node, hub } = pair;
  await putRecords(node.database, tree);
  await sealAll(node);
  await pushBatches(node);
  const progress = 'select received_seq, applied_seq from sync.link';
  expect(await query(node, progress)).toEqual([{ received_seq: 1n, applied_seq: 0n }]);
  await applyBatches(hub, 'H52');
  await pullFeed(node);
  expect(await query(node, progress)).toEqual([{ received_seq: 1n, applied_seq: 1n }]);
});
