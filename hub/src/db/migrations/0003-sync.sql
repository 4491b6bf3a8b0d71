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
  -- set when the batch holds sections or fields that only this version of the catalogue knows
  newer_catalogue integer,
  primary key (agency, seq)
);
create index inbox_waiting_idx on sync.inbox (agency, seq) where applied_at is null;

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

-- kinds: record (the state is read when a page is made), verdict, marker, totals, checkpoint, and
-- resend (the hub can read more of the record than when it came, and asks for it whole)
create table sync.feed_entry (
  agency text not null references registry.unit,
  position bigint not null check (position > 0),
  kind text not null check (kind in ('record', 'verdict', 'marker', 'totals', 'checkpoint', 'resend')),
  record_id uuid,
  version bigint,
  sections smallint[],
  body bytea,
  primary key (agency, position)
);
-- what a unit was last told of the nation, looked up at every sweep
create index feed_entry_totals_idx on sync.feed_entry (agency, position) where kind = 'totals';

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
