/** Deletes rows of the intake for their age, after their counts are in the journal. */
import { type Database, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import { type AgedOut, countAged, deleteAged } from '../db/age-out.ts';
import { noteDecision } from '../db/decisions.ts';

export type AgeOutOptions = {
  /** `YYYY-MM-DD`: imports that began before this day. */
  readonly before: string;
  readonly by: string;
  /** Only counts. */
  readonly dryRun: boolean;
};

export async function ageOut(
  database: Database,
  { before, by, dryRun }: AgeOutOptions,
): Promise<AgedOut> {
  return await transaction(
    database,
    async ({ db }) => {
      const counted = await countAged(db, before);
      if (dryRun || counted.imports === 0) return counted;
      await noteDecision(db, { by, action: 'age-out', details: { before, ...counted } });
      await deleteAged(db, before);
      return counted;
    },
    // what is counted is what is deleted
    { isolation: 'repeatable read' },
  );
}
