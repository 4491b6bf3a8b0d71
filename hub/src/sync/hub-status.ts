/** What an operator asks first: what waits, what is held back, whether the totals fit. */
import { countHub, type HubCounts } from '../db/status.ts';
import { type Reconciliation, reconcileReports } from '../db/totals.ts';
import type { HubContext } from './context.ts';

export type HubStatus = HubCounts & {
  readonly incarnation: string;
  readonly unreconciled: readonly Reconciliation[];
};

export async function hubStatus(
  hub: Pick<HubContext, 'database' | 'incarnation'>,
): Promise<HubStatus> {
  const { db } = hub.database;
  return {
    incarnation: hub.incarnation.toString(),
    ...(await countHub(db)),
    unreconciled: await reconcileReports(db),
  };
}
