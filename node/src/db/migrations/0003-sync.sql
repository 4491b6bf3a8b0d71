-- The protocol's tables at a node: what was captured, what was sealed, how far the hub is.
create schema sync;

-- one row: the node's identity and its last hello
create table sync.link (
  only_row boolean primary key default true check (only_row),
  agency text not null,
  hub_address text,
  hub_audience bytea,
  hub_signing_key text,
  hub_incarnation bigint not null default 0,
  epoch bigint not null default 0,
  lineage_token bytea not null default '',
  hello_nonce bytea,
  hello_at timestamptz,
  night_slot text,
  clock_skew_ms bigint,
  batch_records_max integer not null default 10000,
  received_seq bigint not null default 0,
  applied_seq bigint not null default 0,
  safe_seq bigint not null default 0,
  -- the X25519 key with which bundles for the hub are encrypted; null before the first answered hello
  hub_bundle_key bytea,
  -- day in Hanoi since which changes have due days: what is older is old data. Set by the first proof of
  -- a round trip with people in it, or by a person
  live_since text
);

-- one row, changed by the sealer alone: the head of the chain of batches
create table sync.chain (
  only_row boolean primary key default true check (only_row),
  head_seq bigint not null default 0,
  head_hash bytea not null default ''
);
insert into sync.chain default values;

-- locked by the one sealer before it takes its snapshot
create table sync.sealer (locked boolean);

-- one row: how far the feed of the hub is in the mirror, and the last proof of a round trip
create table sync.feed_position (
  only_row boolean primary key default true check (only_row),
  hub_incarnation bigint not null default 0,
  cursor bigint not null default 0,
  -- a restored hub's feed is read from its start; what it does not bring goes at its end
  rebuilding boolean not null default false,
  proof_marker text,
  proof_at timestamptz
);
insert into sync.feed_position default values;

-- while the mirror is made anew: the records that the feed has brought so far
create table sync.mirror_seen (record_id uuid primary key);

-- keys of what changed, written by triggers in the writer's transaction; section 0: the record itself.
-- origin: s of a program of the unit, e of anybody else, n no change, but to be sent again. A writer says
-- so for its transaction (lienthong.origin)
create table sync.change_log (
  n bigint generated always as identity primary key,
  record_id uuid not null,
  section smallint not null,
  noted_at timestamptz not null default now(),
  origin "char" not null
    default coalesce(nullif(current_setting('lienthong.origin', true), ''), 'e')::"char"
);
create index change_log_record_id_idx on sync.change_log (record_id);
create index change_log_org_unit_idx on sync.change_log (n) where section in (1, 2);

-- changes that were sealed since the unit is live, with what their due day follows from; arrived_on: the
-- day in Hanoi on which the hub had what it took; null: it is not in the hub's tables
create table sync.change (
  record_id uuid not null,
  section smallint not null,
  version bigint not null,
  kind text not null check (kind in ('creation', 'declaration', 'system', 'elsewhere')),
  event_on text not null,
  noted_on text not null,
  seq bigint,
  arrived_on text,
  primary key (record_id, section, version)
);
create index change_open_idx on sync.change (record_id) where arrived_on is null;

-- until which day a change of a kind is in time, by the day of its event: written anew from the calendar
-- that is in force
create table sync.due_day (
  event_on text not null,
  kind text not null,
  due_on text not null,
  primary key (event_on, kind)
);

-- the quality of each night, by the unit that employs
create table sync.quality_day (
  as_of text not null,
  unit text not null,
  measure text not null,
  good bigint not null,
  total bigint not null,
  primary key (as_of, unit, measure)
);

-- each record that was ever sealed: its version, and whether the hub is meant to have it
create table sync.record (
  record_id uuid primary key,
  kind smallint not null,
  version bigint not null,
  present boolean not null,
  whole_next boolean not null default false
);

create table sync.outbox_batch (
  seq bigint primary key check (seq > 0),
  prev_hash bytea not null,
  header_hash bytea not null unique,
  header bytea not null,
  signature bytea not null,
  -- dropped once the hub has called the batch safe; the chain stays
  content bytea,
  record_count integer not null,
  raw_bytes bigint not null,
  sealed_at timestamptz not null,
  receipt bytea,
  receipt_signature bytea,
  receipted_at timestamptz,
  constraint outbox_batch_content_check check (content is not null or receipted_at is not null)
);

create index outbox_batch_waiting_idx on sync.outbox_batch (seq) where receipted_at is null;
create index outbox_batch_content_idx on sync.outbox_batch (seq) where content is not null;
create index outbox_batch_dropped_idx on sync.outbox_batch (seq) where content is null;

-- receipts for batches that the hub lost in a restore: evidence of what it had promised
create table sync.void_receipt (
  seq bigint not null,
  header_hash bytea not null,
  receipt bytea not null,
  receipt_signature bytea not null,
  receipted_at timestamptz not null,
  voided_at timestamptz not null default now(),
  primary key (seq, receipt)
);

-- batches of a history that was given up when the node rejoined; their records were sealed anew
create table sync.abandoned_batch (
  header_hash bytea primary key,
  seq bigint not null,
  header bytea not null,
  signature bytea not null,
  content bytea,
  receipt bytea,
  receipt_signature bytea,
  abandoned_at timestamptz not null default now()
);

-- what the hub refused, for people to mend; closed when a newer version of the record is in the mirror
create table sync.verdict (
  record_id uuid not null,
  version bigint not null,
  seq bigint not null,
  section smallint not null,
  field text not null,
  code text not null,
  received_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (record_id, version, section, field, code)
);
create index verdict_open_idx on sync.verdict (record_id) where resolved_at is null;

create table sync.marker_seen (
  marker text primary key,
  seen_at timestamptz not null default now()
);

