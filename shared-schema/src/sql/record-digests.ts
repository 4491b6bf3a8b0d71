/**
 * Digests of records in SQL, with the same bytes at node, mirror and hub, and the tree over them.
 *
 * A section's digest is the SHA-256 over the SHA-256 of each of its rows, in order of ordinal; that of
 * a sealed section the SHA-256 of its payload as stored. A record's digest is the SHA-256 over (tag, 4
 * bytes big endian; section digest) of the sections it has, in order of tag. A record's bucket is the
 * first two bytes of the SHA-256 of its id. The branch of a bucket is the SHA-256 over (id, digest) of
 * its records in order of id; a shorter branch is the SHA-256 over (prefix, digest) of its children, so
 * that no step ever holds more than a bucket of records or 256 branches.
 */
import type { Section } from '../catalogue/types.ts';
import { fieldColumns, keyColumns, literal } from './names.ts';

/** The records whose digests are worked on: `record_id`. */
export const digestTaken = 'pg_temp.digest_taken';

/** What was computed of them: `record_id, rows, digest`. */
export const digestMade = 'pg_temp.digest_made';

/** One side of the comparison: where its digests are kept, and how they follow from its tables. */
export type DigestView = {
  /** Kept digests: `record_id, bucket, rows, digest`, and at the hub `agency`. */
  readonly digests: string;
  /** Kept digests of the buckets that have records: `bucket, records, rows, digest`, and `agency`. */
  readonly buckets: string;
  /** Records touched since, each any number of times: `record_id`, and at the hub `agency`. */
  readonly dirty: string;
  /** At the hub: the unit. */
  readonly agency?: string;
  /** `record_id` of every record of this side, alias `r`, to which conditions may be added. */
  readonly records: string;
  /** Queries of `record_id, section, rows, digest` for the records of `digest_taken`. */
  readonly sections: readonly string[];
};

export const createDigestTablesSql = `create temporary table if not exists digest_taken (
    record_id uuid primary key) on commit delete rows;
  create temporary table if not exists digest_made (
    record_id uuid primary key, rows integer not null, digest bytea not null) on commit delete rows`;

/** Digests of one section, for each taken record that has it, over rows in plain text. */
export function sectionDigestsSql(section: Section, schema: 'profile' | 'national'): string {
  const columns = [...keyColumns(section), ...fieldColumns(section)].map((name) => `s.${name}`);
  const row = `sha256(convert_to(row(${columns.join(', ')})::text, 'UTF8'))`;
  const source = `from ${schema}.${section.name} s join ${digestTaken} t on t.record_id = s.record_id`;
  return section.many
    ? `select s.record_id, ${section.tag} as section, count(*)::integer as rows,
        sha256(string_agg(${row}, ''::bytea order by s.ordinal)) as digest
      ${source} group by s.record_id`
    : `select s.record_id, ${section.tag} as section, 1 as rows, sha256(${row}) as digest ${source}`;
}

/** Digests of the sealed sections of hub or mirror, from the payloads as stored. */
export const payloadDigestsSql = `select s.record_id, s.section::integer as section, 1 as rows,
    sha256(convert_to(s.payload, 'UTF8')) as digest
  from national.sealed s join ${digestTaken} t on t.record_id = s.record_id`;

const whose = (view: DigestView, alias: string): string =>
  view.agency === undefined ? 'true' : `${alias}.agency = ${literal(view.agency)}`;

/** Moves touched records into `digest_taken`, at most `limit`, with all marks that they have. */
export function takeDirtySql(view: DigestView, limit: number): string {
  return `with next as (
      select distinct n.record_id from (
        select d.record_id from ${view.dirty} d where ${whose(view, 'd')} limit ${limit}) n),
    gone as (
      delete from ${view.dirty} d using next
      where d.record_id = next.record_id and ${whose(view, 'd')} returning d.record_id)
    insert into ${digestTaken} select distinct record_id from gone`;
}

/** Marks every record of the side, and every one that has a digest: the rule they follow has changed. */
export function markAllSql(view: DigestView): string {
  const [column, value] =
    view.agency === undefined ? ['', ''] : ['agency, ', `${literal(view.agency)}, `];
  return `insert into ${view.dirty} (${column}record_id)
    select ${value}u.record_id from (${view.records}
      union select d.record_id from ${view.digests} d where ${whose(view, 'd')}) u`;
}

/** Puts the next records after `last`, of the side or of its digests, into `digest_taken`. */
export function takePageSql(view: DigestView, last: string, limit: number): string {
  const part = (query: string, alias: string): string =>
    `(${query} and ${alias}.record_id > ${literal(last)} order by ${alias}.record_id limit ${limit})`;
  const kept = `select d.record_id from ${view.digests} d where ${whose(view, 'd')}`;
  return `insert into ${digestTaken}
    select record_id from (${part(view.records, 'r')} union ${part(kept, 'd')}) u
    order by record_id limit ${limit}`;
}

/** Computes the digests of the taken records that this side has. */
export function makeDigestsSql(view: DigestView): string {
  const sections = view.sections.join('\nunion all\n');
  return `insert into ${digestMade} (record_id, rows, digest)
    select p.record_id, coalesce(sum(s.rows), 0),
      sha256(coalesce(string_agg(int4send(s.section) || s.digest, ''::bytea
        order by s.section, s.digest), ''::bytea))
    from (${view.records} and r.record_id in (select record_id from ${digestTaken})) p
    left join (${sections}) s on s.record_id = p.record_id
    group by p.record_id`;
}

