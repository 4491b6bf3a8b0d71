/** Digests are brought up to date and served; records are put on the feed once more. */
import { digestTreeBody, digestTreeReply } from '@lienthong/shared-schema/wire/messages.ts';
import { digestTreeRequest, resendRequest } from '@lienthong/shared-schema/wire/messages.ts';
import { recordIdBytes } from '@lienthong/shared-schema/wire/record-id.ts';
import { expect } from 'vitest';

import { serveDigestTree } from '../../../hub/src/sync/digest-tree.ts';
import { resendRecords } from '../../../hub/src/sync/resend-records.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { recordId } from '../../support/test-records.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function digests(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const unit = await openUnit(hub);
  const question = digestTreeRequest.encode({ prefixes: [new Uint8Array(0)], records: [] });
  const ask = async (database: typeof hub.database) =>
    digestTreeBody.decode(
      digestTreeReply.decode(await serveDigestTree({ ...hub, database }, unit, question)).body,
    );
  const subject = {
    name: 'bring digests up to date',
    side: 'hub',
    urls: { hub: hub.url },
    // by which rule they are made, and the digests
    commits: 2,
    act: ask,
    async check(body: Awaited<ReturnType<typeof ask>>) {
      expect(body).toEqual(await ask(hub.database));
    },
  } as const;
  return await failEverywhere(subject, how);
}

export async function resend(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const unit = await openUnit(hub);
  const records = [17, 18, 99].map((n) => recordIdBytes(recordId(n)));
  const subject = {
    name: 'put records on the feed again',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    twice: true,
    act: (database: typeof hub.database) =>
      resendRecords({ database }, unit, resendRequest.encode({ records })),
  } as const;
  return await failEverywhere(subject, how);
}
