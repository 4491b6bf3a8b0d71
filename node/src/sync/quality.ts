/** The quality of the unit's data: measured now, by night, and down to the records. */
import { transaction, type Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { keepDueDays } from '@lienthong/shared-schema/runtime/due-days.ts';
import {
  type FaultPage,
  listFaults,
  measureQuality,
  type QualityFault,
  type QualityFigure,
  readQuality,
} from '@lienthong/shared-schema/runtime/quality.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { qualitySideFor } from '../db/quality.ts';
import { type Reader, wholeAgency } from '../protocol/reader.ts';
import type { NodeContext } from './context.ts';

export type MeasuredQuality = {
  readonly asOf: string;
  /** By the unit that employs, of the whole agency. */
  readonly figures: readonly QualityFigure[];
  readonly faults: readonly QualityFault[];
};

/** All figures, and the faults of one measure where asked for. One snapshot; it looks at all records. */
export async function quality(
  node: Pick<NodeContext, 'database' | 'now'>,
  faultsOf?: FaultPage,
  reader: Reader = wholeAgency,
): Promise<MeasuredQuality> {
  const asOf = hanoiDay(node.now().getTime());
  await keepDueDays(node.database.db, asOf);
  return await transaction(
    node.database,
    async (tx) => ({
      asOf,
      figures: await qualityNow(tx, asOf, reader),
      faults: faultsOf === undefined ? [] : await listFaults(tx.db, faultsOf),
    }),
    { isolation: 'repeatable read' },
  );
}

/** In the caller's snapshot; the due days are kept up to `asOf`. */
export async function qualityNow(
  { db }: Tx,
  asOf: string,
  reader: Reader = wholeAgency,
): Promise<readonly QualityFigure[]> {
  await measureQuality(db, qualitySideFor(reader), asOf);
  return await readQuality(db);
}
