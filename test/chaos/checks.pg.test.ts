/** The checks of a run under faults, tried on faults that are planted: each must be found, and named. */

import { randomStream } from '@lienthong/shared-schema/population/random.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { withClient } from '../services/postgres-databases.ts';
import { openPair, type Pair } from '../support/test-node.ts';
import { syncPair } from '../support/whole-sync.ts';
import { checkUnit, type Findings } from './checks.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { prepareUnit, write } from './writers.ts';

const agency = 'H52';
const committedMin = 30;
let pair: Pair;
let ledger: Ledger;

beforeAll(async () => {
  pair = await openPair({ logLevel: 'error' });
  const stop = new AbortController();
  const kept = openLedger();
  ledger = {
    ...kept,
    note(...noted) {
      kept.note(...noted);
      const undone = kept.tokens('rolled back').length;
      if (kept.tokens('committed').length >= committedMin && undone > 0) stop.abort();
    },
  };
  await prepareUnit(agency, pair.place.url, 1);
  await write({
    agency,
    databaseUrl: pair.place.url,
    unit: 1,
    number: 1,
    random: randomStream(5, 1),
    ledger,
    pauseMs: { min: 0, max: 5 },
    signal: stop.signal,
  });
  ledger.note('failed', new Map(), 'rolled back');
  await syncPair(pair);
  // records that travel a second time, so that versions are more than 1
  await withClient(pair.place.url, (client) =>
    client.query('update profile.identity set ethnic_group = ethnic_group'),
  );
  await syncPair(pair);
});

afterAll(() => pair[Symbol.asyncDispose]());

const check = (): Promise<Findings> =>
  checkUnit({ agency, hub: pair.hub.url, node: pair.place.url }, ledger);

/** Does it, looks, and takes it back. */
async function withPlanted(
  side: 'hub' | 'node',
  statement: string,
  undo: string,
): Promise<Findings> {
  const url = side === 'hub' ? pair.hub.url : pair.place.url;
  const act = (text: string): Promise<unknown> => withClient(url, (client) => client.query(text));
  await act(statement);
  try {
    return await check();
  } finally {
    await act(undo);
  }
}

const clean = { lost: [], duplicated: [], leaked: [], unequal: [] };

test('after a run without a fault nothing is found', async () => {
  expect(ledger.latest().size).toBeGreaterThan(5);
  expect(await check()).toMatchObject(clean);
});

const aPerson = '(select min(record_id::text)::uuid from national.identity)';

