/**
 * The migrations that follow from version 1 of the catalogue, as text. They are committed as
 * numbered files and never edited; a later version of the catalogue adds files of its own.
 */
import { nationalSections, sections } from '../catalogue/catalogue.ts';
import { captureTriggersSql, tableTriggersSql } from './capture.ts';
import { catalogueSchemaSql } from './catalogue-schema.ts';
import { digestMarksSql } from './digest-marks.ts';
import { sectionTablesSql } from './tables.ts';

const derived = (what: string): string =>
  `-- ${what} Derived from the field catalogue, version 1.\n`;

const catalogueMigration = `${derived('Dates, identifiers and code lists.')}${catalogueSchemaSql}`;

const profileMigration = `${derived("The unit's own records.")}create schema profile;

-- kind 1: unit of the organisation tree, 2: person; a state secret travels in no section
create table profile.record (
  record_id uuid primary key default catalogue.new_record_id(),
  kind smallint not null check (kind in (1, 2)),
  state_secret boolean not null default false,
  created_at timestamptz not null default now()
);

${sectionTablesSql({ schema: 'profile', sections, withAgency: false })}
create unique index org_unit_code_idx on profile.org_unit (code);
create index identity_pin_idx on profile.identity (pin);
create index employment_employing_unit_idx on profile.employment (employing_unit);
`;

const captureMigration = `${derived('Capture of every change, whoever writes.')}${tableTriggersSql('profile.record', 0)}
${captureTriggersSql(sections)}`;

const nationalAtNode = `${derived('The mirror: what the nation holds about this unit.')}create schema national;

create table national.record (
  record_id uuid primary key,
  kind smallint not null,
  version bigint not null
);

${sectionTablesSql({ schema: 'national', sections: nationalSections, withAgency: false })}
-- sealed sections: ciphertext only (base64), one row a record and section
create table national.sealed (
  record_id uuid not null references national.record on delete cascade,
  section smallint not null,
  payload text not null,
  primary key (record_id, section)
);

create table national.total (
  as_of text not null,
  measure text not null,
  key text not null,
  value bigint not null,
  agencies integer not null,
  primary key (as_of, measure, key)
);

${digestMarksSql(nationalSections)}`;

const nationalAtHub = `${derived('The national subset of every unit.')}create schema national;

create table national.record (
  record_id uuid primary key,
  agency text not null references registry.unit,
  kind smallint not null,
  version bigint not null,
  seq bigint not null
);
create index record_agency_idx on national.record (agency, kind);

${sectionTablesSql({ schema: 'national', sections: nationalSections, withAgency: true })}
-- sealed sections: ciphertext only (base64), one row a record and section
create table national.sealed (
  record_id uuid not null references national.record on delete cascade,
  section smallint not null,
  agency text not null,
  payload text not null,
  primary key (record_id, section)
);
create index sealed_agency_idx on national.sealed (agency);

create unique index org_unit_code_idx on national.org_unit (agency, code);
create index employment_employing_unit_idx on national.employment (agency, employing_unit);

${digestMarksSql(nationalSections)}`;

/** File path from the top of the repository → text. */
export const derivedMigrations: Readonly<Record<string, string>> = {
  'node/src/db/migrations/0001-catalogue.sql': catalogueMigration,
  'node/src/db/migrations/0002-profile.sql': profileMigration,
  'node/src/db/migrations/0005-capture.sql': captureMigration,
  'node/src/db/migrations/0006-national.sql': nationalAtNode,
  'hub/src/db/migrations/0001-catalogue.sql': catalogueMigration,
  'hub/src/db/migrations/0004-national.sql': nationalAtHub,
};
