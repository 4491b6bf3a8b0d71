/**
 * The rules of `rules/value-rules.ts` as set-based SQL over staging tables whose columns are all
 * text. One statement a section: it yields (record_id, section, field, code) for every fault.
 *
 * One difference remains: NFC is judged by the Unicode version of each side, so a character that is
 * newer than the server's (none of Vietnamese) may pass here and not there.
 */
import { identity } from '../catalogue/person.ts';
import type { Field, Section } from '../catalogue/types.ts';
import type { FindingCode } from '../rules/rules.ts';
import { decimalPattern, unitCodeMax, unitCodePattern } from '../rules/value-shapes.ts';
import { literal } from './names.ts';

type Fault = { readonly code: FindingCode; readonly when: string };

/**
 * A query over `<staging>` (alias `s`) with the columns record_id, section, field, code: the first
 * fault of each field of each row.
 */
export function sectionFaultsSql(section: Section, staging: string): string {
  const perField = section.fields.map((field) => {
    const branches = faultsOf(section, field)
      .map((fault) => `when ${fault.when} then ${literal(fault.code)}`)
      .join('\n           ');
    return `    (${literal(field.name)}, case ${branches} end)`;
  });
  return `select s.record_id, ${section.tag}::smallint as section, f.field, f.code
  from ${staging} s
  cross join lateral (values
${perField.join(',\n')}
  ) as f (field, code)
  where f.code is not null`;
}

/**
 * The rule `date_future`, over the staging table of identities: births of which the whole date lies
 * ahead. A day is granted, so that no clock of a unit that is fast a little makes the hub the stricter.
 */
export function futureBirthsSql(staging: string): string {
  const tomorrow = `to_char((now() + interval '1 day') at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')`;
  return `select s.record_id, ${identity.tag}::smallint as section, 'birth_date' as field, ${literal('date_future' satisfies FindingCode)} as code
  from ${staging} s
  where catalogue.is_partial_date(s.birth_date)
    and s.birth_date collate "C" > left(${tomorrow}, length(s.birth_date)) collate "C"`;
}

function faultsOf(section: Section, field: Field): readonly Fault[] {
  const column = `s.${field.name}`;
  const required: readonly Fault[] = field.required
    ? [{ code: 'required', when: `${column} is null or ${column} = ''` }]
    : [];
  const rest = typeFaults(section, field, column);
  return [
    ...required,
    // an empty string is no value, and no value has no further fault
    ...rest.map((fault) => ({ ...fault, when: `${column} <> '' and (${fault.when})` })),
  ];
}

function typeFaults(section: Section, field: Field, column: string): readonly Fault[] {
  const { type } = field;
  switch (type.kind) {
    case 'text':
      return [
        { code: 'text_too_long', when: `char_length(${column}) > ${type.max}` },
        {
          code: 'text_illegal',
          when: `${column} is not nfc normalized or ${column} ~ '[\\u0001-\\u001f\\u007f-\\u009f]'`,
        },
      ];
    case 'code':
      return codeFaults(section, field, type.list, column);
    case 'partial-date':
      return [{ code: 'date_format', when: `not catalogue.is_partial_date(${column})` }];
    case 'integer':
      return [
        { code: 'number_format', when: `${column} !~ '^-?[0-9]{1,9}$'` },
        {
          code: 'number_range',
          when: `case when ${column} ~ '^-?[0-9]{1,9}$' then ${column}::integer not between ${type.min} and ${type.max} end`,
        },
      ];
    case 'decimal':
      return [
        {
          code: 'number_format',
          when: `${column} !~ ${literal(decimalPattern(type.precision, type.scale))}`,
        },
      ];
    case 'pin':
      return [{ code: 'pin_format', when: `${column} !~ '^[0-9]{12}$'` }];
    case 'unit-code':
      return [
        {
          code: 'unit_code_format',
          when: `${column} !~ ${literal(unitCodePattern)} or char_length(${column}) > ${unitCodeMax}`,
        },
      ];
  }
}

function codeFaults(
  section: Section,
  field: Field,
  list: string,
  column: string,
): readonly Fault[] {
  // uncorrelated, so that PostgreSQL hashes each list once and not once a row
  const codes = `select c.code from catalogue.code_value c where c.list = ${literal(list)}`;
  const dating = section.fields.find((one) => one.name === field.asOf);
  const unknown: Fault = { code: 'code_unknown', when: `${column} not in (${codes})` };
  if (dating === undefined) return [unknown];
  const event = `s.${dating.name}`;
  return [
    unknown,
    {
      code: 'code_not_valid_then',
      when:
        // a malformed date has a fault of its own and dates nothing
        `${column} in (${codes} and (c.valid_from > '0000-01-01' or c.valid_to < '9999-12-31'))` +
        ` and catalogue.is_partial_date(${event}) and not exists (${codes} and c.code = ${column}` +
        ` and left(c.valid_from, length(${event})) <= ${event} collate "C"` +
        ` and left(c.valid_to, length(${event})) >= ${event} collate "C")`,
    },
  ];
}
