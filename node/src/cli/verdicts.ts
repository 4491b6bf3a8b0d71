/** Verdicts in words: what the hub refused, by record, with what to do. No data of the person. */
import { sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { limitOf } from '@lienthong/shared-schema/rules/check-field.ts';
import { makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import { isFindingCode } from '@lienthong/shared-schema/rules/rules.ts';

import type { OpenVerdict } from '../db/mirror.ts';

export type VerdictForPeople = {
  readonly recordId: string;
  readonly code: string;
  readonly section: string | null;
  readonly field: string | null;
  readonly vi: string;
  readonly en: string;
};

export function verdictsForPeople(verdicts: readonly OpenVerdict[]): readonly VerdictForPeople[] {
  return verdicts.map((verdict) => {
    const section = sectionByTag(verdict.section);
    const field = verdict.field === '' ? null : verdict.field;
    const named = section?.fields.find((one) => one.name === field);
    const labelled = named ?? section;
    const limit = named === undefined ? undefined : limitOf(named);
    const words = {
      ...(labelled === undefined ? {} : { label: { vi: labelled.vi, en: labelled.en } }),
      ...(limit === undefined ? {} : { limit }),
    };
    const finding = isFindingCode(verdict.code)
      ? makeFinding(verdict.code, field, words)
      : { vi: verdict.code, en: verdict.code };
    return {
      recordId: verdict.recordId,
      code: verdict.code,
      section: section?.name ?? null,
      field,
      vi: finding.vi,
      en: finding.en,
    };
  });
}

export function verdictLines(verdicts: readonly VerdictForPeople[]): readonly string[] {
  return verdicts.map((one) => `refused by the hub: record ${one.recordId}: ${one.vi} / ${one.en}`);
}
