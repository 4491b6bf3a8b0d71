/** The newest versions that this node has taken of what the hub publishes. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { policyKey, publishedFigure } from '@lienthong/shared-schema/totals/published-figure.ts';
import type { Figure } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

/** As figures of the report of totals, in order of key; none of what was never taken. */
export async function takenVersions(db: Db): Promise<readonly Figure[]> {
  const { rows } = await sql<Figure>`
    select ${publishedFigure}::text as measure, key, version::bigint as value from (
      (select distinct on (name) name as key, version from sync.code_list
       order by name, hub_incarnation desc, version desc)
      union all
      (select ${policyKey}, version from sync.policy
       order by hub_incarnation desc, version desc limit 1)) t
    order by key collate "C"`.execute(db);
  return rows;
}
