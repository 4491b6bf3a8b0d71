/** Queries on the life of a record: who is meant, how it stands, closing and reopening. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { activeStatus, type Closing, type LifeState } from '../protocol/record-life.ts';
import { isActive } from './record-of-pin.ts';

export type PersonName = { readonly recordId: string } | { readonly pin: string };

export type NamedPerson = { readonly recordId: string; readonly status: string };

/** The records of people that a name is of, with their status. */
export async function peopleNamed(db: Db, name: PersonName): Promise<readonly NamedPerson[]> {
  const condition = 'pin' in name ? sql`i.pin = ${name.pin}` : sql`i.record_id = ${name.recordId}`;
  const { rows } = await sql<NamedPerson>`
    select i.record_id, coalesce(e.status, ${activeStatus}) as status
    from profile.identity i left join profile.employment e using (record_id)
    where ${condition} order by i.record_id`.execute(db);
  return rows;
}

/** Locked until the transaction ends; undefined where the record has no employment. */
export async function lockLife(db: Db, recordId: string): Promise<LifeState | undefined> {
  const { rows } = await sql<LifeState>`
    select e.status, e.status_date, e.status_decision, i.birth_date
    from profile.employment e join profile.identity i using (record_id)
    where e.record_id = ${recordId} for update of e`.execute(db);
  return rows[0];
}

export async function pinIsTaken(db: Db, recordId: string): Promise<boolean> {
  const { rows } = await sql`
    select from profile.identity own
    join profile.identity other on other.pin = own.pin and other.record_id <> own.record_id
    left join profile.employment e on e.record_id = other.record_id
    where own.record_id = ${recordId} and ${isActive}
    limit 1`.execute(db);
  return rows.length > 0;
}

/** Null opens the record again. */
export async function writeLife(db: Db, recordId: string, closing: Closing | null): Promise<void> {
  await sql`
    update profile.employment set status = ${closing?.status ?? activeStatus},
      status_date = ${closing?.date ?? null}, status_decision = ${closing?.decision ?? null}
    where record_id = ${recordId}`.execute(db);
}
