/** What of this unit's changes is overdue at the hub, or came late. */
import {
  countDue,
  type DueChange,
  type DueCount,
  type DuePage,
  listDue,
} from '@lienthong/shared-schema/runtime/due-changes.ts';
import { keepDueDays } from '@lienthong/shared-schema/runtime/due-days.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { dueChangesFor } from '../db/due-changes.ts';
import { readLiveSince } from '../db/live-since.ts';
import { type Reader, wholeAgency } from '../protocol/reader.ts';
import type { NodeContext } from './context.ts';

export type Overdue = {
  /** Null before the unit is live: nothing is due then. */
  readonly liveSince: string | null;
  readonly counts: readonly DueCount[];
};

type Asked = {
  readonly unit?: string | undefined;
  /** Who asks; absent: somebody who may see all. */
  readonly reader?: Reader | undefined;
};

export async function countOverdue(
  node: NodeContext,
  { unit, reader = wholeAgency }: Asked = {},
): Promise<Overdue> {
  const { db } = node.database;
  const today = hanoiDay(node.now().getTime());
  await keepDueDays(db, today);
  return {
    liveSince: (await readLiveSince(db)) ?? null,
    counts: await countDue(db, { changes: dueChangesFor(reader), today, unit }),
  };
}

export async function listOverdue(
  node: NodeContext,
  { unit, reader = wholeAgency, ...page }: Asked & DuePage,
): Promise<readonly DueChange[]> {
  const today = hanoiDay(node.now().getTime());
  // pages of one list go by the same days
  if (page.after === undefined) await keepDueDays(node.database.db, today);
  const changes = dueChangesFor(reader);
  return await listDue(node.database.db, { changes, today, unit }, page);
}
