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
  safe_seq bigint not null default 0
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
  proof_marker text,
  proof_at timestamptz
);
insert into sync.feed_position default values;

-- keys of what changed, written by triggers in the writer's transaction; section 0: the record itself
create table sync.change_log (
  n bigint generated always as identity primary key,
  record_id uuid not null,
  section smallint not null
);
create index change_log_record_id_idx on sync.change_log (record_id);
create index change_log_org_unit_idx on sync.change_log (n) where section in (1, 2);

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
  content bytea not null,
  record_count integer not null,
  raw_bytes bigint not null,
  sealed_at timestamptz not null,
  receipt bytea,
  receipt_signature bytea,
  receipted_at timestamptz
);

create index outbox_batch_waiting_idx on sync.outbox_batch (seq) where receipted_at is null;

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

create table sync.checkpoint (
  number bigint primary key,
  body bytea not null,
  signature bytea not null,
  received_at timestamptz not null default now()
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

-- truncate has no transition table: every record that the hub may hold is looked at again
create function sync.capture_all() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into sync.change_log (record_id, section)
  select record_id, tg_argv[0]::smallint from sync.record where present;
  return null;
end
$$;
