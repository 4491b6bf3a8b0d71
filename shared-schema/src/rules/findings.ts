/** A finding: what a rule says of one place of one record, in two languages. Names fields, never people. */
import type { Severity } from './rule.ts';
import { type FindingCode, ruleOf } from './rules.ts';

/** A finding on one field; `vi` and `en` are complete sentences. */
export type Finding = {
  readonly code: FindingCode;
  /** Absent where the row as a whole is meant, or the field says it by itself. */
  readonly section?: string;
  /** Row of a list section, from 1. */
  readonly ordinal?: number;
  readonly field: string | null;
  readonly vi: string;
  readonly en: string;
  /** Of `code_unknown`: what a mapping would have to say a code for. */
  readonly unmapped?: { readonly list: string; readonly value: string };
};

export type FindingWords = {
  readonly label?: { readonly vi: string; readonly en: string };
  readonly value?: string;
  readonly limit?: string;
};

export function makeFinding(
  code: FindingCode,
  field: string | null,
  words: FindingWords = {},
): Finding {
  const rule = ruleOf(code);
  return {
    code,
    field,
    vi: fill(rule.vi, words.label?.vi, words),
    en: fill(rule.en, words.label?.en, words),
  };
}

function fill(template: string, label: string | undefined, words: FindingWords): string {
  return template
    .replaceAll('{label}', label ?? '')
    .replaceAll('{value}', words.value ?? '')
    .replaceAll('{limit}', words.limit ?? '')
    .replaceAll(' «»', '')
    .replaceAll(' ""', '');
}

export function severityOf(code: FindingCode): Severity {
  return ruleOf(code).severity;
}
