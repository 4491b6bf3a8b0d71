/** What an operator asks first: what waits, what is held back or lost, whether the totals fit. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sumDue } from '@lienthong/shared-schema/runtime/due-lines.ts';
import { policyKey, publishedFigure } from '@lienthong/shared-schema/totals/published-figure.ts';
import { codeListBody } from '@lienthong/shared-schema/wire/code-list-messages.ts';

import { newestPublished } from '../db/code-lists.ts';
import { readPolicy } from '../db/policy.ts';
import { countHub, type HubCounts } from '../db/status.ts';
import { type Reconciliation, reconcileReports, reportedFigures } from '../db/totals.ts';
import { type LostPublication, lostPublications } from '../protocol/lost-publications.ts';
import type { HubContext } from './context.ts';
import { countOverdue } from './overdue.ts';

export type HubStatus = HubCounts & {
  readonly incarnation: string;
  /** Changes that are refused beyond their due day, and those that came late. */
  readonly overdueChanges: number;
  readonly lateChanges: number;
  readonly unreconciled: readonly Reconciliation[];
  /** As the newest report of each unit says. */
  readonly lostPublications: readonly LostPublication[];
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
    lostPublications: await findLost(db, hub.incarnation),
  };
}

async function findLost(db: Db, incarnation: bigint): Promise<readonly LostPublication[]> {
  const taken = await reportedFigures(db, publishedFigure);
  const lists = await newestPublished(db, [...new Set(taken.map((one) => one.key))]);
  const published = lists.map(({ body }) => {
    const { name, version, hubIncarnation } = codeListBody.decode(body);
    return [name, { version: BigInt(version), hubIncarnation }] as const;
  });
  const policy = await readPolicy(db);
  return lostPublications(incarnation, new Map([...published, [policyKey, policy]]), taken);
}
