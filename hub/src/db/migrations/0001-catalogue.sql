-- Dates, identifiers and code lists. Derived from the field catalogue, version 1.
create schema catalogue;

-- years 1800–2200, months and days that exist; YYYY, YYYY-MM or YYYY-MM-DD
create function catalogue.is_partial_date(value text) returns boolean
language sql immutable parallel safe strict as $$
  select case
    -- nearly every date; the days 29–31 are looked at below
    when value ~ '^(1[89][0-9]{2}|2[01][0-9]{2}|2200)(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?$' then true
    when value !~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$' then false
    when substr(value, 1, 4)::integer not between 1800 and 2200 then false
    when length(value) = 4 then true
    when substr(value, 6, 2)::integer not between 1 and 12 then false
    when length(value) = 7 then true
    else substr(value, 9, 2)::integer between 1 and extract(
      day from (make_date(substr(value, 1, 4)::integer, substr(value, 6, 2)::integer, 1)
                + interval '1 month' - interval '1 day'))::integer
  end
$$;

create domain catalogue.partial_date as text
  constraint partial_date_check check (catalogue.is_partial_date(value));

-- time-ordered identifiers (RFC 9562, version 7): 48 bits of milliseconds, then random bits
create function catalogue.new_record_id() returns uuid
language sql volatile parallel safe as $$
  select encode(
    set_bit(
      set_bit(
        overlay(uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6),
        52, 1),
      53, 1),
    'hex')::uuid
$$;

create table catalogue.code_list (
  name text primary key,
  version integer not null,
  name_vi text not null,
  name_en text not null,
  source text not null
);

create table catalogue.code_value (
  list text not null references catalogue.code_list on delete cascade,
  code text not null,
  label_vi text not null,
  label_en text,
  valid_from text not null default '0000-01-01',
  valid_to text not null default '9999-12-31',
  status text not null,
  parent text,
  successor text,
  salary_group text,
  aliases jsonb not null default '[]',
  note text,
  primary key (list, code, valid_from)
);
