/** A new version of a code list is published that a record was waiting for. */
import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';

import { publishCodeList } from '../../../hub/src/sync/publish-code-list.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function publishList(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  await openUnit(hub);
  // somebody is held back there for the code 7
  const { GIOI_TINH: list } = codeLists;
  const entries = [...list.entries, { code: '7', vi: 'Giới tính thử', status: 'unverified' }];
  const document = { ...list, version: list.version + 1, entries };
  const subject = {
    name: 'publish a code list',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => publishCodeList({ ...hub, database }, document),
  } as const;
  return await failEverywhere(subject, how);
}
