-- The protocol's tables at the hub: the archive of batches, verdicts, the feed of each unit.
create schema sync;

-- accepted batches, byte for byte, with the receipt that was given: the archive
create table sync.inbox (
  agency text not null references registry.unit,
  seq bigint not null check (seq > 0),
  prev_hash bytea not null,
  header_hash bytea not null,
  header bytea not null,
  signature bytea not null,
  content bytea not null,
  receipt bytea not null,
  receipt_signature bytea not null,
  received_at timestamptz not null,
  applied_at timestamptz,
  records_sent integer not null,
  records_accepted integer,
  records_refused integer,
  records_ignored integer,
  primary key (agency, seq)
);
create index inbox_waiting_idx on sync.inbox (agency, seq) where applied_at is null;

-- columns of applied batches that this hub's catalogue does not know yet: read again once it does
create table sync.unread_column (
  agency text not null,
  seq bigint not null,
  section smallint not null,
  tag bigint not null,
  primary key (agency, seq, section, tag)
);

-- whose section, as it was last accepted, lies in a batch with such columns
create table sync.unread_section (
  agency text not null,
  record_id uuid not null,
  section smallint not null,
  seq bigint not null,
  primary key (agency, record_id, section)
);
create index unread_section_seq_idx on sync.unread_section (agency, seq, section);

-- the second history of a fork, kept as evidence
create table sync.fork_evidence (
  id bigint generated always as identity primary key,
  agency text not null references registry.unit,
  seq bigint not null,
  header bytea not null,
  signature bytea not null,
  received_at timestamptz not null default now()
);

-- records whose newest version was refused; one row a fault
create table sync.held_record (
  agency text not null references registry.unit,
  record_id uuid not null,
  kind smallint not null,
  version bigint not null,
  seq bigint not null,
  since timestamptz not null default now(),
  primary key (agency, record_id)
);

create table sync.held_fault (
  agency text not null,
  record_id uuid not null,
  section smallint not null,
  field text not null,
  code text not null,
  primary key (agency, record_id, section, field, code),
  foreign key (agency, record_id) references sync.held_record on delete cascade
);

-- changes as their units date them, with what their due day follows from; arrived_on: the day in Hanoi on
-- which the batch came that was taken; null: refused since
create table sync.change (
  agency text not null references registry.unit,
  record_id uuid not null,
  section smallint not null,
  version bigint not null,
  kind text not null check (kind in ('creation', 'declaration', 'system', 'elsewhere')),
  event_on text not null,
  noted_on text not null,
  seq bigint not null,
  arrived_on text,
  primary key (agency, record_id, section, version)
);
create index change_open_idx on sync.change (agency, record_id) where arrived_on is null;

-- until which day a change of a kind is in time, by the day of its event: written anew from the calendar
-- that is in force
create table sync.due_day (
  event_on text not null,
  kind text not null,
  due_on text not null,
  primary key (event_on, kind)
);

-- the quality of each night, as the hub sees it, by the unit that employs
create table sync.quality_day (
  agency text not null references registry.unit,
  as_of text not null,
  unit text not null,
  measure text not null,
  good bigint not null,
  total bigint not null,
  primary key (agency, as_of, unit, measure)
);

-- kinds: record (the state is read when a page is made), verdict, marker, totals, checkpoint, policy,
-- code-list (its name; the newest version is read when a page is made), comparison (its record and, as
-- body, its source; read when a page is made), and resend (the hub asks for the record whole)
create table sync.feed_entry (
  agency text not null references registry.unit,
  position bigint not null check (position > 0),
  kind text not null check (kind in ('record', 'verdict', 'marker', 'totals', 'checkpoint', 'policy', 'code-list', 'comparison', 'resend')),
  record_id uuid,
  version bigint,
  sections smallint[],
  body bytea,
  primary key (agency, position)
);
-- what a unit was last told of the nation, looked up at every sweep
create index feed_entry_totals_idx on sync.feed_entry (agency, position) where kind = 'totals';

-- which policies a unit was told, looked up when it is activated
create index feed_entry_policy_idx on sync.feed_entry (agency, position) where kind = 'policy';

-- which code lists a unit was told, looked up when it is activated
create index feed_entry_code_list_idx on sync.feed_entry (agency, position) where kind = 'code-list';

