/**
 * A code by its value, or by the label or alias that a clerk wrote in its place. Equality only. Where
 * a label has meant different codes at different times, the date of the event decides.
 */
import type { CodeListName } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import { type CodeBook, isValidAsOf } from '@lienthong/shared-schema/code-lists/code-book.ts';
import type { CodeContext } from '@lienthong/shared-schema/rules/rule.ts';

export type CodeReading = {
  readonly code: string;
  /** A rank code that had lost zeros in a number cell was completed. */
  readonly completed: boolean;
};

/** The code, or the text itself where the list knows it neither as code nor as label. */
export function readCode(list: CodeListName, text: string, context: CodeContext): CodeReading {
  const { codes } = context;
  for (const code of [text, text.toUpperCase()]) {
    if (codes.withCode(list, code).length > 0) return { code, completed: false };
  }
  const completed = list === 'NGACH' ? completeRank(codes, text) : undefined;
  if (completed !== undefined) return { code: completed, completed: true };
  return { code: codeOfLabel(list, text, context) ?? text, completed: false };
}

/** The one code that a label stands for, as of the event; undefined when there is none or several. */
export function codeOfLabel(
  list: CodeListName,
  label: string,
  { codes: book, event }: CodeContext,
): string | undefined {
  const entries = book.withLabel(list, label);
  const inForce = entries.filter((entry) => isValidAsOf(entry, event));
  const codes = new Set((inForce.length > 0 ? inForce : entries).map((entry) => entry.code));
  const [only] = codes;
  return codes.size === 1 ? only : undefined;
}

/** `1.003` for `01.003`, `13.1` for `13.100`: what a number cell leaves of a rank code. */
function completeRank(codes: CodeBook, text: string): string | undefined {
  const [, group = '', rank = ''] = /^(\d{1,2})[.,](\d{1,3})$/u.exec(text) ?? [];
  if (group === '') return undefined;
  const code = `${group.padStart(2, '0')}.${rank.padEnd(3, '0')}`;
  return codes.withCode('NGACH', code).length > 0 ? code : undefined;
}
