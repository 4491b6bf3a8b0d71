/**
 * A record held still: whoever changes a row of it, or adds one, has either committed before the lock is
 * there or waits until the transaction ends. So what is compared with the tag afterwards is what will be
 * changed, also where a DBA writes SQL at the same moment.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

const personSections = sections.filter((section) => section.kind === 'person');

/** Read it in a statement of its own: one that began before the lock sees what was before. */
export async function lockRecord(db: Db, recordId: string): Promise<void> {
  // new rows of a section hold their record by its key, so this waits for them
  await sql`select from profile.record where record_id = ${recordId} for update`.execute(db);
  const rows = personSections.map(
    (section) => sql`${sql.raw(section.name)} as materialized (
      select record_id from ${sql.raw(`profile.${section.name}`)}
      where record_id = ${recordId} for update)`,
  );
  const counted = personSections.map(
    (section) => sql`select count(*) from ${sql.raw(section.name)}`,
  );
  await sql`with ${sql.join(rows)} ${sql.join(counted, sql` union all `)}`.execute(db);
}
