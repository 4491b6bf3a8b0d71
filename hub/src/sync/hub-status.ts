/** What an operator asks first: what waits, what is held back, whether the totals fit. */
import { sumDue } from '@lienthong/shared-schema/runtime/due-lines.ts';

import { countHub, type HubCounts } from '../db/status.ts';
import { type Reconciliation, reconcileReports } from '../db/totals.ts';
import type { HubContext } from './context.ts';
import { countOverdue } from './overdue.ts';

export type HubStatus = HubCounts & {
  readonly incarnation: string;
  /** Changes that are refused beyond their due day, and those that came late. */
  readonly overdueChanges: number;
  readonly lateChanges: number;
  readonly unreconciled: readonly Reconciliation[];
};

export async function hubStatus(
  hub: Pick<HubContext, 'database' | 'incarnation' | 'now'>,
): Promise<HubStatus> {
  const { db } = hub.database;
  const { overdue, late } = sumDue(await countOverdue(hub, undefined));
  return {
    incarnation: hub.incarnation.toString(),
    ...(await countHub(db)),
    overdueChanges: overdue,
    lateChanges: late,
    unreconciled: await reconcileReports(db),
  };
}
