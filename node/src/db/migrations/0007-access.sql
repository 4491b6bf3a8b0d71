-- Who may use the node's HTTP interface, and what the programs have sent through it.
create schema access;

create table access.key (
  -- the public half, which stands in front of the secret: a key is found by it
  id text primary key constraint key_id_check check (id ~ '^[0-9a-f]{16}$'),
  -- what the key brings has this source
  name text not null references intake.source,
  agency text not null,
  -- SHA-256 of the secret half; the secret itself is nowhere
  secret_sha256 bytea not null check (octet_length(secret_sha256) = 32),
  scopes text[] not null,
  -- a unit of the tree: the key is for it and what is below it; null: for the whole agency
  unit text,
  issued_at timestamptz not null,
  revoked_at timestamptz
);
-- one key in force a name: a new one after a revocation keeps the source and its mappings
create unique index key_name_idx on access.key (name) where revoked_at is null;

-- how often a key was used, by hour: no request is kept, and no payload
create table access.key_use (
  key_id text not null references access.key on delete cascade,
  hour timestamptz not null,
  route text not null,
  outcome text not null,
  requests bigint not null,
  last_at timestamptz not null,
  primary key (key_id, hour, route, outcome)
);

-- which program looked at whom: what was asked for, never what was found
create table access.read_log (
  at timestamptz not null,
  key_id text not null references access.key,
  route text not null,
  outcome text not null,
  -- null: a list
  record_id uuid,
  -- the part of a record, or what a list was narrowed by; of words that were searched only their kind
  asked jsonb not null
);
create index read_log_at_idx on access.read_log (at);
create index read_log_record_idx on access.read_log (record_id, at) where record_id is not null;

-- packets that had an answer: the same one again is told from a new one
create table intake.packet (
  source text not null references intake.source on delete cascade,
  -- as the program named it, else made here
  transaction_id text not null,
  -- M0001 … M0006, T0001
  service text not null,
  -- the person or unit that it speaks of; null where that could not be read
  subject text,
  -- of the service, the action and the body
  content_sha256 bytea not null,
  received_at timestamptz not null,
  -- when the program made it, as it says, and no later than it came
  made_at timestamptz,
  accepted boolean not null,
  -- kept in the order of its members: a repetition gets the same bytes
  reply json not null,
  import_id uuid references intake.import on delete set null,
  record_id uuid,
  -- digest of the record as the packet left it; null where it waits or was refused
  etag text,
  primary key (source, transaction_id)
);
create index packet_subject_idx on intake.packet (source, subject, service, received_at);
create index packet_record_idx on intake.packet (record_id, received_at);

-- the key of the person in packets
create index employment_staff_number_idx on profile.employment (staff_number);

comment on table access.key is 'Khóa kết nối';
comment on table access.read_log is 'Nhật ký tra cứu';
comment on table intake.packet is 'Gói tin đã nhận';
