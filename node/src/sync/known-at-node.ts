/** What the node knows that rows of a file are judged by: its tree, its people, their records. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import { knownPersonPins } from '../db/intake.ts';
import { readStoredPeople, readUnitTree } from '../db/stored-people.ts';
import type { IntakeContext } from '../intake/evaluate-rows.ts';
import type { SheetPlan } from '../intake/sheet-plan.ts';

/** The units of the node count with those of the file, and its people with those of the file. */
export async function knownAtNode(
  db: Db,
  plans: readonly SheetPlan[],
): Promise<Pick<IntakeContext, 'knownUnits' | 'closedUnits' | 'storedPeople' | 'knownPins'>> {
  const hasLists = plans.some((plan) => plan.kind === 'list');
  const units = await readUnitTree(db);
  const closed = Array.from(units).filter(([, closedOn]) => closedOn !== null);
  return {
    knownUnits: Array.from(units.keys()).filter((code) => units.get(code) === null),
    closedUnits: new Map(closed),
    storedPeople: (pins, asked) => readStoredPeople(db, pins, asked),
    knownPins: hasLists ? await knownPersonPins(db) : new Set<string>(),
  };
}
