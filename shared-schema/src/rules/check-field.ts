/**
 * The checks that follow from a field's type alone, on canonical text (what COPY carries). The hub
 * runs the same checks in SQL (`sql/checks.ts`); a test on a database holds the two equal.
 */
import type { Field } from '../catalogue/types.ts';
import { codeStanding } from '../code-lists/lookup.ts';
import { isPartialDate } from '../text/partial-date.ts';
import { type Finding, type FindingCode, makeFinding } from './findings.ts';

/** Decision 20/2020/QĐ-TTg: level 1 first, groups of 0–9 and A–Z, at most 35 characters. */
export const unitCodePattern = '^[A-Z][0-9]{2}(\\.[0-9A-Z]{1,10})*$';
const unitCodeShape = new RegExp(unitCodePattern, 'u');
export const unitCodeMax = 35;

export type FieldFault = { readonly code: FindingCode; readonly limit?: string };

/**
 * The fault of a canonical value, or undefined when it is good. `event` is the partial date as of
 * which codes are checked; null, and what is no date (its own fault tells), mean any time.
 */
export function faultOf(
  field: Field,
  value: string | null,
  event: string | null,
): FieldFault | undefined {
  if (value === null || value === '') return field.required ? { code: 'required' } : undefined;
  const { type } = field;
  switch (type.kind) {
    case 'text':
      if (characterCount(value) > type.max)
        return { code: 'text_too_long', limit: String(type.max) };
      return isCleanText(value) ? undefined : { code: 'text_illegal' };
    case 'code': {
      const asOf = event !== null && isPartialDate(event) ? event : null;
      const standing = codeStanding(type.list, value, asOf);
      if (standing === 'unknown') return { code: 'code_unknown', limit: type.list };
      return standing === 'valid' ? undefined : { code: 'code_not_valid_then', limit: type.list };
    }
    case 'partial-date':
      return isPartialDate(value) ? undefined : { code: 'date_format' };
    case 'integer': {
      if (!/^-?[0-9]{1,9}$/u.test(value)) return { code: 'number_format' };
      const inRange = Number(value) >= type.min && Number(value) <= type.max;
      return inRange ? undefined : { code: 'number_range', limit: `${type.min}–${type.max}` };
    }
    case 'decimal':
      return decimalShape(type.precision, type.scale).test(value)
        ? undefined
        : { code: 'number_format' };
    case 'pin':
      return /^[0-9]{12}$/u.test(value) ? undefined : { code: 'pin_format' };
    case 'unit-code':
      return value.length <= unitCodeMax && unitCodeShape.test(value)
        ? undefined
        : { code: 'unit_code_format' };
  }
}

/** Digits of a decimal as the wire carries it: a point, no exponent, no leading sign but minus. */
export function decimalPattern(precision: number, scale: number): string {
  const whole = `^-?[0-9]{1,${precision - scale}}`;
  return scale === 0 ? `${whole}$` : `${whole}(\\.[0-9]{1,${scale}})?$`;
}

const decimalShape = (precision: number, scale: number): RegExp =>
  new RegExp(decimalPattern(precision, scale), 'u');

/** Code points, as PostgreSQL's char_length counts. */
const characterCount = (value: string): number => Array.from(value).length;

/** NFC, no control characters, no half of a surrogate pair (which UTF-8 cannot carry). */
const isCleanText = (value: string): boolean =>
  value === value.normalize('NFC') && !/\p{Cc}/u.test(value) && value.isWellFormed();

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
  return makeFinding(fault.code, field.name, {
    label: { vi: field.vi, en: field.en },
    ...(named && value !== null ? { value } : {}),
    ...(fault.limit === undefined ? {} : { limit: fault.limit }),
  });
}
