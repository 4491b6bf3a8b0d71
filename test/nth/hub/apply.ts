/** A batch is applied: accepted, changed, refused and deleted records, and what nobody can read yet. */
import { applyBatches } from '../../../hub/src/sync/apply-batches.ts';
import { openTestHub } from '../../support/test-hub.ts';
import {
  block,
  blocksOf,
  change,
  gone,
  orgUnit,
  person,
  pinOf,
} from '../../support/test-records.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function applyBatch(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const unit = await openUnit(hub);
  const records = [
    orgUnit(3, 'H52.02', { parent: 'H52' }),
    person(16, pinOf(16), { more: { reward: [{ year: '2001', form: '1' }, { year: '2002' }] } }),
    change(17, 2, { training: [{ institution: 'Trường hai' }, { institution: 'Trường ba' }] }),
    gone(18, 2),
    person(19, pinOf(19), { version: 2 }),
    person(20, pinOf(20), { fields: { sex: '7' } }),
    person(21, pinOf(16)),
  ];
  const unknown = block(999, [1001, 1], [`${records[1]?.id ?? ''}\tlater\n`]);
  const batch = await unit.seal({
    blocks: [...blocksOf(records), unknown],
    recordCount: records.length,
    marker: 'second',
  });
  await unit.push(batch);
  const subject = {
    name: 'apply a batch',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => applyBatches({ ...hub, database }, unit.agency),
  } as const;
  return await failEverywhere(subject, how);
}
