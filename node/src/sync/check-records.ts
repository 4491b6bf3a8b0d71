/**
 * The rules over the records that lie in the profile tables: what came past the intake (a DBA's SQL),
 * was good when it came, or concerns lists as a whole. Page by page, so that memory does not grow with
 * the unit; nothing is written. Answers with record ids, fields and rules, never with values.
 */
import { headSection } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { checkValues } from '@lienthong/shared-schema/rules/check-field.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import type { RuleContext, Severity, UnitTree } from '@lienthong/shared-schema/rules/rule.ts';
import { type FindingCode, findingCodes, ruleOf } from '@lienthong/shared-schema/rules/rules.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { firstRecord, recordsAfter, type StoredRecord } from '../db/record-pages.ts';
import { readUnitParents, readUnitTree, recordsWithSharedPins } from '../db/stored-people.ts';
import { pinHeldElsewhere } from '../intake/standing-findings.ts';
import { treeFindings, unitsInCircles } from '../intake/tree-findings.ts';
import type { NodeContext } from './context.ts';

type Node = Pick<NodeContext, 'database' | 'agency' | 'now'>;

export type CheckedRecord = { readonly recordId: string; readonly findings: readonly Finding[] };

const pageRecords = 500;

export type CheckRange = {
  /** Findings of this section only. */
  readonly section?: string | undefined;
  /** Begin behind this record. */
  readonly after?: string | undefined;
};

/** Every record with its findings, those without any too. */
export async function* checkedRecords(
  { database, agency, now }: Node,
  { section, after = firstRecord }: CheckRange,
): AsyncGenerator<CheckedRecord> {
  const context: CheckedAgainst = {
    clashing: await recordsWithSharedPins(database.db),
    today: hanoiDay(now().getTime()),
    agency,
    codes: await loadCodeBook(database.db),
    units: await readUnitTree(database.db),
    circled: unitsInCircles(await readUnitParents(database.db)),
  };
  let last = after;
  for (;;) {
    const page = await recordsAfter(database.db, last, pageRecords);
    for (const record of page) {
      const findings = findingsOf(record, context);
      const asked =
        section === undefined ? findings : findings.filter((one) => one.section === section);
      yield { recordId: record.recordId, findings: asked };
    }
    const end = page.at(-1);
    if (end === undefined || page.length < pageRecords) return;
    last = end.recordId;
  }
}

type CheckedAgainst = RuleContext & {
  readonly agency: string;
  readonly units: UnitTree;
  /** Codes of units that are above themselves. */
  readonly circled: ReadonlySet<string>;
  /** Active records of which another has the same personal number. */
  readonly clashing: ReadonlySet<string>;
};

function findingsOf(record: StoredRecord, context: CheckedAgainst): readonly Finding[] {
  const { draft } = record;
  return [
    ...missingHead(draft),
    ...checkValues(draft, context.codes),
    ...checkRecord(draft, context),
    ...amongRecords(record, context),
  ];
}

/** What concerns other records of the unit: its place in the tree, a number that another has. */
function amongRecords(
  { recordId, draft }: StoredRecord,
  { agency: owner, units: named, circled, clashing }: CheckedAgainst,
): readonly Finding[] {
  const [unit] = draft.sections[headSection.org_unit.name] ?? [];
  // no code is taken twice: the table has none twice
  const facts = { named, owner, taken: new Set<string>(), circled };
  const ofTree = unit === undefined ? [] : treeFindings(unit, facts);
  if (!clashing.has(recordId)) return ofTree;
  return [...ofTree, pinHeldElsewhere];
}

/** What makes a record exist is its first section. */
function missingHead({ kind, sections }: StoredRecord['draft']): readonly Finding[] {
  const head = headSection[kind];
  if (sections[head.name] !== undefined) return [];
  const label = { vi: head.vi, en: head.en };
  return [{ ...makeFinding('head_missing', null, { label }), section: head.name }];
}

export type RuleCount = {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly findings: number;
  readonly records: number;
  /** The first of them in the order of their ids; `--rule` names all. */
  readonly firstRecords: readonly string[];
};

export type CheckSummary = {
  readonly records: number;
  readonly withErrors: number;
  readonly withWarnings: number;
  /** Errors first, then by how many records they concern. */
  readonly rules: readonly RuleCount[];
};

const namedMax = 20;

const rank = (one: RuleCount): number => (one.severity === 'error' ? 0 : 1);

/** Counts over all records; memory is bounded by the number of rules. */
export async function checkSummary(node: Node, range: CheckRange): Promise<CheckSummary> {
  const counts = new Map<FindingCode, { findings: number; records: number; named: string[] }>();
  const totals = { records: 0, withErrors: 0, withWarnings: 0 };
  for await (const { recordId, findings } of checkedRecords(node, range)) {
    totals.records += 1;
    const byCode = Map.groupBy(findings, (one) => one.code);
    const severities = new Set(Array.from(byCode.keys(), (code) => ruleOf(code).severity));
    if (severities.has('error')) totals.withErrors += 1;
    if (severities.has('warning')) totals.withWarnings += 1;
    for (const [code, found] of byCode) {
      const count = counts.get(code) ?? { findings: 0, records: 0, named: [] };
      count.findings += found.length;
      count.records += 1;
      if (count.named.length < namedMax) count.named.push(recordId);
      counts.set(code, count);
    }
  }
  const rules = findingCodes.flatMap((code): readonly RuleCount[] => {
    const count = counts.get(code);
    if (count === undefined) return [];
    const { findings, records, named } = count;
    return [{ code, severity: ruleOf(code).severity, findings, records, firstRecords: named }];
  });
  return {
    ...totals,
    rules: rules.toSorted((a, b) => rank(a) - rank(b) || b.records - a.records),
  };
}

export type FoundPlace = {
  readonly recordId: string;
  readonly section: string | null;
  readonly ordinal: number | null;
  readonly field: string | null;
};

export type RulePage = {
  readonly code: FindingCode;
  readonly places: readonly FoundPlace[];
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
};

/** The places where one rule found fault, records by the page. */
export async function checkOneRule(
  node: Node,
  code: FindingCode,
  { limit, ...range }: CheckRange & { readonly limit: number },
): Promise<RulePage> {
  const places: FoundPlace[] = [];
  let records = 0;
  let last = '';
  for await (const { recordId, findings } of checkedRecords(node, range)) {
    const found = findings.filter((one) => one.code === code);
    if (found.length === 0) continue;
    if (records === limit) return { code, places, next: last };
    records += 1;
    last = recordId;
    for (const { section = null, ordinal = null, field } of found) {
      places.push({ recordId, section, ordinal, field });
    }
  }
  return { code, places, next: null };
}
