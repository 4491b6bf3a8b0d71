import type { ReachTable } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { createSigningKeyPair, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { policy, policyBody } from '@lienthong/shared-schema/wire/messages.ts';
import { reachesToWire } from '@lienthong/shared-schema/wire/policy-reaches.ts';
import { expect, test } from 'vitest';

import { appendToEveryFeed } from '../../../hub/src/db/feed.ts';
import { setPolicy } from '../../../hub/src/sync/set-policy.ts';
import {
  policyOf,
  logged,
  names,
  openSyncedPair,
  equal,
} from '../../../test/support/policy-pair.ts';
import { type Pair } from '../../../test/support/test-node.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { readFeedPosition } from '../db/feed-position.ts';
import { policyStatus } from './policy-status.ts';
import { pullFeed } from './pull-feed.ts';
import { verifyState } from './verify.ts';

type Crafted = {
  readonly version?: bigint;
  readonly audience?: Buffer;
  readonly reaches?: ReachTable;
  readonly forged?: boolean;
};

/** A policy as the hub, or somebody else, might put it on the feed. */
async function craft({ hub }: Pair, crafted: Crafted): Promise<void> {
  const {
    version = 2n,
    audience = hub.audience,
    reaches = policyOf({ training: 'unit' }),
  } = crafted;
  const body = policyBody.encode({
    hubIncarnation: 1n,
    version,
    audience,
    reaches: reachesToWire(reaches),
    asOf: '2026-09-01',
  });
  const key = crafted.forged === true ? createSigningKeyPair().privateKey : hub.signingKey;
  const signature = signBytes(key, domains.policy, body);
  await appendToEveryFeed(hub.database.db, {
    kind: 'policy',
    body: policy.encode({ body, signature }),
  });
}

const unfit: readonly (readonly [string, Crafted])[] = [
  ['that the hub did not sign', { forged: true }],
  ['of another hub', { audience: Buffer.alloc(32, 7) }],
  ['of the version in force and other bytes', { version: 1n }],
  ['that narrows a head section', { reaches: policyOf({ identity: 'unit' }) }],
];

test('a policy that is forged or does not fit is refused, and nothing of its page is taken', async () => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  await setPolicy(hub, policyOf({ salary: 'sealed' }));
  await pullFeed(node);
  await syncPair(pair);
  const { cursor } = await readFeedPosition(node.database.db);
  for (const [what, crafted] of unfit) {
    await craft(pair, crafted);
    await expect(pullFeed(node), what).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
    expect((await readFeedPosition(node.database.db)).cursor, what).toBe(cursor);
    expect(await policyStatus(node.database.db), what).toEqual({
      policyVersion: '1',
      narrowed: { salary: 'sealed' },
    });
    expect(await logged(pair, names), what).toEqual([]);
    // the next one comes in its place
    await hub.database.pool.query(`with taken as (
        update registry.unit set feed_head = feed_head - 1 returning agency, feed_head)
      delete from sync.feed_entry e using taken t
      where e.agency = t.agency and e.position > t.feed_head`);
  }
});

test('an older policy, and the one in force again, change nothing', async () => {
  await using pair = await openSyncedPair();
  const { hub, node } = pair;
  await setPolicy(hub, policyOf({ training: 'unit' }));
  await setPolicy(hub, policyOf({ salary: 'sealed' }));
  await pullFeed(node);
  await syncPair(pair);
  await craft(pair, { version: 1n, reaches: policyOf({ training: 'sealed' }) });
  await hub.database.pool.query(`with moved as (
      update registry.unit set feed_head = feed_head + 1 returning agency, feed_head)
    insert into sync.feed_entry (agency, position, kind, body)
    select m.agency, m.feed_head, 'policy', e.body from moved m
    join sync.feed_entry e on e.agency = m.agency and e.position = (
      select position from sync.feed_entry where kind = 'policy'
      order by position desc limit 1 offset 1)`);
  await pullFeed(node);
  expect(await policyStatus(node.database.db)).toEqual({
    policyVersion: '2',
    narrowed: { salary: 'sealed' },
  });
  expect(await logged(pair, names)).toEqual([]);
  expect(await verifyState(node)).toMatchObject(equal);
});
