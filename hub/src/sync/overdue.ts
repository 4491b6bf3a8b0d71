/** How late the units' changes came, and which of those that came are refused beyond their due day. */
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
import type { HubContext } from './context.ts';

type Asking = Pick<HubContext, 'database' | 'now'>;

export async function countOverdue(
  hub: Asking,
  agency: string | undefined,
): Promise<readonly DueCount[]> {
  const { db } = hub.database;
  const today = hanoiDay(hub.now().getTime());
  await keepDueDays(db, today);
  return await countDue(db, { changes: dueChanges(agency), today });
}

export async function listOverdue(
  hub: Asking,
  { agency, ...page }: DuePage & { readonly agency: string | undefined },
): Promise<readonly DueChange[]> {
  const today = hanoiDay(hub.now().getTime());
  return await listDue(hub.database.db, { changes: dueChanges(agency), today }, page);
}
