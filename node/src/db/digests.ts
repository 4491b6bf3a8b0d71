/** Digests of this node's two views: the projection of its own tables, and the mirror. */
import { headSection, nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { digestSql } from '@lienthong/shared-schema/sql/projection.ts';
import type { SectionDigest } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

/** What ought to be at the hub: rows of records that exist whole and are no state secret. */
function ownRows(section: Section): string {
  const head = headSection[section.kind].name;
  return `profile.${section.name} s
    join profile.record r on r.record_id = s.record_id and not r.state_secret
    where exists (select 1 from profile.${head} h where h.record_id = s.record_id)`;
}

export async function ownDigests(db: Db): Promise<readonly SectionDigest[]> {
  return digests(db, ownRows);
}

export async function mirrorDigests(db: Db): Promise<readonly SectionDigest[]> {
  return digests(db, (section) => `national.${section.name} s`);
}

async function digests(
  db: Db,
  source: (section: Section) => string,
): Promise<readonly SectionDigest[]> {
  const parts = nationalSections.map((section) => digestSql(section, source(section)));
  const { rows } = await sql<SectionDigest>`${sql.raw(parts.join('\nunion all\n'))}`.execute(db);
  return rows;
}
