/** Digests of what the hub holds of one unit. */
import { nationalSections, sealedSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { literal } from '@lienthong/shared-schema/sql/names.ts';
import { digestSql } from '@lienthong/shared-schema/sql/projection.ts';
import { sealedDigestSql } from '@lienthong/shared-schema/sql/sealed.ts';
import type { SectionDigest } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

/** One digest a section over the unit's rows; call it in a repeatable-read transaction. */
export async function digestsOf(db: Db, agency: string): Promise<readonly SectionDigest[]> {
  const parts = nationalSections.map((section) =>
    digestSql(section, `national.${section.name} s where s.agency = ${literal(agency)}`),
  );
  const sealed = sealedSections.map((section) =>
    sealedDigestSql(section.tag, `s.agency = ${literal(agency)}`),
  );
  const all = [...parts, ...sealed].join('\nunion all\n');
  const { rows } = await sql<SectionDigest>`${sql.raw(all)}`.execute(db);
  return rows;
}

export async function countHeld(db: Db, agency: string): Promise<bigint> {
  const { rows } = await sql<{ held: bigint }>`
    select count(*) as held from sync.held_record where agency = ${agency}`.execute(db);
  return rows[0]?.held ?? 0n;
}
