/** The checkpoint of a day is made, behind another, and put on the feeds of two units. */
import { makeCheckpoint } from '../../../hub/src/sync/make-checkpoint.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { enrolTestUnit } from '../../support/test-unit.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function makeDaily(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  await openUnit(hub);
  await enrolTestUnit(hub, 'H53');
  await makeCheckpoint(hub, '2026-09-01');
  const subject = {
    name: 'make a checkpoint',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => makeCheckpoint({ ...hub, database }, '2026-09-02'),
  } as const;
  return await failEverywhere(subject, how);
}
