-- What arrived, judged row by row, until it is published or refused. Nothing of a row is lost here.
create schema intake;

-- where data comes from: the unit's workbooks, each program with a key, the consoles
create table intake.source (
  name text primary key
    constraint source_name_check check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  kind text not null check (kind in ('file', 'packet', 'api')),
  -- what it brings without errors is published at once; else a reviewer looks at it first
  trusted boolean not null,
  created_at timestamptz not null default now()
);
insert into intake.source (name, kind, trusted) values ('workbook', 'file', false);

-- what a source writes in place of our codes
create table intake.code_mapping (
  source text not null references intake.source on delete cascade,
  list text not null,
  value text not null,
  code text not null,
  primary key (source, list, value)
);

-- what a source writes above a column in place of our labels, folded
create table intake.heading_mapping (
  source text not null references intake.source on delete cascade,
  heading text not null,
  section text not null,
  field text not null,
  primary key (source, heading)
);

create table intake.import (
  id uuid primary key default catalogue.new_record_id(),
  source text not null references intake.source,
  file_name text,
  file_sha256 bytea,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  totals jsonb,
  -- of a file, by sheet: the rows down to its header, so that it can be judged again without the file
  sheets jsonb,
  -- when rows of it were deleted that were decided long ago; what is open or rejected stays
  aged_at timestamptz
);
create index import_started_idx on intake.import (started_at, id);
create index import_file_sha256_idx on intake.import (file_sha256);

create table intake.row (
  import_id uuid not null references intake.import on delete cascade,
  sheet text not null,
  row_no integer not null,
  kind text not null check (kind in ('unit', 'person', 'list-row')),
  -- the office's own running number
  stt integer,
  -- how the record is found: the code of a unit, the PIN of a person; null where it is faulty
  unit_code text,
  pin text,
  -- of a list row
  section text,
  verdict text not null check (verdict in ('ok', 'warning', 'error')),
  findings jsonb not null,
  -- section name to its rows, in canonical text
  sections jsonb not null,
  -- section name to the fields that the source has columns for: others are not touched
  carries jsonb not null,
  -- heading to cell as written; of a packet, the packet
  source jsonb not null,
  -- of a file: what kind of cell each was, a letter a column
  cell_kinds text,
  -- a record is written, or taken out of the unit's records
  action text not null default 'put' check (action in ('put', 'remove')),
  state text not null
    constraint row_state_check
    check (state in ('waiting', 'published', 'refused', 'rejected', 'unchanged', 'withdrawn')),
  -- given by the source, or found by the code or PIN at the publication
  record_id uuid,
  -- the record when the row was judged: another one since is told to the reviewer
  record_tag bytea,
  published_at timestamptz,
  -- who looked at the row, when, and why it was rejected (Decree 27/2026 art. 30)
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (import_id, sheet, row_no),
  constraint row_remove_check check (action = 'put' or kind = 'person')
);
create index row_pin_idx on intake.row (pin);
create index row_unit_code_idx on intake.row (unit_code);
create index row_record_idx on intake.row (record_id);
create index row_open_import_idx on intake.row (import_id) where state in ('waiting', 'refused');

-- whether two rows speak of a field both
create function intake.overlap(one jsonb, other jsonb) returns boolean
language sql immutable parallel safe strict as $$
  select exists (
    select from jsonb_each(one) a join jsonb_each(other) b using (key)
    where a.value ?| array(select jsonb_array_elements_text(b.value)))
$$;

-- what people decided, for ever: about rows, by sheet as ranges of row numbers, or about one record
create table intake.decision (
  id bigint generated always as identity primary key,
  decided_at timestamptz not null default now(),
  decided_by text not null check (decided_by <> ''),
  action text not null check (action in ('publish', 'reject', 'take-up', 'recheck', 'age-out',
                                         'close', 'reopen', 'remove', 'restore',
                                         'accept-correction', 'contest-correction')),
  import_id uuid,
  rows jsonb,
  row_count bigint not null default 0,
  record_id uuid,
  reason text,
  details jsonb
);
create index decision_import_idx on intake.decision (import_id);
create index decision_record_idx on intake.decision (record_id);

create function intake.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% keeps what it has: rows are only added', tg_table_name;
end
$$;
create trigger append_only before update or delete or truncate on intake.decision
  for each statement execute function intake.refuse_change();

-- records that were taken out of the unit's own, whole, as long as the archive law asks: section name
-- to its rows, in canonical text
create table profile.removed_record (
  id bigint generated always as identity primary key,
  record_id uuid not null,
  kind smallint not null,
  state_secret boolean not null,
  created_at timestamptz not null,
  pin text,
  sections jsonb not null,
  removed_at timestamptz not null default now(),
  removed_by text not null,
  source text,
  import_id uuid,
  reason text,
  restored_at timestamptz,
  restored_by text
);
create unique index removed_record_open_idx on profile.removed_record (record_id)
  where restored_at is null;
create index removed_record_pin_idx on profile.removed_record (pin);

comment on table intake.import is 'Lần nhập dữ liệu';
comment on table intake.row is 'Dòng dữ liệu chờ duyệt';
comment on table intake.decision is 'Nhật ký quyết định';
comment on table profile.removed_record is 'Hồ sơ đã đưa ra khỏi hệ thống';