/** Taken records whose kept digest is another, or is too many or missing, though none is marked. */
export function unmarkedSql(view: DigestView): string {
  return `select t.record_id from ${digestTaken} t
    left join ${digestMade} m on m.record_id = t.record_id
    left join ${view.digests} d on d.record_id = t.record_id and ${whose(view, 'd')}
    where (d.digest is distinct from m.digest or d.rows is distinct from m.rows)
      and not exists (select 1 from ${view.dirty} y where y.record_id = t.record_id)
    order by t.record_id`;
}

/** Brings the kept digests of the taken records to what was computed; writes only what changed. */
export function keepDigestsSql(view: DigestView): readonly string[] {
  const [column, value] =
    view.agency === undefined ? ['', ''] : ['agency, ', `${literal(view.agency)}, `];
  const moved = view.agency === undefined ? '' : 'agency = excluded.agency, ';
  const changed = view.agency === undefined ? '' : `k.agency <> excluded.agency or `;
  return [
    `delete from ${view.digests} d using ${digestTaken} t
     where d.record_id = t.record_id and ${whose(view, 'd')}
       and not exists (select 1 from ${digestMade} m where m.record_id = t.record_id)`,
    `insert into ${view.digests} as k (${column}record_id, bucket, rows, digest)
     select ${value}m.record_id, ${bucketSql('m.record_id')}, m.rows, m.digest from ${digestMade} m
     on conflict (record_id) do update set ${moved}rows = excluded.rows, digest = excluded.digest
       where ${changed}k.rows <> excluded.rows or k.digest <> excluded.digest`,
    `delete from ${view.buckets} b using (${touchedBuckets}) t
     where b.bucket = t.bucket and ${whose(view, 'b')}`,
    `insert into ${view.buckets} (${column}bucket, records, rows, digest)
     select ${value}d.bucket, count(*), sum(d.rows),
       sha256(string_agg(uuid_send(d.record_id) || d.digest, ''::bytea order by d.record_id))
     from ${view.digests} d
     where ${whose(view, 'd')} and d.bucket in (${touchedBuckets}) group by d.bucket`,
  ];
}

/** The first two bytes of the SHA-256 of the id's 16 bytes, as a number. */
function bucketSql(id: string): string {
  return `get_byte(sha256(uuid_send(${id})), 0) * 256 + get_byte(sha256(uuid_send(${id})), 1)`;
}

const touchedBuckets = `select distinct ${bucketSql('t.record_id')} as bucket from ${digestTaken} t`;

const bucketsFrom = (view: DigestView, first: number, last: number): string =>
  `select b.bucket, b.records, b.rows, b.digest from ${view.buckets} b
  where ${whose(view, 'b')} and b.bucket between ${first} and ${last}`;

/** `prefix` of a branch of a byte, as a number, over its buckets. */
const bytesFrom = (view: DigestView, first: number, last: number): string =>
  `select b.bucket / 256 as prefix, sum(b.records) as records, sum(b.rows) as rows,
    sha256(string_agg(${prefixSql('b.bucket / 256')} || ${prefixSql('b.bucket % 256')} || b.digest,
      ''::bytea order by b.bucket)) as digest
  from (${bucketsFrom(view, first, last)}) b group by b.bucket / 256`;

const prefixSql = (byte: string): string => `set_byte('\\x00'::bytea, 0, (${byte})::integer)`;

/** The children of the root: `prefix` (one byte), `records`, `rows`, `digest`. */
export function firstBranchesSql(view: DigestView): string {
  return `select ${prefixSql('c.prefix')} as prefix, c.records::bigint as records,
      c.rows::bigint as rows, c.digest
    from (${bytesFrom(view, 0, 65_535)}) c order by c.prefix`;
}

/** The children of a branch of one byte: `prefix` (two bytes), `records`, `rows`, `digest`. */
export function secondBranchesSql(view: DigestView, byte: number): string {
  const first = byte * 256;
  return `select ${prefixSql('c.bucket / 256')} || ${prefixSql('c.bucket % 256')} as prefix,
      c.records::bigint as records, c.rows::bigint as rows, c.digest
    from (${bucketsFrom(view, first, first + 255)}) c order by c.bucket`;
}

/** The records of one bucket: `record_id`, `digest`. */
export function bucketRecordsSql(view: DigestView, bucket: number): string {
  return `select d.record_id, d.digest from ${view.digests} d
    where ${whose(view, 'd')} and d.bucket = ${bucket} order by d.record_id`;
}

/** The root: `records`, `rows`, `digest`; that of no records at all is the SHA-256 of nothing. */
export function rootSql(view: DigestView): string {
  return `select coalesce(sum(c.records), 0)::bigint as records,
      coalesce(sum(c.rows), 0)::bigint as rows,
      sha256(coalesce(string_agg(${prefixSql('c.prefix')} || c.digest, ''::bytea
        order by c.prefix), ''::bytea)) as digest
    from (${bytesFrom(view, 0, 65_535)}) c`;
}

/** Sections of the taken records: `record_id, section, rows, digest`. */
export function takenSectionsSql(view: DigestView): string {
  return `select q.record_id, q.section, q.rows::bigint as rows, q.digest
    from (${view.sections.join('\nunion all\n')}) q order by q.record_id, q.section, q.digest`;
}
