import { expect, test } from 'vitest';

import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { publishTotals } from '../../../hub/src/sync/receive-totals.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person, pinOf } from '../../../test/support/test-records.ts';
import { sealAll } from '../../../test/support/whole-sync.ts';
import { pushBatches } from './push-batches.ts';
import { type SyncPhase, synchronise } from './synchronise.ts';
import { verifyState } from './verify.ts';

const soon = { proofTimeoutMs: 20_000 };

test('a synchronisation ends with its own marker back, and says what it did', async () => {
  await using pair = await openPair();
  const { node } = pair;
  await putRecords(node.database, [...tree, person(16, pinOf(16))]);
  const phases: SyncPhase[] = [];
  const result = await synchronise(node, {
    ...soon,
    onProgress: ({ phase, done, total }) => {
      expect(done).toBeLessThanOrEqual(total);
      if (phases.at(-1) !== phase) phases.push(phase);
    },
  });
  expect(result).toEqual({
    recordsSealed: 3,
    batchesSent: 1,
    feedEntries: 4,
    marker: expect.stringMatching(/^[0-9a-f-]{36}$/u),
  });
  expect(phases).toEqual(['hello', 'seal', 'push', 'totals', 'pull']);
  const { rows } = await node.database.pool.query(
    'select proof_marker, proof_at is not null as proved from sync.feed_position',
  );
  expect(rows).toEqual([{ proof_marker: result.marker, proved: true }]);
  // with nothing to say the round trip is proved all the same
  const again = await synchronise(node, soon);
  expect(again).toMatchObject({ recordsSealed: 0, batchesSent: 1, feedEntries: 1 });
});

test('a node drops the content of a batch once the hub has called it safe, and keeps the rest of it', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  await putRecords(node.database, tree);
  await synchronise(node, soon);
  await hub.database.pool.query('update registry.unit set safe_seq = 1');
  const kept = `select seq, content is null as dropped, receipt is null as unreceipted
    from sync.outbox_batch order by seq`;
  const batch = { unreceipted: false, dropped: false };
  const before = await node.database.pool.query(kept);
  expect(before.rows).toEqual([{ ...batch, seq: 1n }]);
  await synchronise(node, soon);
  const { rows } = await node.database.pool.query(kept);
  expect(rows).toEqual([
    { ...batch, seq: 1n, dropped: true },
    { ...batch, seq: 2n },
  ]);
});

test('without the proof it ends in an error although all was sent, and a later run proves it', async () => {
  await using pair = await openPair({ applies: false });
  const { node } = pair;
  await putRecords(node.database, tree);
  await expect(synchronise(node, { proofTimeoutMs: 300 })).rejects.toMatchObject({
    code: 'NODE_SYNC_TIMEOUT',
  });
  const { rows } = await node.database.pool.query(
    'select count(*) from sync.outbox_batch where receipted_at is null',
  );
  expect(rows).toEqual([{ count: 0n }]);
  await applyBatches(pair.hub, 'H52');
  pair.server.applies = true;
  await synchronise(node, soon);
  await publishTotals(pair.hub);
  expect(await verifyState(node)).toMatchObject({ comparable: false });
  await synchronise(node, soon);
  expect(await verifyState(node)).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true });
});

test('the logs of node and hub at debug level name nobody, refusals and failures included', async () => {
  await using pair = await openPair({ logLevel: 'debug' });
  const { node, hub, server } = pair;
  const fields = { full_name: 'Nguyễn Văn Kín', other_names: 'Bí Danh' };
  await putRecords(node.database, [
    ...tree,
    person(16, pinOf(16), { fields }),
    person(17, pinOf(17), { fields: { ...fields, sex: '7' } }),
    // the same person twice: the second is held
    person(18, pinOf(16), { fields }),
  ]);
  await synchronise(node, soon);
  const { rows } = await node.database.pool.query('select code from sync.verdict order by 1');
  expect(rows).toEqual([{ code: 'code_unknown' }, { code: 'pin_held_elsewhere' }]);

  // the database's own words, with a row's values in message, detail and hint
  await hub.database.pool.query(`create function public.tell() returns trigger language plpgsql as
    $$begin raise exception 'row of % is bad', '${pinOf(16)}'
      using detail = 'Nguyễn Văn Kín', hint = 'Bí Danh', errcode = '23514'; end$$;
    create trigger tell before insert on sync.inbox
      for each row execute function public.tell()`);
  await node.database.pool.query(`update profile.identity set religion = '02'`);
  await sealAll(node);
  const failure: unknown = await pushBatches(node).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'NODE_HUB_REFUSED' });
  node.log.warn({ err: failure }, 'push failed');
  await hub.database.pool.query(`drop trigger tell on sync.inbox; create trigger tell
    before update on national.record for each row execute function public.tell()`);
  await pushBatches(node);
  await server.settled();
  expect(server.faults).toHaveLength(1);
  hub.log.error({ err: server.faults[0] }, 'apply failed');
  const broken: unknown = await node.database.pool
    .query(`insert into profile.identity select * from profile.identity`)
    .catch((error: unknown) => error);
  node.log.error({ err: broken }, 'write failed');

  const logs = node.logged() + hub.logged();
  for (const message of ['request failed', 'push failed', 'apply failed', 'write failed']) {
    expect(logs).toContain(message);
  }
  expect(logs).not.toMatch(/001080|Nguyễn|Kín|Bí Danh/u);
  expect(String(failure)).not.toMatch(/001080|Nguyễn|Kín|Bí Danh/u);
});
