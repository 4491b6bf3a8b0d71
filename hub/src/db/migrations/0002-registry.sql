-- Who may speak to the hub: units, invitations, enrolments, certificates; and who holds which person.
create schema registry;

-- one row: the incarnation that this database belongs to (the number itself is kept outside, in a file)
create table registry.hub (
  only_row boolean primary key default true check (only_row),
  incarnation bigint not null,
  created_at timestamptz not null default now()
);

create table registry.unit (
  agency text primary key,
  name text not null,
  status text not null default 'invited' check (status in ('invited', 'active', 'frozen', 'revoked')),
  frozen_reason text,
  signing_key text,
  slot text not null,
  epoch bigint not null default 0,
  lineage_token bytea not null default '',
  hello_nonce bytea,
  hello_at timestamptz,
  software text,
  catalogue_version integer,
  clock_skew_ms bigint,
  head_seq bigint not null default 0,
  head_hash bytea not null default '',
  applied_seq bigint not null default 0,
  safe_seq bigint not null default 0,
  feed_head bigint not null default 0,
  -- the node has applied the feed up to here, as its own cursor says
  feed_acked bigint not null default 0,
  -- the X25519 key with which bundles for the unit are encrypted
  bundle_key bytea,
  -- when the node last showed that a marker of its own had come back to it
  proof_at timestamptz,
  created_at timestamptz not null default now()
);

-- nonces of the welcomes before the last one, and of the last one before a release or a raise: a hello
-- that comes late, on a medium, is no clone, and is not whom the unit was released for
create table registry.spent_hello (
  agency text not null references registry.unit,
  nonce bytea not null,
  spent_at timestamptz not null default now(),
  primary key (agency, nonce)
);

create table registry.invitation (
  id bigint generated always as identity primary key,
  agency text not null references registry.unit,
  token_hash bytea not null unique,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now()
);

create table registry.enrolment (
  id bigint generated always as identity primary key,
  invitation_id bigint not null unique references registry.invitation,
  agency text not null references registry.unit,
  request_hash bytea not null,
  signing_request text not null,
  signing_key text not null,
  tls_key_id text not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected')),
  certificate text,
  requested_at timestamptz not null default now(),
  decided_at timestamptz
);

create table registry.certificate (
  fingerprint text primary key,
  agency text not null references registry.unit,
  pem text not null,
  not_after timestamptz not null,
  status text not null default 'active' check (status in ('active', 'revoked')),
  issued_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index certificate_agency_idx on registry.certificate (agency);

-- identification of employees at all levels: one active record a person, whatever the partitioning
create table registry.identity (
  pin text primary key,
  record_id uuid not null unique,
  agency text not null references registry.unit,
  ownership_epoch bigint not null default 1
);
create index identity_agency_idx on registry.identity (agency);
