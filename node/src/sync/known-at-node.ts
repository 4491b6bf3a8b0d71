/** What the node knows that rows of a file are judged by: its tree, its people, their records. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import { readStoredPeople, readUnitTree } from '../db/stored-people.ts';
import type { IntakeContext } from '../intake/evaluate-rows.ts';

/** The units of the node count with those of the file, and its people with those of the file. */
export async function knownAtNode(
  db: Db,
): Promise<Pick<IntakeContext, 'knownUnits' | 'closedUnits' | 'storedPeople'>> {
  const units = await readUnitTree(db);
  const closed = Array.from(units).filter(([, closedOn]) => closedOn !== null);
  return {
    knownUnits: Array.from(units.keys()).filter((code) => units.get(code) === null),
    closedUnits: new Map(closed),
    storedPeople: (pins, asked) => readStoredPeople(db, pins, asked),
  };
}