test.each([
  [
    'a value at the hub that is not the last one that was committed',
    'hub',
    `update national.identity set other_names = 'cũ ' || other_names where record_id = ${aPerson}`,
    `update national.identity set other_names = substr(other_names, 4) where record_id = ${aPerson}`,
    { lost: /not at the hub as committed/u, unequal: /differs/u },
  ],
  [
    'a value in the mirror that is another than at the hub',
    'node',
    `update national.identity set other_names = 'H52 ' || other_names where record_id = ${aPerson}`,
    `update national.identity set other_names = substr(other_names, 5) where record_id = ${aPerson}`,
    { lost: /not at the mirror as committed/u, unequal: /national.identity differs/u },
  ],
  [
    'a commit that the node has lost',
    'node',
    "update chaos.outcome set token = 'x' || token where token = (select min(token) from chaos.outcome)",
    "update chaos.outcome set token = substr(token, 2) where token like 'x%'",
    { lost: /committed transactions are gone/u },
  ],
  [
    'a transaction that failed and is there',
    'node',
    `insert into chaos.outcome (token) values ('failed')`,
    `delete from chaos.outcome where token = 'failed'`,
    { lost: /transactions that failed are there/u },
  ],
  [
    'a sealed section that is not the last one that was committed',
    'node',
    `insert into profile.planning (record_id, planned_title)
     select record_id, 'cũ' from profile.identity on conflict (record_id)
       do update set planned_title = 'cũ ' || planning.planned_title`,
    `delete from profile.planning where planned_title = 'cũ';
     update profile.planning set planned_title = substr(planned_title, 4)`,
    { lost: /has not the sealed section as committed/u },
  ],
  [
    'a record that was applied once too often',
    'hub',
    `update national.record set version = version + 1 where record_id = ${aPerson}`,
    `update national.record set version = version - 1 where record_id = ${aPerson}`,
    { duplicated: /versions differ/u },
  ],
  [
    'another receipt for a batch',
    'node',
    "update sync.outbox_batch set receipt = receipt || '\\x00'::bytea where seq = 1",
    'update sync.outbox_batch set receipt = substr(receipt, 1, length(receipt) - 1) where seq = 1',
    { duplicated: /receipts differ/u },
  ],
  [
    'a marker that came twice',
    'hub',
    `with head as (update registry.unit set feed_head = feed_head + 2 returning feed_head)
     insert into sync.feed_entry (agency, position, kind, body)
     select 'H52', feed_head - n, 'marker', '\\x01'::bytea from head, generate_series(0, 1) n`,
    `with head as (update registry.unit set feed_head = feed_head - 2)
     delete from sync.feed_entry where kind = 'marker'`,
    { duplicated: /a marker came 2 times/u },
  ],
  [
    'a position that the feed lacks',
    'hub',
    `update sync.feed_entry set position = position + 1
     where position = (select max(position) from sync.feed_entry)`,
    `update sync.feed_entry set position = position - 1
     where position = (select max(position) from sync.feed_entry)`,
    { duplicated: /the feed has a gap/u },
  ],
  [
    'a second history of a batch',
    'hub',
    `insert into sync.fork_evidence (agency, seq, header, signature) values ('H52', 1, '', '')`,
    'delete from sync.fork_evidence',
    { duplicated: /a second history of batch 1/u },
  ],
  [
    'a batch that is another one at the hub',
    'hub',
    'update sync.inbox set header_hash = sha256(header_hash) where seq = 1',
    'update sync.inbox set header_hash = sha256(header) where seq = 1',
    { duplicated: /batches or receipts differ/u },
  ],
  [
    'outcomes of a batch that do not add up',
    'hub',
    'update sync.inbox set records_accepted = records_accepted - 1 where seq = 1',
    'update sync.inbox set records_accepted = records_accepted + 1 where seq = 1',
    { duplicated: /does not add up/u },
  ],
  [
    'a value of another unit in the mirror',
    'node',
    `update national.identity set other_names = 'H17' || substr(other_names, 4) where record_id = ${aPerson}`,
    `update national.identity set other_names = 'H52' || substr(other_names, 4) where record_id = ${aPerson}`,
    { leaked: /a value of another unit/u },
  ],
  [
    'a record in the mirror that was never sealed',
    'node',
    `insert into national.record (record_id, kind, version)
     values ('01900000-0000-7000-8000-00000000ffff', 2, 1)`,
    `delete from national.record where record_id = '01900000-0000-7000-8000-00000000ffff'`,
    { leaked: /is in the mirror and was never sealed here/u },
  ],
  [
    'a record of another unit in the feed',
    'hub',
    `insert into registry.unit (agency, name, slot) values ('H17', 'Đơn vị khác', '0 0 1 * * *');
     update national.record set agency = 'H17' where record_id = ${aPerson}`,
    `update national.record set agency = 'H52' where record_id = ${aPerson};
     delete from registry.unit where agency = 'H17'`,
    { leaked: /of a record of another unit/u },
  ],
] as const)('%s is found', async (_title, side, statement, undo, expected) => {
  const found = await withPlanted(side, statement, undo);
  for (const [what, pattern] of Object.entries(expected)) {
    expect(found[what as keyof typeof clean].join('\n')).toMatch(pattern);
  }
  expect(await check()).toMatchObject(clean);
});
