/** `sync.link`: who this node is, and its last hello with the hub. One row. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type Link = {
  readonly agency: string;
  readonly hubAddress: string | null;
  readonly hubAudience: Buffer | null;
  readonly hubSigningKey: string | null;
  readonly hubIncarnation: bigint;
  readonly epoch: bigint;
  readonly lineageToken: Buffer;
  readonly helloNonce: Buffer | null;
  readonly helloAt: Date | null;
  readonly nightSlot: string | null;
  readonly clockSkewMs: bigint | null;
  readonly batchRecordsMax: number;
  readonly receivedSeq: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly hubBundleKey: Buffer | null;
};

export async function readLink(db: Db): Promise<Link | undefined> {
  const { rows } = await sql<Link>`
    select agency, hub_address, hub_audience, hub_signing_key, hub_incarnation, epoch, lineage_token,
      hello_nonce, hello_at, night_slot, clock_skew_ms, batch_records_max, received_seq, applied_seq,
      safe_seq, hub_bundle_key
    from sync.link`.execute(db);
  return rows[0];
}

/** Gives the database its agency, once. Returns the agency that it has. */
export async function claimDatabase(db: Db, agency: string): Promise<string> {
  const { rows } = await sql<{ agency: string }>`
    insert into sync.link (agency) values (${agency})
    on conflict (only_row) do update set agency = sync.link.agency returning agency`.execute(db);
  return rows[0]?.agency ?? agency;
}

export async function recordHub(
  db: Db,
  hub: { readonly address: string; readonly audience: Uint8Array; readonly signingKey: string },
): Promise<void> {
  await sql`update sync.link set hub_address = ${hub.address},
    hub_audience = ${Buffer.from(hub.audience)}, hub_signing_key = ${hub.signingKey}`.execute(db);
}

/** Stored before the hello leaves: a repeat after a crash is told from a second machine. */
export async function recordHelloNonce(db: Db, nonce: Uint8Array): Promise<void> {
  await sql`update sync.link set hello_nonce = ${Buffer.from(nonce)}`.execute(db);
}

/** The hub has answered it, and will never welcome it. */
export async function forgetHelloNonce(db: Db): Promise<void> {
  await sql`update sync.link set hello_nonce = null`.execute(db);
}

export async function recordHelloAnswer(
  db: Db,
  answer: {
    readonly hubIncarnation: bigint;
    readonly epoch: bigint;
    readonly lineageToken: Uint8Array;
    readonly nightSlot: string;
    readonly clockSkewMs: bigint;
    readonly batchRecordsMax: number;
    /** Empty where the hub told none. */
    readonly bundleKey: Uint8Array;
  },
): Promise<void> {
  await sql`update sync.link set hub_incarnation = ${answer.hubIncarnation},
    epoch = ${answer.epoch}, lineage_token = ${Buffer.from(answer.lineageToken)},
    night_slot = ${answer.nightSlot}, clock_skew_ms = ${answer.clockSkewMs},
    batch_records_max = ${answer.batchRecordsMax}, hello_nonce = null, hello_at = now(),
    hub_bundle_key = coalesce(nullif(${Buffer.from(answer.bundleKey)}, ''::bytea), hub_bundle_key)`.execute(
    db,
  );
}

/** How far the hub says that it is; it only ever goes forward within one incarnation. */
export async function recordProgress(
  db: Db,
  progress: {
    readonly hubIncarnation: bigint;
    readonly receivedSeq: bigint;
    readonly appliedSeq: bigint;
    readonly safeSeq: bigint;
  },
): Promise<void> {
  await sql`update sync.link set received_seq = greatest(received_seq, ${progress.receivedSeq}),
    applied_seq = greatest(applied_seq, ${progress.appliedSeq}),
    safe_seq = greatest(safe_seq, ${progress.safeSeq})
    where hub_incarnation = ${progress.hubIncarnation}`.execute(db);
}
