/** What is kept for a time only. The archive, the feeds and what units still miss are not of it. */
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { forgetOldChanges } from '../db/due-changes.ts';
import { dropOldAnswers } from '../db/reference-runs.ts';
import { forgetSpentHellos } from '../db/units.ts';
import { forgetVerifications } from '../db/verifications.ts';
import type { HubContext } from './context.ts';

/** More than a year, as of the figures of quality: longer than any medium is on its way. */
const keptMs = 400 * 86_400_000;

/** Each by itself: what was not forgotten tonight goes the next night. */
export async function forgetOld(hub: Pick<HubContext, 'database' | 'now'>): Promise<void> {
  const { db } = hub.database;
  const now = hub.now();
  const before = new Date(now.getTime() - keptMs);
  await forgetOldChanges(db, hanoiDay(now.getTime()));
  await dropOldAnswers(db, now);
  await forgetVerifications(db, before);
  await forgetSpentHellos(db, before);
}
