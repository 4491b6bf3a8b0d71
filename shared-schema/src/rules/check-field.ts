/**
 * One value against the rules of its field's type, on canonical text (what COPY carries), and the
 * findings that come of it. Whatever reads values (workbooks, packets, the API, the tables) asks here.
 */
import { sectionNamed } from '../catalogue/catalogue.ts';
import type { RecordDraft } from '../catalogue/draft.ts';
import type { Field, FieldType, Section } from '../catalogue/types.ts';
import type { CodeBook } from '../code-lists/code-book.ts';
import { type Finding, makeFinding } from './findings.ts';
import type { CodeContext, ValueFault, ValueRule } from './rule.ts';
import { valueRules } from './value-rules.ts';

export type ValueRuleCode = keyof typeof valueRules;
export type FieldFault = ValueFault & { readonly code: ValueRuleCode };

type CodedRule = readonly [code: ValueRuleCode, rule: ValueRule];

const isValueRuleCode = (code: string): code is ValueRuleCode => Object.hasOwn(valueRules, code);
const coded = Object.keys(valueRules)
  .filter((code) => isValueRuleCode(code))
  .map((code): CodedRule => [code, valueRules[code]]);

const { required } = valueRules;

const rulesOf = (kind: FieldType['kind']): readonly CodedRule[] =>
  coded.filter(([, rule]) => rule !== required && rule.types.includes(kind));

const byType: Readonly<Record<FieldType['kind'], readonly CodedRule[]>> = {
  text: rulesOf('text'),
  code: rulesOf('code'),
  'partial-date': rulesOf('partial-date'),
  integer: rulesOf('integer'),
  decimal: rulesOf('decimal'),
  pin: rulesOf('pin'),
  'unit-code': rulesOf('unit-code'),
};

/** The first fault of a canonical value, or undefined when it is good. */
export function faultOf(
  field: Field,
  value: string | null,
  context: CodeContext,
): FieldFault | undefined {
  // an empty string is no value, and no value has no further fault
  if (value === null || value === '') {
    return required.check(field, '') === undefined ? undefined : { code: 'required' };
  }
  for (const [code, rule] of byType[field.type.kind]) {
    const fault = rule.check(field, value, context);
    if (fault !== undefined) return { code, ...fault };
  }
  return undefined;
}

/** What the field allows, as findings say it: the length, range or code list. */
export function limitOf({ type }: Field): string | undefined {
  switch (type.kind) {
    case 'text':
      return String(type.max);
    case 'code':
      return type.list;
    case 'integer':
      return `${type.min}–${type.max}`;
    case 'partial-date':
    case 'decimal':
    case 'pin':
    case 'unit-code':
      return undefined;
  }
}

/** The finding for a fault, with the field's labels; values are named for codes only. */
export function fieldFinding(field: Field, fault: FieldFault, value: string | null): Finding {
  const named = field.type.kind === 'code' || field.type.kind === 'unit-code';
  const finding = makeFinding(fault.code, field.name, {
    label: { vi: field.vi, en: field.en },
    ...(named && value !== null ? { value } : {}),
    ...(fault.limit === undefined ? {} : { limit: fault.limit }),
  });
  return fault.code === 'code_unknown' && field.type.kind === 'code' && value !== null
    ? { ...finding, unmapped: { list: field.type.list, value } }
    : finding;
}

/** Every fault of every value of a draft, in the order of its sections, rows and fields. */
export function checkValues(draft: RecordDraft, codes: CodeBook): readonly Finding[] {
  return Object.entries(draft.sections).flatMap(([name, rows]) => {
    const section = sectionNamed(name);
    return rows.flatMap((row, i) => rowFindings(section, row, { codes, ordinal: i + 1 }));
  });
}

function rowFindings(
  section: Section,
  row: Readonly<Record<string, string>>,
  { codes, ordinal }: { readonly codes: CodeBook; readonly ordinal: number },
): readonly Finding[] {
  return section.fields.flatMap((field) => {
    const value = row[field.name] ?? null;
    const event = field.asOf === undefined ? null : (row[field.asOf] ?? null);
    const fault = faultOf(field, value, { codes, event });
    if (fault === undefined) return [];
    const place = section.many ? { section: section.name, ordinal } : { section: section.name };
    return [{ ...fieldFinding(field, fault, value), ...place }];
  });
}
