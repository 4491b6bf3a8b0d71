/** The reach policies that this node took from its feed. The newest is in force. */

import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { type ReachTable, shippedReaches } from '@lienthong/shared-schema/rules/reach-policy.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { policyBody } from '@lienthong/shared-schema/wire/messages.ts';
import { reachesFromWire } from '@lienthong/shared-schema/wire/policy-reaches.ts';
import { sql } from 'kysely';

import type { HeldPolicy } from '../protocol/policy.ts';

/** Version 0 with the shipped default where none was taken. */
export async function readPolicy(db: Db): Promise<HeldPolicy> {
  const { rows } = await sql<{ hubIncarnation: bigint; version: bigint; body: Buffer }>`
    select hub_incarnation, version, body from sync.policy
    order by hub_incarnation desc, version desc limit 1`.execute(db);
  const [newest] = rows;
  if (newest === undefined) {
    return { hubIncarnation: 0n, version: 0n, reaches: shippedReaches, body: new Uint8Array(0) };
  }
  return { ...newest, reaches: reachesFromWire(policyBody.decode(newest.body).reaches) };
}

/** The table of one version, as the newest hub signed it; undefined where it was never taken. */
export async function policyReaches(db: Db, version: bigint): Promise<ReachTable | undefined> {
  if (version === 0n) return shippedReaches;
  const { rows } = await sql<{ body: Buffer }>`
    select body from sync.policy where version = ${version}
    order by hub_incarnation desc limit 1`.execute(db);
  const [row] = rows;
  return row === undefined ? undefined : reachesFromWire(policyBody.decode(row.body).reaches);
}

export async function storePolicy(
  db: Db,
  taken: {
    readonly hubIncarnation: bigint;
    readonly version: bigint;
    readonly body: Uint8Array;
    readonly signature: Uint8Array;
  },
): Promise<void> {
  await sql`insert into sync.policy (hub_incarnation, version, body, signature)
    values (${taken.hubIncarnation}, ${taken.version}, ${Buffer.from(taken.body)},
      ${Buffer.from(taken.signature)})`.execute(db);
}

/**
 * Puts the records that the hub is meant to have, and that have rows in one of the sections, into the
 * log again under these sections. The caller holds the sealer's lock: a seal that read the old policy
 * is over, so what it took is seen here, and the next one reads the new policy.
 */
export async function relogSections(db: Db, sections: readonly Section[]): Promise<void> {
  if (sections.length === 0) return;
  const keys = sections.map(
    ({ name, tag }) => `select k.record_id, ${tag}, 'n'::"char" from sync.record k
      where k.present and exists (select 1 from profile.${name} s where s.record_id = k.record_id)`,
  );
  await sql`insert into sync.change_log (record_id, section, origin)
    ${sql.raw(keys.join('\nunion all\n'))}`.execute(db);
}
