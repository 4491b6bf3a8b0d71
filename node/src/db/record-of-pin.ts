/** Whose record a personal number means. */
import { type RawBuilder, sql } from 'kysely';

import { activeStatus } from '../protocol/record-life.ts';

/** Whether the employment `e`, which may be missing, is that of an active record. */
export const isActive: RawBuilder<unknown> = sql`coalesce(e.status, ${activeStatus}) = ${activeStatus}`;

/**
 * A query with the columns `pin` and `record_id`, for those of `pins`, a query of PINs, that the node has: of
 * several records with one PIN the active one is meant, which is that of a person who left and came back;
 * else the newest.
 */
export const recordsOfPins = (pins: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select distinct on (i.pin) i.pin, i.record_id
  from profile.identity i left join profile.employment e using (record_id)
  where i.pin in (${pins})
  order by i.pin, ${isActive} desc, i.record_id desc`;
