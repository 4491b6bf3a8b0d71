/** What an older catalogue left out is read from the archive, as the sweep does it. */
import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { olderCatalogue } from '../../support/older-catalogue.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { blocksOf, person, pinOf } from '../../support/test-records.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function readArchiveAgain(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const unit = await openUnit(hub);
  const rewards = (year: string) => ({ more: { reward: [{ year, form: '1' }] } });
  // one is good and one is held back
  const records = [person(16, pinOf(16), rewards('2001')), person(20, pinOf(20), rewards('1'))];
  const batch = { blocks: blocksOf(records), recordCount: records.length };
  {
    using _ = olderCatalogue({ sections: ['reward'] });
    await unit.send([], batch);
  }
  const subject = {
    name: 'read the archive again',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => applyBatches({ ...hub, database }, unit.agency),
  } as const;
  return await failEverywhere(subject, how);
}
