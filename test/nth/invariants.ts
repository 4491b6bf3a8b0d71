/**
 * What must hold in a database at any moment, in SQL of its own: the chain, heads, receipts, versions,
 * the feed without gaps, nothing twice. Each query names what is wrong, and finds nothing.
 */
import type { Database } from '@lienthong/shared-schema/runtime/database.ts';

const chainOf = (table: string, partition: string): string => `
  select 'batches without a gap' from ${table} group by ${partition || '()'}
    having count(*) <> max(seq)
  union all select 'each batch names the one before' from (
    select prev_hash, coalesce(lag(header_hash) over (${partition && `partition by ${partition}`}
      order by seq), '') as before from ${table}) c where prev_hash <> before
  union all select 'a hash is that of its header' from ${table}
    where header_hash <> sha256(header)`;

const hub = `${chainOf('sync.inbox', 'agency')}
  union all select 'the head is the newest batch' from registry.unit u
    where (head_seq, head_hash) <> (select coalesce(max(seq), 0), coalesce(
      (select header_hash from sync.inbox n where n.agency = u.agency order by seq desc limit 1), '')
      from sync.inbox i where i.agency = u.agency)
  union all select 'safe, applied and received in this order' from registry.unit
    where not (safe_seq <= applied_seq and applied_seq <= head_seq)
  union all select 'applied is what was applied, in order' from sync.inbox i
    join registry.unit u using (agency)
    where (i.applied_at is not null) <> (i.seq <= u.applied_seq)
  union all select 'every batch has its receipt' from sync.inbox
    where receipt = '' or receipt_signature = ''
  union all select 'accepted, refused and ignored are what was sent' from sync.inbox
    where applied_at is not null
      and records_sent <> records_accepted + records_refused + records_ignored
  union all select 'the feed is without a gap' from registry.unit u
    where (feed_head, feed_head) <> (select count(*), coalesce(max(position), 0)
      from sync.feed_entry f where f.agency = u.agency)
  union all select 'nobody has read what is not there' from registry.unit
    where feed_acked > feed_head
  union all select 'a record that is held has a reason' from sync.held_record h
    where not exists (select from sync.held_fault f
      where (f.agency, f.record_id) = (h.agency, h.record_id))
  union all select 'an identity is that of its owner' from national.identity n
    join national.record r using (record_id)
    join registry.identity i using (record_id) where i.agency <> r.agency
  union all select 'checkpoints without a gap' from sync.checkpoint
    having count(*) <> coalesce(max(number), 0)
  union all select 'policies without a gap' from sync.policy
    having count(*) <> coalesce(max(version), 0)
  union all select 'a code list on a feed was published' from sync.feed_entry f
    where kind = 'code-list' and not exists (select from sync.code_list l
      where l.name = convert_from(f.body, 'UTF8') and l.version = f.version)
  union all select 'a published code list is in force' from sync.code_list l
    where version > (select c.version from catalogue.code_list c where c.name = l.name)
  union all select 'who may speak has a certificate' from registry.unit u
    where status = 'active' and exists (select from registry.certificate c where c.agency = u.agency)
      and (select count(*) from registry.certificate c
        where c.agency = u.agency and c.status = 'active') <> 1
  union all select 'nothing is to be read again of what was not applied' from sync.unread_section s
    join registry.unit u using (agency) where s.seq > u.applied_seq`;

const node = `${chainOf('sync.outbox_batch', '')}
  union all select 'the head is the newest batch' from sync.chain
    where (head_seq, head_hash) <> (select coalesce(max(seq), 0), coalesce(
      (select header_hash from sync.outbox_batch order by seq desc limit 1), '')
      from sync.outbox_batch)
  union all select 'safe, applied and received in this order' from sync.link
    where not (safe_seq <= applied_seq and applied_seq <= received_seq)
  union all select 'a receipt is there or not' from sync.outbox_batch
    where (receipt is null) <> (receipted_at is null)
      or (receipt_signature is null) <> (receipted_at is null)
  union all select 'receipts are those of the oldest batches' from sync.outbox_batch one
    join sync.outbox_batch other on other.seq > one.seq
    where one.receipted_at is null and other.receipted_at is not null
  union all select 'no record has more versions than there are batches' from sync.record
    where version > (select head_seq from sync.chain)
  union all select 'what waits to be mended is not mended' from sync.verdict v
    join national.record r using (record_id)
    where v.resolved_at is null and r.version > v.version
  union all select 'checkpoints without a gap from the first that is kept' from sync.checkpoint c
    where number > 1 and not exists (select from sync.checkpoint b where b.number = c.number - 1)
      and exists (select from sync.checkpoint b where b.number < c.number)`;

/** Names what does not hold. */
export async function violations(
  pool: Pick<Database['pool'], 'query'>,
  side: 'hub' | 'node',
): Promise<readonly string[]> {
  const text = `select distinct wrong from (${side === 'hub' ? hub : node}) as found (wrong)`;
  const { rows } = await pool.query<{ wrong: string }>({ name: `invariants of a ${side}`, text });
  return rows.map((row) => row.wrong);
}
