/** Sealed sections of a staged batch: payloads out, their plain rows into the stage. */
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { copyIn } from '@lienthong/shared-schema/runtime/copy.ts';
import type { Db, Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { stageSealed } from '@lienthong/shared-schema/sql/sealed.ts';
import { stageTable } from '@lienthong/shared-schema/sql/staging.ts';
import type { ReadableBlock } from '@lienthong/shared-schema/wire/blocks.ts';
import { sql } from 'kysely';

export type StagedPayload = { readonly recordId: string; readonly payload: string };

/** Sections that have payloads in the stage. */
export async function sealedTags(db: Db): Promise<readonly number[]> {
  const { rows } = await sql<{ section: number }>`
    select distinct section from ${sql.raw(stageSealed)}`.execute(db);
  return rows.map((row) => row.section);
}

/** The payloads of one section in order of record, in pages of at most `limit`. */
export async function* stagedPayloads(
  db: Db,
  section: Section,
  limit: number,
): AsyncGenerator<readonly StagedPayload[]> {
  let last: string | null = null;
  for (;;) {
    const { rows } = await sql<StagedPayload>`
      select record_id, payload from ${sql.raw(stageSealed)}
      where section = ${section.tag} and (${last}::uuid is null or record_id > ${last}::uuid)
      order by record_id limit ${limit}`.execute(db);
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end.recordId;
    yield rows;
  }
}

/** Puts the opened rows of one section into its stage. */
export async function stageOpened(
  tx: Tx,
  section: Section,
  opened: Pick<ReadableBlock, 'columns' | 'rows'>,
): Promise<void> {
  await copyIn(tx, `${stageTable(section)} (${opened.columns.join(', ')})`, opened.rows);
}

/** Records whose payload of this section no key here opens: what they have here stays. */
export async function noteUnopened(
  db: Db,
  section: Section,
  recordIds: readonly string[],
): Promise<void> {
  await sql`insert into pg_temp.rejoin_unopened (record_id, section)
    select id, ${section.tag} from unnest(${[...recordIds]}::uuid[]) as u (id)`.execute(db);
}
