/**
 * The mirror of how the unit's records stand to reference sources. Only the feed writes it; what it
 * says never changes the unit's own tables.
 */
import { fieldByTags } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import type { WireComparison, WireCorrection } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

/**
 * Makes the comparisons what the page says. One whose record the mirror does not have is of no use, nor
 * is a correction of a field that this catalogue does not have. A correction that was accepted and is
 * still there once the hub has compared a newer version is open again.
 */
export async function storeComparisons(
  db: Db,
  comparisons: readonly WireComparison[],
  hubIncarnation: bigint,
): Promise<void> {
  if (comparisons.length === 0) return;
  const rows = comparisons.map((one) => ({
    ...one,
    version: one.version.toString(),
    corrections: one.corrections.flatMap((correction) => named(correction)),
  }));
  const page = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p ("recordId" uuid,
    source text, state text, "asOf" text, version bigint, corrections jsonb)`;
  await sql`insert into reference.comparison
      (record_id, source, state, as_of, version, hub_incarnation)
    select p."recordId", p.source, p.state, p."asOf", p.version, ${hubIncarnation} from ${page}
    where exists (select from national.record r where r.record_id = p."recordId")
    on conflict (record_id, source) do update set state = excluded.state, as_of = excluded.as_of,
      version = excluded.version, hub_incarnation = excluded.hub_incarnation,
      taken_at = now()`.execute(db);
  await sql`delete from reference.correction c using ${page}
    where c.record_id = p."recordId" and c.source = p.source
      and not exists (select from jsonb_to_recordset(p.corrections) as n (id text)
        where n.id = c.id)`.execute(db);
  await sql`insert into reference.correction
      (id, record_id, source, section, field, unit_value, source_value, contested)
    select n.id, p."recordId", p.source, n.section, n.field, n."unitValue", n."sourceValue",
      n.contested
    from ${page} cross join jsonb_to_recordset(p.corrections) as n (id text, section text,
      field text, "unitValue" text, "sourceValue" text, contested boolean)
    join reference.comparison k on k.record_id = p."recordId" and k.source = p.source
    on conflict (id) do update set unit_value = excluded.unit_value,
      contested = excluded.contested`.execute(db);
  await sql`delete from reference.settled s using reference.correction c, reference.comparison k,
      ${page}
    where s.correction = c.id and s.decision = 'accepted' and s.version < k.version
      and k.record_id = c.record_id and k.source = c.source and k.state <> 'STALE'
      and c.record_id = p."recordId" and c.source = p.source`.execute(db);
}

function named({ section, field, ...rest }: WireCorrection) {
  const found = fieldByTags(section, field);
  return found === undefined
    ? []
    : [{ ...rest, section: found.section.name, field: found.field.name }];
}

/** At the end of a restored hub's feed: what it did not bring again it does not have. */
export async function dropFormerComparisons(db: Db): Promise<void> {
  await sql`delete from reference.comparison c using sync.feed_position p
    where c.hub_incarnation < p.hub_incarnation`.execute(db);
}
