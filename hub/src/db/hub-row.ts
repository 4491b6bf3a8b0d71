/** `registry.hub`: the incarnation that this database has seen. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { HubError } from '../errors.ts';

/** The number in the file only rises; a database that has seen a higher one belongs to another file. */
export async function recordIncarnation(db: Db, incarnation: bigint): Promise<void> {
  const { rows } = await sql<{ incarnation: bigint }>`
    insert into registry.hub (incarnation) values (${incarnation})
    on conflict (only_row) do update set incarnation = greatest(registry.hub.incarnation, excluded.incarnation)
    returning incarnation`.execute(db);
  const seen = rows[0]?.incarnation ?? incarnation;
  if (seen > incarnation) {
    throw new HubError('HUB_NOT_INITIALISED', {
      detail: `the database has seen incarnation ${seen}, the file in HUB_DATA_DIR says ${incarnation}`,
    });
  }
}
