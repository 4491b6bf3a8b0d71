-- What reference sources (population, social insurance, Party) say of people, compared with what the
-- units have of them. The fields that a source owns are in the catalogue.
create schema reference;

-- people of a unit in order of record: the pages of a run
create index record_people_idx on national.record (agency, record_id) where kind = 2;

-- how fast and whether each source may be asked, shared by all processes of the hub; times of its clock
create table reference.source (
  name text primary key,
  tokens double precision not null,
  tokens_at_ms double precision not null,
  -- nobody asks before: the source has asked for patience, or does not answer
  blocked_until_ms double precision not null default 0,
  -- calls in succession that had no answer
  failures integer not null default 0,
  last_fault text,
  answered_at timestamptz
);

-- answers that may be used again; of a person only the fields that are compared, section.field to value
create table reference.answer (
  source text not null,
  pin text not null,
  kind text not null check (kind in ('found', 'not-found', 'withheld')),
  fields jsonb not null default '{}',
  as_of text not null,
  asked_at timestamptz not null,
  valid_until timestamptz not null,
  primary key (source, pin)
);
create index answer_valid_idx on reference.answer (valid_until);

-- how far a source is compared with a unit; a run goes on behind `done_to` until it is finished
create table reference.run (
  source text not null,
  agency text not null references registry.unit,
  -- answers from before the run do not count for it
  fresh boolean not null,
  started_at timestamptz not null,
  done_to uuid,
  compared bigint not null default 0,
  finished_at timestamptz,
  primary key (source, agency)
);

-- how each record stands to each source; compared: the digest of the unit's values that were compared
create table reference.comparison (
  record_id uuid not null references national.record on delete cascade,
  source text not null,
  agency text not null,
  state text not null check (state in ('MATCHED', 'DIFFERS', 'NOT_FOUND', 'WITHHELD', 'STALE')),
  as_of text not null,
  version bigint not null,
  compared bytea not null,
  compared_at timestamptz not null,
  valid_until timestamptz not null,
  primary key (record_id, source)
);
create index comparison_agency_idx on reference.comparison (agency, source, state);

-- values that differ, for the unit to settle: they go once they agree, with the comparison or the record.
-- the id follows from record, source, field and the source's value
create table reference.correction (
  id text primary key,
  record_id uuid not null,
  source text not null,
  agency text not null references registry.unit,
  section smallint not null,
  field smallint not null,
  unit_value text not null,
  source_value text not null,
  as_of text not null,
  version bigint not null,
  opened_at timestamptz not null default now(),
  foreign key (record_id, source) references reference.comparison on delete cascade
);
create index correction_record_idx on reference.correction (record_id, source);
create index correction_agency_idx on reference.correction (agency, id);

-- the unit's last word on a correction, by its id: kept also where this hub does not have the correction,
-- since a restored one may lack it until it has compared again
create table reference.said (
  agency text not null references registry.unit,
  correction text not null,
  record_id text not null,
  contested boolean not null,
  reason text not null,
  -- the batch that brought it
  seq bigint not null,
  said_at timestamptz not null default now(),
  primary key (agency, correction)
);

comment on schema reference is 'Đối soát với cơ sở dữ liệu tham chiếu';
