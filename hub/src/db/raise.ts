/** What the raise of the incarnation changes in the registry. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

/**
 * Forgets what the last hellos gave, of every unit: the machine that has the hub's head, or more, and
 * speaks next is the unit. A hello that was answered before and comes once more is none of them.
 * Frozen units stay frozen. Returns the number of units.
 */
export async function forgetHellos(db: Db): Promise<number> {
  await sql`select agency from registry.unit order by agency for no key update`.execute(db);
  await sql`insert into registry.spent_hello (agency, nonce)
    select agency, hello_nonce from registry.unit where hello_nonce is not null
    on conflict do nothing`.execute(db);
  const { numAffectedRows } = await sql`update registry.unit
    set lineage_token = '', hello_nonce = null`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export type Revoked = { readonly fingerprint: string; readonly agency: string };

/**
 * Revokes again those of the certificates that this database has as active; with them the units that
 * were revoked as such. Returns the certificates.
 */
export async function revokeAgain(
  db: Db,
  known: readonly (Revoked & { readonly what: 'unit' | 'certificate' })[],
): Promise<readonly Revoked[]> {
  if (known.length === 0) return [];
  const { rows } = await sql<Revoked & { readonly what: string }>`
    with known as (
      select distinct on (fingerprint) fingerprint, what
      from unnest(${known.map((one) => one.fingerprint)}::text[],
        ${known.map((one) => one.what)}::text[]) as k (fingerprint, what)
      order by fingerprint, what desc)
    update registry.certificate c set status = 'revoked', revoked_at = now()
    from known k where k.fingerprint = c.fingerprint and c.status = 'active'
    returning c.fingerprint, c.agency, k.what`.execute(db);
  const units = rows.filter((row) => row.what === 'unit').map((row) => row.agency);
  await sql`update registry.unit u set status = 'revoked'
    where u.agency = any(${units}) and not exists (
      select 1 from registry.certificate c
      where c.agency = u.agency and c.status = 'active')`.execute(db);
  return rows;
}

export type UnitPreview = {
  readonly agency: string;
  readonly status: string;
  readonly headSeq: bigint;
  readonly appliedSeq: bigint;
  readonly safeSeq: bigint;
  readonly heldBack: bigint;
};

export async function previewUnits(db: Db): Promise<readonly UnitPreview[]> {
  const { rows } = await sql<UnitPreview>`
    select u.agency, u.status, u.head_seq, u.applied_seq, u.safe_seq,
      (select count(*) from sync.held_record h where h.agency = u.agency) as held_back
    from registry.unit u order by u.agency`.execute(db);
  return rows;
}