-- every version of a code list that was ever published; the one in force lies in catalogue too
create table sync.code_list (
  name text not null,
  version integer not null check (version > 0),
  body bytea not null,
  signature bytea not null,
  as_of text not null,
  created_at timestamptz not null default now(),
  primary key (name, version)
);

-- how far each section travels: the newest version is in force; none: the shipped default
create table sync.policy (
  version bigint primary key check (version > 0),
  body bytea not null,
  signature bytea not null,
  as_of text not null,
  created_at timestamptz not null default now()
);

create table sync.checkpoint (
  number bigint primary key,
  body bytea not null,
  body_hash bytea not null,
  signature bytea not null,
  as_of text not null unique,
  created_at timestamptz not null default now()
);

-- the newest report of each unit, and its figures
create table sync.totals_report (
  agency text not null references registry.unit,
  as_of text not null,
  report bytea not null,
  report_hash bytea not null,
  signature bytea not null,
  receipt bytea not null,
  receipt_signature bytea not null,
  head_seq bigint not null,
  received_at timestamptz not null default now(),
  primary key (agency, as_of)
);

create table sync.totals_figure (
  agency text not null,
  as_of text not null,
  measure text not null,
  key text not null,
  value bigint not null,
  primary key (agency, as_of, measure, key),
  foreign key (agency, as_of) references sync.totals_report on delete cascade
);

-- bundles that came on a medium, as this incarnation answered them; late: a welcome after that of its
-- hello had been given before it came
create table sync.bundle (
  id bigint generated always as identity primary key,
  agency text not null references registry.unit,
  bundle_id bytea not null,
  answered_under bigint not null,
  hash bytea not null,
  hello_nonce bytea not null,
  late boolean not null,
  feed_cursor bigint not null default 0,
  -- null: the import was interrupted
  imported_at timestamptz,
  unique (agency, bundle_id, answered_under)
);

-- what the items of a bundle were answered; settled: nothing later says more
create table sync.bundle_reply (
  bundle bigint not null references sync.bundle,
  item integer not null,
  part text not null,
  subject bytea not null,
  settled boolean not null,
  body bytea not null,
  primary key (bundle, item)
);
create index bundle_reply_subject_idx on sync.bundle_reply (part, subject);

-- the digest of each record in national.*, kept up to date from the marks below; bucket: the first two
-- bytes of SHA-256(record_id)
create table sync.record_digest (
  record_id uuid primary key,
  agency text not null,
  bucket integer not null,
  rows integer not null,
  digest bytea not null
);
create index record_digest_bucket_idx on sync.record_digest (agency, bucket, record_id)
  include (rows, digest);

-- the digest over the records of each bucket: a million records are compared by these
create table sync.bucket_digest (
  agency text not null,
  bucket integer not null,
  records bigint not null,
  rows bigint not null,
  digest bytea not null,
  primary key (agency, bucket)
);

-- records that some statement touched since their digest was made, written by triggers
create table sync.digest_dirty (agency text not null, record_id uuid not null);
create index digest_dirty_agency_idx on sync.digest_dirty (agency);

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
  insert into sync.digest_dirty (agency, record_id) select distinct agency, record_id from new_rows;
  return null;
end
$$;

create function sync.mark_old() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('lienthong.marked', true) = 'on' then return null; end if;
  insert into sync.digest_dirty (agency, record_id) select distinct agency, record_id from old_rows;
  return null;
end
$$;

create function sync.mark_both() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('lienthong.marked', true) = 'on' then return null; end if;
  insert into sync.digest_dirty (agency, record_id)
  select agency, record_id from new_rows union select agency, record_id from old_rows;
  return null;
end
$$;

-- truncate has no transition table: every record that has a digest is looked at again
create function sync.mark_all() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into sync.digest_dirty (agency, record_id)
  select agency, record_id from sync.record_digest;
  return null;
end
$$;

-- the nodes' signed reports of their verifications, and what this hub answered
create table sync.verification (
  id bigint generated always as identity primary key,
  agency text not null references registry.unit,
  report bytea not null,
  report_hash bytea not null,
  signature bytea not null,
  receipt bytea not null,
  receipt_signature bytea not null,
  head_seq bigint not null,
  differing bigint not null,
  held_back bigint not null,
  confirmed boolean not null,
  received_at timestamptz not null,
  unique (agency, report_hash)
);
