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
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  totals jsonb
);
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
  -- heading to cell as written
  source jsonb not null,
  -- a record is written, or taken out of the unit's records
  action text not null default 'put' check (action in ('put', 'remove')),
  state text not null
    constraint row_state_check
    check (state in ('waiting', 'published', 'refused', 'rejected', 'unchanged', 'withdrawn')),
  record_id uuid,
  published_at timestamptz,
  -- who looked at the row, when, and why it was rejected (Decree 27/2026 art. 30)
  decided_by text,
  decided_at timestamptz,
  reason text,
  primary key (import_id, sheet, row_no)
);
create index row_open_pin_idx on intake.row (pin) where state in ('waiting', 'refused');
create index row_open_unit_code_idx on intake.row (unit_code) where state in ('waiting', 'refused');
create index row_open_import_idx on intake.row (import_id) where state in ('waiting', 'refused');

comment on table intake.import is 'Lần nhập dữ liệu';
comment on table intake.row is 'Dòng dữ liệu chờ duyệt';
