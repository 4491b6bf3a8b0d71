/** `access`: keys of programs, how they are used, and what was read with them. Secrets come as SHA-256 only. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

export type NewKey = {
  readonly id: string;
  readonly name: string;
  readonly agency: string;
  readonly secretSha256: Uint8Array;
  readonly scopes: readonly string[];
  /** The key is for this unit and what is below it; null: for the whole agency. */
  readonly unit: string | null;
  readonly issuedAt: Date;
};

/**
 * The source that a key of this name writes for; made where there is none, and trusted as said.
 * `taken` where the name is that of a source that no key may have, such as the workbooks.
 */
export async function claimPacketSource(
  db: Db,
  { name, trusted }: { readonly name: string; readonly trusted: boolean },
): Promise<'made' | 'found' | 'taken'> {
  const { rows } = await sql<{ isNew: boolean }>`
    insert into intake.source (name, kind, trusted) values (${name}, 'packet', ${trusted})
    on conflict (name) do update set trusted = excluded.trusted
    where intake.source.kind = 'packet'
    returning xmax = 0 as is_new`.execute(db);
  const [row] = rows;
  if (row === undefined) return 'taken';
  return row.isNew ? 'made' : 'found';
}

/** False where a key in force has this name. */
export async function insertKey(db: Db, key: NewKey): Promise<boolean> {
  const { rows } = await sql`
    insert into access.key (id, name, agency, secret_sha256, scopes, unit, issued_at)
    values (${key.id}, ${key.name}, ${key.agency}, ${Buffer.from(key.secretSha256)},
            ${key.scopes}, ${key.unit}, ${key.issuedAt})
    on conflict (name) where revoked_at is null do nothing
    returning id`.execute(db);
  return rows.length > 0;
}

export type StoredKey = {
  readonly id: string;
  readonly name: string;
  readonly agency: string;
  readonly secretSha256: Buffer;
  readonly scopes: readonly string[];
  readonly unit: string | null;
  readonly revokedAt: Date | null;
};

export async function findKey(db: Db, id: string): Promise<StoredKey | undefined> {
  const { rows } = await sql<StoredKey>`
    select id, name, agency, secret_sha256, scopes, unit, revoked_at from access.key
    where id = ${id}`.execute(db);
  return rows[0];
}

/** False where no key in force has this name. */
export async function revokeNamedKey(db: Db, name: string, at: Date): Promise<boolean> {
  const { rows } = await sql`
    update access.key set revoked_at = ${at} where name = ${name} and revoked_at is null
    returning id`.execute(db);
  return rows.length > 0;
}

export type ListedKey = {
  readonly name: string;
  readonly id: string;
  readonly scopes: readonly string[];
  readonly unit: string | null;
  /** Whether what it brings without errors is published at once. */
  readonly trusted: boolean;
  readonly issuedAt: Date;
  readonly revokedAt: Date | null;
  readonly usedAt: Date | null;
  /** By outcome, over all time. */
  readonly requests: Readonly<Record<string, number>>;
};

/** All keys, those in force first, then by name. */
export async function allKeys(db: Db): Promise<readonly ListedKey[]> {
  const { rows } = await sql<ListedKey>`
    with counted as (
      select key_id, outcome, sum(requests) as requests, max(last_at) as last_at
      from access.key_use group by key_id, outcome
    ), used as (
      select key_id, max(last_at) as used_at, jsonb_object_agg(outcome, requests) as requests
      from counted group by key_id
    )
    select k.name, k.id, k.scopes, k.unit, s.trusted, k.issued_at, k.revoked_at, u.used_at,
           coalesce(u.requests, '{}'::jsonb) as requests
    from access.key k
    join intake.source s on s.name = k.name
    left join used u on u.key_id = k.id
    order by k.revoked_at is not null, k.name, k.issued_at`.execute(db);
  return rows;
}

export type KeyUse = {
  readonly keyId: string;
  readonly route: string;
  readonly outcome: string;
  readonly at: Date;
  /** Where data of people was asked for. */
  readonly read: KeyRead | undefined;
};

/** What was asked for, without a word that may be somebody's name or number. */
export type KeyRead = {
  /** Null: a list. */
  readonly recordId: string | null;
  readonly asked: Readonly<Record<string, string>>;
};

/**
 * Counts one request, by hour: that table grows with hours and routes, not with requests. A read is
 * written down besides, in the same statement.
 */
export async function countKeyUse(db: Db, { read, ...use }: KeyUse): Promise<void> {
  const { keyId, route, outcome, at } = use;
  const count = sql`
    insert into access.key_use (key_id, hour, route, outcome, requests, last_at)
    values (${keyId}, date_trunc('hour', ${at}::timestamptz), ${route}, ${outcome}, 1, ${at})
    on conflict (key_id, hour, route, outcome) do update
    set requests = access.key_use.requests + 1,
        last_at = greatest(access.key_use.last_at, excluded.last_at)`;
  if (read === undefined) {
    await count.execute(db);
    return;
  }
  await sql`
    with counted as (${count})
    insert into access.read_log (at, key_id, route, outcome, record_id, asked)
    values (${at}, ${keyId}, ${route}, ${outcome}, ${read.recordId},
            ${JSON.stringify(read.asked)}::jsonb)`.execute(db);
}

const readDaysKept = 400;

/** Reads of more than 400 days ago. */
export async function forgetOldReads(db: Db, today: string): Promise<void> {
  await sql`delete from access.read_log
    where at < ${today}::date - ${readDaysKept}::integer`.execute(db);
}
