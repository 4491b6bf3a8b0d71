/**
 * The reach policy at the hub. Whoever writes rows of units to `national` reads it by
 * `policyInForce`, which shares a lock; setting a policy takes that lock alone. So no row that a new
 * policy forbids is written beside the removal of such rows.
 */

import { sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import {
  effectiveReach,
  type ReachTable,
  sectionsOfReach,
  shippedReaches,
} from '@lienthong/shared-schema/rules/reach-policy.ts';
import { type Db, lockName } from '@lienthong/shared-schema/runtime/database.ts';
import { stageSealed } from '@lienthong/shared-schema/sql/sealed.ts';
import { stageTable } from '@lienthong/shared-schema/sql/staging.ts';
import { policy, policyBody } from '@lienthong/shared-schema/wire/messages.ts';
import { reachesFromWire } from '@lienthong/shared-schema/wire/policy-reaches.ts';
import { sql } from 'kysely';

import { takeFeedPositions } from './units.ts';

const policyLock = 'reach policy';

export type HubPolicy = {
  /** 0: the shipped default. */
  readonly version: bigint;
  /** The incarnation of the hub that signed it; the default is of the first. */
  readonly hubIncarnation: bigint;
  readonly reaches: ReachTable;
  /** `YYYY-MM-DD`; empty at version 0. */
  readonly asOf: string;
};

type StoredPolicy = {
  readonly version: bigint;
  readonly body: Buffer;
  readonly signature: Buffer;
  readonly asOf: string;
};

async function newestPolicy(db: Db): Promise<StoredPolicy | undefined> {
  const { rows } = await sql<StoredPolicy>`
    select version, body, signature, as_of from sync.policy order by version desc limit 1`.execute(
    db,
  );
  return rows[0];
}

/** The policy as it is at this moment, or in the snapshot of a repeatable-read transaction. */
export async function readPolicy(db: Db): Promise<HubPolicy> {
  const newest = await newestPolicy(db);
  if (newest === undefined) {
    return { version: 0n, hubIncarnation: 1n, reaches: shippedReaches, asOf: '' };
  }
  const { hubIncarnation, reaches } = policyBody.decode(newest.body);
  const { version, asOf } = newest;
  return { version, hubIncarnation, reaches: reachesFromWire(reaches), asOf };
}

/** The policy for a transaction that writes to `national`: it stays in force until that ends. */
export async function policyInForce(db: Db): Promise<ReachTable> {
  await lockName(db, policyLock, 'share');
  return (await readPolicy(db)).reaches;
}

/** The policy for the transaction that replaces it: waits for all who write under it. */
export async function policyToReplace(db: Db): Promise<HubPolicy> {
  await lockName(db, policyLock, 'wait');
  return readPolicy(db);
}

export async function storePolicy(
  db: Db,
  made: {
    readonly version: bigint;
    readonly body: Uint8Array;
    readonly signature: Uint8Array;
    readonly asOf: string;
  },
): Promise<void> {
  await sql`insert into sync.policy (version, body, signature, as_of)
    values (${made.version}, ${Buffer.from(made.body)}, ${Buffer.from(made.signature)},
      ${made.asOf})`.execute(db);
}

/**
 * Puts the policy in force on the feed of a unit that is being activated, unless it was told before:
 * a unit that comes back has its old feed.
 */
export async function tellPolicy(db: Db, agency: string): Promise<void> {
  await lockName(db, policyLock, 'share');
  const newest = await newestPolicy(db);
  if (newest === undefined) return;
  const body = policy.encode({ body: newest.body, signature: newest.signature });
  const { rows } = await sql`select from sync.feed_entry
    where agency = ${agency} and kind = 'policy' and body = ${body}`.execute(db);
  if (rows.length > 0) return;
  const base = await takeFeedPositions(db, agency, 1);
  await sql`insert into sync.feed_entry (agency, position, kind, body)
    values (${agency}, ${base + 1n}, 'policy', ${body})`.execute(db);
}

/**
 * Empties the staging of what the policy does not let the hub hold: plain rows of a section that is
 * narrowed, payloads of one that is not sealed. A node that has not heard of the policy yet sends
 * such; it sends the records again once it has. Returns the tags of `staged` that keep their rows.
 */
export async function dropBeyondReach(
  db: Db,
  reaches: ReachTable,
  staged: readonly number[],
): Promise<readonly number[]> {
  const sealed = sectionsOfReach('sealed', reaches).map((section) => section.tag);
  await sql`delete from ${sql.raw(stageSealed)}
    where section <> all(${sealed}::smallint[])`.execute(db);
  const kept: number[] = [];
  for (const tag of staged) {
    const section = sectionByTag(tag);
    if (section === undefined || effectiveReach(section, reaches) === 'national') kept.push(tag);
    else await sql`delete from ${sql.raw(stageTable(section))}`.execute(db);
  }
  return kept;
}
