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

import { dueChanges } from '../db/due-changes.ts';
import { readLiveSince } from '../db/live-since.ts';
import type { NodeContext } from './context.ts';

export type Overdue = {
  /** Null before the unit is live: nothing is due then. */
  readonly liveSince: string | null;
  readonly counts: readonly DueCount[];
};

type Asked = { readonly unit?: string | undefined };

export async function countOverdue(node: NodeContext, { unit }: Asked = {}): Promise<Overdue> {
  const { db } = node.database;
  const today = hanoiDay(node.now().getTime());
  await keepDueDays(db, today);
  return {
    liveSince: (await readLiveSince(db)) ?? null,
    counts: await countDue(db, { changes: dueChanges, today, unit }),
  };
}

export async function listOverdue(
  node: NodeContext,
  { unit, ...page }: Asked & DuePage,
): Promise<readonly DueChange[]> {
  const today = hanoiDay(node.now().getTime());
  return await listDue(node.database.db, { changes: dueChanges, today, unit }, page);
}
