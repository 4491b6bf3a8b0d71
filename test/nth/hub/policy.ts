/** A policy is set that takes rows away and narrows others. */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';

import { setPolicy } from '../../../hub/src/sync/set-policy.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function narrow(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  await openUnit(hub);
  const wanted = new Map([
    [sectionNamed('training').tag, 'unit'],
    [sectionNamed('salary').tag, 'sealed'],
  ] as const);
  const subject = {
    name: 'set the policy',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => setPolicy({ ...hub, database }, wanted),
  } as const;
  return await failEverywhere(subject, how);
}
