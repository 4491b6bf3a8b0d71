/**
 * The rules on a record as a whole: its values against each other, the day, and the tree of units. The
 * same for the rows of a workbook, packets, the API and records that lie in the tables. What a source
 * brings of a record is laid over what is stored, so that a part is judged together with the rest; and
 * only rules that look at a section which it brings are asked. Single values are `check-field.ts`'s.
 */
import { fieldNamed, sectionNamed, sections } from '../catalogue/catalogue.ts';
import type { DraftRow, RecordDraft } from '../catalogue/draft.ts';
import { type Finding, makeFinding } from './findings.ts';
import type { RecordRule, RecordView, RuleContext, Spot } from './rule.ts';
import { type RecordRuleCode, recordRules } from './rules.ts';

type Sections = RecordDraft['sections'];

export type CheckContext = RuleContext & {
  /** What the node has of the record; the draft counts more. */
  readonly stored?: Sections | undefined;
  /** Section → the fields that the source speaks of. Absent: the draft is the whole record. */
  readonly carries?: Readonly<Record<string, readonly string[]>> | undefined;
};

type CodedRule = {
  readonly code: RecordRuleCode;
  readonly rule: RecordRule;
  readonly looksAt: ReadonlySet<string>;
};

const isRecordRuleCode = (code: string): code is RecordRuleCode => Object.hasOwn(recordRules, code);

const codedRules: readonly CodedRule[] = Object.keys(recordRules)
  .filter((code) => isRecordRuleCode(code))
  .map((code) => {
    const rule: RecordRule = recordRules[code];
    return { code, rule, looksAt: new Set(rule.looksAt.map((path) => path.split('.')[0] ?? '')) };
  });

const isAsked = ({ looksAt }: CodedRule, brought: readonly string[]): boolean =>
  brought.some((name) => looksAt.has(name));

/** The sections of a stored record that a source with these sections of it is judged together with. */
export function sectionsLookedAt(brought: readonly string[]): ReadonlySet<string> {
  const asked = codedRules.filter((rule) => isAsked(rule, brought));
  return new Set(asked.flatMap(({ looksAt }) => Array.from(looksAt)));
}

/** Findings in the order of the catalogue, located by section, row of a list and field. */
export function checkRecord(draft: RecordDraft, context: CheckContext): readonly Finding[] {
  const { stored, carries } = context;
  const merged = overlaid(draft.sections, stored, carries);
  const view = viewOf(draft, merged, carries);
  const brought = carries === undefined ? undefined : Object.keys(carries);
  return codedRules
    .filter(({ rule }) => rule.kind === draft.kind)
    .filter((rule) => brought === undefined || isAsked(rule, brought))
    .flatMap(({ code, rule }) => rule.check(view, context).map((spot) => findingAt(code, spot)))
    .toSorted((a, b) => placeOf(a) - placeOf(b) || (a.ordinal ?? 0) - (b.ordinal ?? 0));
}

/** A list that the draft has replaces the stored one whole; of other sections the fields that it carries. */
function overlaid(
  draft: Sections,
  stored: Sections | undefined,
  carries: CheckContext['carries'],
): Sections {
  if (stored === undefined || carries === undefined) return draft;
  const merged: Record<string, readonly DraftRow[]> = { ...stored };
  for (const [name, rows] of Object.entries(draft)) {
    const had = stored[name]?.[0];
    const carried = new Set(carries[name]);
    if (sectionNamed(name).many || had === undefined) {
      merged[name] = rows;
      continue;
    }
    const kept = Object.entries(had).filter(([field]) => !carried.has(field));
    // what the source does not speak of stays as it is, also where something was derived for it
    merged[name] = [{ ...rows[0], ...Object.fromEntries(kept) }];
  }
  return merged;
}

function viewOf(
  draft: RecordDraft,
  merged: Sections,
  carries: CheckContext['carries'],
): RecordView {
  return {
    kind: draft.kind,
    value: (section, field) => merged[section]?.[0]?.[field],
    rows: (section) => merged[section] ?? [],
    asks: (section, field) => carries?.[section]?.includes(field) ?? carries === undefined,
  };
}

function findingAt(code: RecordRuleCode, spot: Spot): Finding {
  const section = sectionNamed(spot.section);
  const labelled = spot.field === null ? section : fieldNamed(section, spot.field);
  const finding = makeFinding(code, spot.field, {
    label: { vi: labelled.vi, en: labelled.en },
    ...(spot.value === undefined ? {} : { value: spot.value }),
    ...(spot.limit === undefined ? {} : { limit: spot.limit }),
  });
  const isListed = section.many && spot.ordinal !== undefined;
  return {
    ...finding,
    section: section.name,
    ...(isListed ? { ordinal: spot.ordinal } : {}),
  };
}

const places = new Map<string, number>();
for (const section of sections) {
  places.set(section.name, places.size);
  for (const field of section.fields) places.set(`${section.name}.${field.name}`, places.size);
}

/** Where the finding stands in the catalogue: what a clerk reads from the top down. */
export function placeOf({ section, field }: Pick<Finding, 'section' | 'field'>): number {
  if (section === undefined) return -1;
  return places.get(field === null ? section : `${section}.${field}`) ?? places.size;
}
