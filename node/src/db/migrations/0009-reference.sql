-- What the reference sources say of the unit's people, as the hub compared it: written by the feed alone;
-- and what the unit's people decided on it.
create schema reference;

insert into intake.source (name, kind, trusted) values ('correction', 'api', false);

-- how each record stands to each source; state as on the wire
create table reference.comparison (
  record_id uuid not null references national.record on delete cascade,
  source text not null,
  state text not null,
  as_of text not null,
  -- of the record, as it was compared
  version bigint not null,
  hub_incarnation bigint not null,
  taken_at timestamptz not null default now(),
  primary key (record_id, source)
);

-- values that differ and are to be settled, each by a person
create table reference.correction (
  id text primary key,
  record_id uuid not null,
  source text not null,
  section text not null,
  field text not null,
  -- in the version that was compared; empty: none
  unit_value text not null,
  source_value text not null,
  -- the hub knows that the unit's value stays
  contested boolean not null,
  taken_at timestamptz not null default now(),
  foreign key (record_id, source) references reference.comparison on delete cascade
);
create index correction_record_idx on reference.correction (record_id, source);

-- what a person decided; version: of the record as it was last sealed then
create table reference.settled (
  correction text primary key,
  record_id uuid not null,
  decision text not null check (decision in ('accepted', 'contested')),
  version bigint not null,
  decided_by text not null,
  decided_at timestamptz not null default now(),
  reason text
);

-- what the hub is to be told of it: rides on the next batch. sealed_seq: the batch that has it
create table sync.answer (
  id bigint generated always as identity primary key,
  correction text not null,
  record_id uuid not null,
  contested boolean not null,
  reason text not null,
  made_at timestamptz not null default now(),
  sealed_seq bigint
);
create index answer_unsealed_idx on sync.answer (id) where sealed_seq is null;
create index answer_sealed_idx on sync.answer (sealed_seq) where sealed_seq is not null;

comment on schema reference is 'Đối soát với cơ sở dữ liệu tham chiếu';
