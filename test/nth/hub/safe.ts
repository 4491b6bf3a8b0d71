/** What a copy of the hub holds is marked as safe, of two units. */
import { markSafe } from '../../../hub/src/sync/mark-safe.ts';
import { backupOf } from '../../support/backup.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { enrolTestUnit } from '../../support/test-unit.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function safe(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  await openUnit(hub);
  const other = await enrolTestUnit(hub, 'H53');
  await other.send([]);
  await using backup = await backupOf(hub.url);
  const subject = {
    name: 'mark as safe',
    side: 'hub',
    urls: { hub: hub.url },
    // a unit each
    commits: 2,
    act: (database: typeof hub.database) =>
      markSafe({ ...hub, database }, { url: backup.url, dryRun: false }),
  } as const;
  return await failEverywhere(subject, how);
}
