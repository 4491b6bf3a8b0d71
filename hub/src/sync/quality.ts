/** The quality of the units' data, as far as the hub sees it, beside what each unit says of itself. */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
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

import { qualitySide, storeQualityDay } from '../db/quality.ts';
import { listUnits } from '../db/units.ts';
import type { HubContext } from './context.ts';

type Asking = Pick<HubContext, 'database' | 'now'>;

export type MeasuredQuality = {
  readonly asOf: string;
  /** By the unit that employs, of the whole agency. */
  readonly figures: readonly QualityFigure[];
  readonly faults: readonly QualityFault[];
};

/** All figures of a unit, and the faults of one measure where asked for. One snapshot. */
export async function quality(
  hub: Asking,
  agency: string,
  faultsOf?: FaultPage,
): Promise<MeasuredQuality> {
  const asOf = hanoiDay(hub.now().getTime());
  await keepDueDays(hub.database.db, asOf);
  return await transaction(
    hub.database,
    async ({ db }) => {
      await measureQuality(db, qualitySide(agency), asOf);
      return {
        asOf,
        figures: await readQuality(db),
        faults: faultsOf === undefined ? [] : await listFaults(db, faultsOf),
      };
    },
    { isolation: 'repeatable read' },
  );
}

/** The figures of the night, of one unit after the other. */
export async function keepQuality(hub: Asking, signal: AbortSignal): Promise<void> {
  for (const { agency } of await listUnits(hub.database.db)) {
    if (signal.aborted) return;
    const { asOf, figures } = await quality(hub, agency);
    await transaction(hub.database, ({ db }) => storeQualityDay(db, { agency, asOf }, figures));
  }
}
