/**
 * What the unit has of a person against what a reference source says. Equal after normalisation is
 * equal: letter case and the place of a tone mark in names, spaces in numbers, a place that was merged
 * since, a source that knows the year only. What differs is for the unit to settle; nothing is ever
 * overwritten. A value of the source that our catalogue does not allow is compared with nothing.
 */
import type { CodeListName } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { faultOf } from '@lienthong/shared-schema/rules/check-field.ts';
import { foldText } from '@lienthong/shared-schema/text/fold.ts';

import { type ComparedField, fieldPath } from './reference-fields.ts';

/** What a source says of a person. Fields by path, in canonical text; what it does not say is not there. */
export type ReferenceAnswer = {
  readonly kind: 'found' | 'not-found' | 'withheld';
  readonly fields: Readonly<Record<string, string>>;
  /** The day of the source's data, `YYYY-MM-DD`. */
  readonly asOf: string;
};

export type Difference = ComparedField & {
  /** Empty: the unit has none. */
  readonly unitValue: string;
  readonly sourceValue: string;
};

export type Compared = {
  readonly state: 'MATCHED' | 'DIFFERS' | 'NOT_FOUND' | 'WITHHELD';
  readonly differences: readonly Difference[];
  /** Fields whose value at the source the catalogue does not allow. */
  readonly unusable: readonly string[];
};

/** `values`: the unit's, by path. Only `fields` are looked at. */
export function compareWithSource(
  fields: readonly ComparedField[],
  values: Readonly<Record<string, string | null>>,
  answer: ReferenceAnswer,
  codes: CodeBook,
): Compared {
  if (answer.kind !== 'found') {
    const state = answer.kind === 'not-found' ? 'NOT_FOUND' : 'WITHHELD';
    return { state, differences: [], unusable: [] };
  }
  const told = fields.filter((one) => (answer.fields[fieldPath(one)] ?? '') !== '');
  const valueOf = (one: ComparedField): string => answer.fields[fieldPath(one)] ?? '';
  const isUsable = (one: ComparedField): boolean =>
    faultOf(one.field, valueOf(one), { codes, event: null }) === undefined;
  const differences = told
    .filter((one) => isUsable(one))
    .map((one) => ({
      ...one,
      unitValue: values[fieldPath(one)] ?? '',
      sourceValue: valueOf(one),
    }))
    .filter((one) => !isSame(one.field, one.unitValue, one.sourceValue, codes));
  return {
    state: differences.length === 0 ? 'MATCHED' : 'DIFFERS',
    differences,
    unusable: told.filter((one) => !isUsable(one)).map((one) => fieldPath(one)),
  };
}

function isSame({ type }: Field, unit: string, source: string, codes: CodeBook): boolean {
  if (unit === source) return true;
  if (unit === '') return false;
  switch (type.kind) {
    case 'partial-date':
      // the source may know less, and then it corrects nothing
      return unit.startsWith(source);
    case 'code':
      return isSameCode(type.list, unit, source, codes);
    case 'text':
      return foldedValue(unit) === foldedValue(source);
    case 'pin':
    case 'unit-code':
    case 'integer':
    case 'decimal':
      return false;
  }
}

/** Numbers of cards are written with spaces and dots, names are not. */
const foldedValue = (text: string): string => {
  const folded = foldText(text);
  return /\d/u.test(folded) ? folded.replaceAll(/[\s.-]/gu, '') : folded;
};

/** Two codes of one thing: the one became the other, or lies within it. */
const isSameCode = (list: CodeListName, one: string, other: string, codes: CodeBook): boolean =>
  meanings(list, one, codes).has(other) || meanings(list, other, codes).has(one);

/** What the code became, step by step, and what it lies within. */
function meanings(list: CodeListName, code: string, codes: CodeBook): ReadonlySet<string> {
  const seen = new Set([code]);
  // a set is walked to its end, also where it grows meanwhile
  for (const each of seen) {
    for (const { successor, parent } of codes.withCode(list, each)) {
      if (successor !== undefined) seen.add(successor);
      if (parent !== undefined) seen.add(parent);
    }
  }
  return seen;
}
