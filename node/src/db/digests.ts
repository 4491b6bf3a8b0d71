/** Digests of this node's two views: what of its own tables ought to be at the hub, and the mirror. */
import { headSection, nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { type ReachTable, sectionsOfReach } from '@lienthong/shared-schema/rules/reach-policy.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import {
  digestTaken,
  type DigestView,
  payloadDigestsSql,
  sectionDigestsSql,
} from '@lienthong/shared-schema/sql/record-digests.ts';
import { stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { sql } from 'kysely';

import { sealManifest } from './seal.ts';

const headOf = (kind: 'org_unit' | 'person'): string => `exists (
  select 1 from profile.${headSection[kind].name} h where h.record_id = r.record_id)`;

/**
 * Records that exist whole and are no state secret, with the sections that travel. Of a sealed section
 * the digest is that of the payload last sealed: two seals of the same rows differ.
 */
export function ownView(reaches: ReachTable): DigestView {
  const sealed = sectionsOfReach('sealed', reaches).map((section) => section.tag);
  return {
    digests: 'sync.own_digest',
    buckets: 'sync.own_bucket',
    dirty: 'sync.own_dirty',
    records: `select r.record_id from profile.record r where not r.state_secret
      and case r.kind when 1 then ${headOf('org_unit')} else ${headOf('person')} end`,
    sections: [
      ...sectionsOfReach('national', reaches).map((section) =>
        sectionDigestsSql(section, 'profile'),
      ),
      `select s.record_id, s.section::integer as section, 1 as rows, s.digest
       from sync.sealed_payload s join ${digestTaken} t on t.record_id = s.record_id
       where s.section = any ('{${sealed.join(',')}}')`,
    ],
  };
}

export const mirrorView: DigestView = {
  digests: 'sync.mirror_digest',
  buckets: 'sync.mirror_bucket',
  dirty: 'sync.mirror_dirty',
  records: 'select r.record_id from national.record r where true',
  sections: [
    ...nationalSections.map((section) => sectionDigestsSql(section, 'national')),
    payloadDigestsSql,
  ],
};

/** Marks the records whose changes were taken for the batch being sealed. */
export async function markSealed(db: Db): Promise<void> {
  await sql`insert into sync.own_dirty (record_id)
    select distinct record_id from pg_temp.seal_taken`.execute(db);
}

/** Forgets the payloads of every section that the batch being sealed replaces. */
export async function forgetPayloads(db: Db): Promise<void> {
  await sql`delete from sync.sealed_payload p using ${sql.raw(sealManifest)} m
    where p.record_id = m.record_id
      and (m.op = 'D' or m.whole or p.section = any (m.sections))`.execute(db);
}

/** Remembers payloads of one section by their SHA-256, after `forgetPayloads`. */
export async function rememberPayloads(
  db: Db,
  section: number,
  payloads: readonly { readonly recordId: string; readonly digest: Uint8Array }[],
): Promise<void> {
  await sql`insert into sync.sealed_payload (record_id, section, digest)
    select p.record_id, ${section}, p.digest
    from unnest(${payloads.map(({ recordId }) => recordId)}::uuid[],
      ${payloads.map(({ digest }) => Buffer.from(digest))}::bytea[]) as p (record_id, digest)`.execute(
    db,
  );
}

/**
 * Marks the staged records, each once, and spares the triggers of the mirror the same for every
 * section; `unmark` must follow.
 */
export async function markStaged(db: Db): Promise<void> {
  await sql`insert into sync.mirror_dirty (record_id)
    select record_id from ${sql.raw(stageRecord)}`.execute(db);
  await sql`select set_config('lienthong.marked', 'on', true)`.execute(db);
}

/** From here on the triggers mark what statements touch. */
export async function unmark(db: Db): Promise<void> {
  await sql`select set_config('lienthong.marked', 'off', true)`.execute(db);
}
