/** A batch is accepted, and its receipt given. */
import { createPublicKey } from 'node:crypto';

import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { pushReply } from '@lienthong/shared-schema/wire/messages.ts';
import { expect } from 'vitest';

import { receiveBatch } from '../../../hub/src/sync/receive-batch.ts';
import { openTestHub, rowsOf } from '../../support/test-hub.ts';
import { person, pinOf } from '../../support/test-records.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function acceptBatch(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const unit = await openUnit(hub);
  const batch = await unit.seal({ records: [person(16, pinOf(16))] });
  const subject = {
    name: 'accept a batch',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: async (database: typeof hub.database) =>
      pushReply.decode(await receiveBatch({ ...hub, database }, unit.caller, batch.frame())),
    async check({ outcome, receipt, receiptSignature }: ReturnType<typeof pushReply.decode>) {
      expect(['ACCEPTED', 'DUPLICATE']).toContain(outcome);
      const key = createPublicKey(hub.signingKey);
      expect(verifyBytes(key, domains.receipt, receipt, receiptSignature)).toBe(true);
      const stored = await rowsOf(hub, `select receipt from sync.inbox where seq = ${batch.seq}`);
      expect(stored).toEqual([[receipt]]);
    },
  } as const;
  return await failEverywhere(subject, how);
}