create table sync.totals_report (
  as_of text primary key,
  report bytea not null,
  signature bytea not null,
  receipt bytea,
  receipt_signature bytea
);

-- how far each section travels, as the hub signed it: the newest is in force; none: the default
create table sync.policy (
  hub_incarnation bigint not null,
  version bigint not null check (version > 0),
  body bytea not null,
  signature bytea not null,
  taken_at timestamptz not null default now(),
  primary key (hub_incarnation, version)
);

-- versions of code lists, as the hub signed them; those in force lie in catalogue
create table sync.code_list (
  hub_incarnation bigint not null,
  name text not null,
  version integer not null check (version > 0),
  body bytea not null,
  signature bytea not null,
  taken_at timestamptz not null default now(),
  primary key (name, hub_incarnation, version)
);

-- lists that have changed: to look at the records that hold what they do not allow. holders: how many,
-- null until they are counted; the row goes when there is none
create table sync.code_list_task (
  list text primary key,
  version integer not null,
  raised_at timestamptz not null default now(),
  holders bigint,
  counted_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text
);

-- of every incarnation of the hub: those of a branch that a restore lost stay as evidence
create table sync.checkpoint (
  hub_incarnation bigint not null,
  number bigint not null,
  body bytea not null,
  body_hash bytea not null,
  signature bytea not null,
  received_at timestamptz not null default now(),
  primary key (hub_incarnation, number)
);

-- of an incarnation that is over, in place of one above or in no chain with it: a hub that went back
-- unnoticed gave their numbers twice. What came first stays above
create table sync.checkpoint_conflict (
  hub_incarnation bigint not null,
  number bigint not null,
  body bytea not null,
  body_hash bytea not null,
  signature bytea not null,
  received_at timestamptz not null default now(),
  primary key (hub_incarnation, number, body_hash)
);

create function sync.capture_new() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into sync.change_log (record_id, section)
  select distinct record_id, tg_argv[0]::smallint from new_rows;
  return null;
end
$$;

create function sync.capture_old() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into sync.change_log (record_id, section)
  select distinct record_id, tg_argv[0]::smallint from old_rows;
  return null;
end
$$;

create function sync.capture_both() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into sync.change_log (record_id, section)
  select record_id, tg_argv[0]::smallint from new_rows
  union
  select record_id, tg_argv[0]::smallint from old_rows;
  return null;
end
$$;

-- truncate has no transition table: every record that the hub may hold is looked at again. It removes
-- rows that an older snapshot does not see, and would be noted for those alone that it sees
create function sync.capture_all() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'truncate %.% at isolation level read committed, or use delete',
      tg_table_schema, tg_table_name using errcode = 'feature_not_supported';
  end if;
  insert into sync.change_log (record_id, section)
  select record_id, tg_argv[0]::smallint from sync.record where present;
  return null;
end
$$;

-- SHA-256 of the payload that was last sealed of a record and section: what hub and mirror hold
create table sync.sealed_payload (
  record_id uuid not null,
  section smallint not null,
  digest bytea not null,
  primary key (record_id, section)
);

-- the digest of each record as the hub ought to have it, and as the mirror has it; bucket: the first
-- two bytes of SHA-256(record_id)
create table sync.own_digest (
  record_id uuid primary key,
  bucket integer not null,
  rows integer not null,
  digest bytea not null
);
create index own_digest_bucket_idx on sync.own_digest (bucket, record_id) include (rows, digest);

create table sync.mirror_digest (
  record_id uuid primary key,
  bucket integer not null,
  rows integer not null,
  digest bytea not null
);
create index mirror_digest_bucket_idx on sync.mirror_digest (bucket, record_id)
  include (rows, digest);

-- the digest over the records of each bucket: a million records are compared by these
create table sync.own_bucket (
  bucket integer primary key,
  records bigint not null,
  rows bigint not null,
  digest bytea not null
);

create table sync.mirror_bucket (
  bucket integer primary key,
  records bigint not null,
  rows bigint not null,
  digest bytea not null
);

-- records whose digest is to be made anew: of the unit's own, written when they are sealed; of the
-- mirror, by triggers
create table sync.own_dirty (record_id uuid not null);
create table sync.mirror_dirty (record_id uuid not null);

-- by which rule the digests of a table and unit were made, as a hash: another catalogue or policy makes
-- them all anew; locked by whoever makes digests, before the snapshot is taken
create table sync.digest_rule (
  digests text not null,
  agency text not null,
  rule bytea not null,
  primary key (digests, agency)
);

-- where the writer has marked its records itself it says so for its transaction (lienthong.marked)
create function sync.mark_new() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('lienthong.marked', true) = 'on' then return null; end if;
  insert into sync.mirror_dirty (record_id) select distinct record_id from new_rows;
  return null;
end
$$;

create function sync.mark_old() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('lienthong.marked', true) = 'on' then return null; end if;
  insert into sync.mirror_dirty (record_id) select distinct record_id from old_rows;
  return null;
end
$$;

create function sync.mark_both() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('lienthong.marked', true) = 'on' then return null; end if;
  insert into sync.mirror_dirty (record_id)
  select record_id from new_rows union select record_id from old_rows;
  return null;
end
$$;

-- truncate has no transition table: every record that has a digest is looked at again
create function sync.mark_all() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into sync.mirror_dirty (record_id) select record_id from sync.mirror_digest;
  return null;
end
$$;

-- what this node verified: its signed report, and the hub's signed answer
create table sync.verification (
  id bigint generated always as identity primary key,
  report bytea not null,
  signature bytea not null,
  receipt bytea not null,
  receipt_signature bytea not null,
  head_seq bigint not null,
  differing bigint not null,
  held_back bigint not null,
  confirmed boolean not null,
  made_at timestamptz not null
);
