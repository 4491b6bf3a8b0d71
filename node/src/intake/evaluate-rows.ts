/**
 * The rows of a workbook as a stream of records with their findings. The sheets come in the order of
 * `readingOrder`: the tree first, then the people who name its units, then the lists that name the
 * people. So rows are judged as they pass, a chunk at a time, and only the tree, the numbers of the
 * people and a few facts of each stay in memory. No clock, no files: today's date, what the node knows
 * and what the lists say of people (`list-facts.ts`) are given.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { identity } from '@lienthong/shared-schema/catalogue/person.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import type { UnitTree } from '@lienthong/shared-schema/rules/rule.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { classifyRow } from './classify-row.ts';
import { readListRow } from './evaluate-list-row.ts';
import { readPerson } from './evaluate-person.ts';
import { evaluateUnit, settleTree, type Tree } from './evaluate-unit.ts';
import { type IntakeItem, type PersonItem, type UnitItem, verdictOf } from './intake-item.ts';
import type { ListFacts } from './list-facts.ts';
import { listsInChunks } from './lists-in-chunks.ts';
import { peopleInChunks, type StoredPeople } from './people-in-chunks.ts';
import type { KnownSheet, SheetPlan } from './sheet-plan.ts';

export type IntakeContext = {
  /** `YYYY-MM-DD` */
  readonly today: string;
  readonly codes: CodeBook;
  /** The agency whose data it must be; by default the root of the tree. */
  readonly agency?: string | undefined;
  /** Codes of the units that the node has; they count together with those of the workbook. */
  readonly knownUnits?: readonly string[] | undefined;
  /** Units that the node has and that are closed, with the day. */
  readonly closedUnits?: UnitTree | undefined;
  /** What the node has of the people with these PINs: a row with a part of a record is judged with it. */
  readonly storedPeople?: StoredPeople | undefined;
  /** What the lists of the same file say of its people. */
  readonly listFacts?: ListFacts | undefined;
};

const phases = ['units', 'person', 'list'] as const;

/** The sheets that are read, in the order in which their rows must come. */
export function readingOrder(plans: readonly SheetPlan[]): readonly KnownSheet[] {
  return phases.flatMap((phase) =>
    plans.filter((plan) => plan.kind === phase).filter((plan) => plan.kind !== 'unknown'),
  );
}

export type IntakeEvent =
  | IntakeItem
  /** Comes once, before the first person and list row. */
  | { readonly kind: 'tree'; readonly agency: string | null }
  /** Every row that was read so far has had its event. */
  | { readonly kind: 'judged' };

/** Where each PIN came first. */
type FirstRows = Map<string, { readonly sheet: string; readonly row: number }>;

export async function* evaluateRows(
  sheets: readonly KnownSheet[],
  rows: AsyncIterable<SheetRow>,
  context: IntakeContext,
): AsyncGenerator<IntakeEvent> {
  const bySheet = new Map(sheets.map((plan) => [plan.sheet, plan]));
  const { today, codes } = context;
  const units: UnitItem[] = [];
  const firstRows: FirstRows = new Map();
  const { storedPeople, listFacts } = context;
  const listed = new Set(
    sheets.flatMap((plan) => (plan.kind === 'list' ? [plan.section.name] : [])),
  );
  const people = peopleInChunks({ storedPeople, lists: listed, listFacts });
  const lists = listsInChunks({
    storedPeople,
    isInFile: (pin) => firstRows.has(pin),
    factsOf: (pin) => people.factsOf(pin),
  });
  let tree: Tree | undefined;
  for await (const row of rows) {
    const plan = bySheet.get(row.sheet);
    if (plan === undefined || row.row <= plan.headerRow) continue;
    const rowClass = classifyRow(plan, row);
    if (rowClass === 'ignored') yield { kind: 'ignored', sheet: row.sheet, row: row.row };
    if (rowClass !== 'record') continue;
    if (plan.kind === 'units') {
      units.push(evaluateUnit(plan, row, { today, codes }));
      continue;
    }
    if (tree === undefined) {
      tree = settled(units, context);
      yield* treeEvents(tree);
    }
    const judging = { today, codes, agency: tree.agency, units: tree.codes };
    if (plan.kind === 'person') {
      const judged = await people.add(readPerson(plan, row, codes), judging);
      for (const person of judged) yield withRepetition(person, firstRows);
      if (judged.length > 0) yield { kind: 'judged' };
      continue;
    }
    // the people come before the lists: whom these may name is known once all are judged
    for (const person of await people.rest()) yield withRepetition(person, firstRows);
    const judged = await lists.add(readListRow(plan, row, codes), judging);
    yield* judged;
    if (judged.length > 0) yield { kind: 'judged' };
  }
  for (const person of await people.rest()) yield withRepetition(person, firstRows);
  yield* await lists.rest();
  if (tree === undefined) yield* treeEvents(settled(units, context));
  yield { kind: 'judged' };
}

function settled(
  units: readonly UnitItem[],
  { agency, knownUnits, closedUnits }: IntakeContext,
): Tree {
  return settleTree(units, { agency, knownUnits, closedUnits });
}

function* treeEvents(tree: Tree): Generator<IntakeEvent> {
  yield* tree.units;
  yield { kind: 'tree', agency: tree.agency };
}

/** The first row of a PIN stands; each later one is told where the first is. */
function withRepetition(person: PersonItem, firsts: FirstRows): PersonItem {
  if (person.pin === null) return person;
  const { sheet, row } = person;
  const first = firsts.get(person.pin);
  if (first === undefined) {
    firsts.set(person.pin, { sheet, row });
    return person;
  }
  const { vi, en } = fieldNamed(identity, 'pin');
  const value = first.sheet === sheet ? String(first.row) : `${first.sheet} ${first.row}`;
  const repeated = makeFinding('pin_repeated', 'pin', { label: { vi, en }, value });
  const findings = [...person.findings, { ...repeated, section: identity.name }];
  return { ...person, findings, verdict: verdictOf(findings) };
}
