/** Sealed sections at the node: the plain rows, and what came back from the hub, record by record. */
import { headSection } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { copyOut } from '@lienthong/shared-schema/runtime/copy.ts';
import type { Db, Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { projectionSql } from '@lienthong/shared-schema/sql/projection.ts';
import { sql } from 'kysely';

/** The next records that have the section here or in the mirror, after `last` (null: all), at most `limit`. */
async function nextRecords(
  db: Db,
  section: Section,
  after: { readonly last: string | null; readonly limit: number },
): Promise<readonly string[]> {
  const head = sql.raw(`profile.${headSection[section.kind].name}`);
  const { rows } = await sql<{ recordId: string }>`
    select s.record_id from ${sql.raw(`profile.${section.name}`)} s
      join profile.record r on r.record_id = s.record_id and not r.state_secret
      where exists (select 1 from ${head} h where h.record_id = s.record_id)
        and (${after.last}::uuid is null or s.record_id > ${after.last}::uuid)
    union
    select record_id from national.sealed
      where section = ${section.tag}
        and (${after.last}::uuid is null or record_id > ${after.last}::uuid)
    order by record_id limit ${after.limit}`.execute(db);
  return rows.map((row) => row.recordId);
}

export type SealedPage = {
  /** COPY text of the node's own rows of these records. */
  readonly own: Buffer;
  readonly mirrored: readonly { readonly recordId: string; readonly payload: string }[];
};

/** Own rows and mirrored payloads side by side, in pages; inside one repeatable-read transaction. */
export async function* sealedPages(
  tx: Tx,
  section: Section,
  limit: number,
): AsyncGenerator<SealedPage> {
  await tx.client.query(`create temporary table if not exists sealed_page (
    record_id uuid primary key, op text not null, whole boolean not null,
    sections smallint[] not null) on commit delete rows`);
  let last: string | null = null;
  for (;;) {
    const ids = await nextRecords(tx.db, section, { last, limit });
    const lastOfPage = ids.at(-1);
    if (lastOfPage === undefined) return;
    last = lastOfPage;
    await tx.client.query('delete from pg_temp.sealed_page');
    await sql`insert into pg_temp.sealed_page
      select r.record_id, 'U', true, '{}' from profile.record r
      where r.record_id = any(${ids}::uuid[]) and not r.state_secret`.execute(tx.db);
    const own = await copyOut(tx, projectionSql(section, 'profile', 'pg_temp.sealed_page'));
    const { rows } = await sql<{ recordId: string; payload: string }>`
      select record_id, payload from national.sealed
      where section = ${section.tag} and record_id = any(${ids}::uuid[])`.execute(tx.db);
    yield { own: own.bytes, mirrored: rows };
  }
}
