/**
 * The rows of a workbook as a stream of records with their findings. The sheets come in the order of
 * `readingOrder`: the tree first, then the people who name its units, then the lists that name the
 * people. So each row is judged when it passes, and only the tree and the numbers of the people stay
 * in memory. No clock, no files: today's date and what the node knows are given.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { classifyRow } from './classify-row.ts';
import { evaluateListRow } from './evaluate-list-row.ts';
import { evaluatePerson } from './evaluate-person.ts';
import { evaluateUnit, settleTree, type Tree } from './evaluate-unit.ts';
import { type IntakeItem, type PersonItem, type UnitItem, verdictOf } from './intake-item.ts';
import type { KnownSheet, SheetPlan } from './sheet-plan.ts';

export type IntakeContext = {
  /** `YYYY-MM-DD` */
  readonly today: string;
  /** The agency whose data it must be; by default the root of the tree. */
  readonly agency?: string | undefined;
  /** Codes of the units that the node has; they count together with those of the workbook. */
  readonly knownUnits?: readonly string[] | undefined;
  /** PINs of the people that the node has, for lists without the list of people. */
  readonly knownPins?: ReadonlySet<string> | undefined;
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
  | { readonly kind: 'tree'; readonly agency: string | null };

/** Where each PIN came first. */
type FirstRows = Map<string, { readonly sheet: string; readonly row: number }>;

export async function* evaluateRows(
  sheets: readonly KnownSheet[],
  rows: AsyncIterable<SheetRow>,
  context: IntakeContext,
): AsyncGenerator<IntakeEvent> {
  const bySheet = new Map(sheets.map((plan) => [plan.sheet, plan]));
  const units: UnitItem[] = [];
  const firstRows: FirstRows = new Map();
  const isKnown = (pin: string): boolean =>
    firstRows.has(pin) || (context.knownPins?.has(pin) ?? false);
  let tree: Tree | undefined;
  for await (const row of rows) {
    const plan = bySheet.get(row.sheet);
    if (plan === undefined || row.row <= plan.headerRow) continue;
    const rowClass = classifyRow(plan, row);
    if (rowClass === 'ignored') yield { kind: 'ignored', sheet: row.sheet, row: row.row };
    if (rowClass !== 'record') continue;
    if (plan.kind === 'units') {
      units.push(evaluateUnit(plan, row));
      continue;
    }
    if (tree === undefined) {
      tree = settled(units, context);
      yield* treeEvents(tree);
    }
    if (plan.kind === 'list') {
      yield evaluateListRow(plan, row, isKnown);
    } else {
      const { agency, codes } = tree;
      const person = evaluatePerson(plan, row, { today: context.today, agency, units: codes });
      yield withRepetition(person, row, firstRows);
    }
  }
  if (tree === undefined) yield* treeEvents(settled(units, context));
}

function settled(units: readonly UnitItem[], { agency, knownUnits }: IntakeContext): Tree {
  return settleTree(units, { agency, knownUnits });
}

function* treeEvents(tree: Tree): Generator<IntakeEvent> {
  yield* tree.units;
  yield { kind: 'tree', agency: tree.agency };
}

/** The first row of a PIN stands; each later one is told where the first is. */
function withRepetition(person: PersonItem, row: SheetRow, firsts: FirstRows): PersonItem {
  if (person.pin === null) return person;
  const first = firsts.get(person.pin);
  if (first === undefined) {
    firsts.set(person.pin, { sheet: row.sheet, row: row.row });
    return person;
  }
  const { vi, en } = fieldNamed(identity, 'pin');
  const value = first.sheet === row.sheet ? String(first.row) : `${first.sheet} ${first.row}`;
  const repeated = makeFinding('pin_repeated', 'pin', { label: { vi, en }, value });
  const findings = [...person.findings, repeated];
  return { ...person, findings, verdict: verdictOf(findings) };
}
