/**
 * What a program writes of a person, judged by the same rules as workbooks and packets. Everything that
 * is wrong is told at once, each at its place in the body.
 */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow, RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { checkValues } from '@lienthong/shared-schema/rules/check-field.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import { type Finding, severityOf } from '@lienthong/shared-schema/rules/findings.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { unitsAmong } from '../db/packets.ts';
import type { StoredSections } from '../db/stored-sections.ts';
import { type PointedFinding, pointerOf } from '../intake/read-json-section.ts';
import type { CarriedFields } from '../intake/sheet-plan.ts';
import { standingFindings } from '../intake/standing-findings.ts';
import type { Writer } from './write-once.ts';

export type Judging = {
  readonly sections: RecordDraft['sections'];
  /** What the writer speaks of. */
  readonly carries: CarriedFields;
  /** Undefined: the draft is a new record. */
  readonly stored: StoredSections | undefined;
  /** Faults in the form of the body. */
  readonly shape: readonly PointedFinding[];
  /** Pointer of a section in the body; undefined for one that is not there. */
  readonly placeOf: (section: string) => string | undefined;
};

export async function judgeDraft(
  db: Db,
  { node, codeBook }: Writer,
  { sections, carries, stored, shape, placeOf }: Judging,
): Promise<readonly PointedFinding[]> {
  const codes = await codeBook(db);
  const pointed = (found: Finding): PointedFinding => ({
    ...found,
    pointer: pointerOf(found, placeOf),
  });
  const values = checkValues({ kind: 'person', sections }, codes)
    .filter((found) => isAsked(found, carries, stored))
    .map(pointed);
  const faults = [...shape, ...values];
  const faultyAt = new Set(faults.map((one) => one.pointer));
  const named = [sections, stored ?? {}].flatMap(({ employment: rows = [] }) =>
    rows.flatMap((row) => [row['employing_unit'] ?? '', row['managing_unit'] ?? '']),
  );
  const context = {
    today: hanoiDay(node.now().getTime()),
    codes,
    agency: node.agency,
    units: await unitsAmong(db, named),
    ...(stored === undefined ? {} : { stored, carries }),
  };
  const clean = withoutFaulty(sections, values);
  const standing =
    stored === undefined
      ? []
      : standingFindings({ sections: clean, carries }, { sections: stored, pinIsShared: false });
  const together = [...checkRecord({ kind: 'person', sections: clean }, context), ...standing].map(
    pointed,
  );
  // what a value at fault leaves missing is no second fault
  const distinct = values.filter((one) => !shape.some((had) => had.pointer === one.pointer));
  const others = together.filter((one) => one.pointer === '' || !faultyAt.has(one.pointer));
  return [...shape, ...distinct, ...others];
}

/** Of a row that is there already, only what the writer speaks of: the rest has been judged before. */
function isAsked(
  { section = '', field }: Finding,
  carries: CarriedFields,
  stored: StoredSections | undefined,
): boolean {
  if (stored?.[section] === undefined || field === null) return true;
  return carries[section]?.includes(field) === true;
}

function withoutFaulty(
  sections: RecordDraft['sections'],
  faults: readonly Finding[],
): RecordDraft['sections'] {
  const isFaulty = (name: string, ordinal: number, field: string): boolean =>
    faults.some(
      (one) => one.section === name && (one.ordinal ?? 1) === ordinal && one.field === field,
    );
  const cleaned = Object.entries(sections).map(([name, rows]): [string, readonly DraftRow[]] => [
    sectionNamed(name).name,
    rows.map((row, i) =>
      Object.fromEntries(Object.entries(row).filter(([field]) => !isFaulty(name, i + 1, field))),
    ),
  ]);
  return Object.fromEntries(cleaned);
}

export const hasError = (findings: readonly Finding[]): boolean =>
  findings.some((one) => severityOf(one.code) === 'error');
