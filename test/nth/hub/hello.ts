/** A hello is answered, and repeated under the nonce that it had. */
import { randomBytes } from 'node:crypto';

import { helloBody, helloReply, helloRequest } from '@lienthong/shared-schema/wire/messages.ts';
import { expect } from 'vitest';

import { sayHello } from '../../../hub/src/sync/say-hello.ts';
import { openTestHub, rowsOf } from '../../support/test-hub.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function answerHello(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const unit = await openUnit(hub);
  const request = helloRequest.encode({
    protocol: 1,
    agency: unit.agency,
    helloNonce: randomBytes(16),
    lineageToken: new Uint8Array(0),
    headSeq: unit.seq,
    headHash: unit.headHash,
    hubIncarnation: hub.incarnation,
    feedCursor: 0n,
    catalogueVersion: 1,
    software: 'test 1',
    clockMs: BigInt(hub.now().getTime()),
    unsealed: 0n,
    receiptedSeq: 0n,
    bundleKey: new Uint8Array(0),
  });
  const subject = {
    name: 'answer a hello',
    side: 'hub',
    urls: { hub: hub.url },
    drawn: ['lineage_token'],
    // a repetition has an epoch of its own
    besides: ['registry.spent_hello'],
    twice: true,
    commits: 1,
    act: (database: typeof hub.database) => sayHello({ ...hub, database }, unit.caller, request),
    async check(bytes: Uint8Array) {
      const body = helloBody.decode(helloReply.decode(bytes).body);
      expect(body).toMatchObject({ relation: 'EQUAL', headSeq: unit.seq });
      // one token for one hello, however often it had to be repeated
      expect(await rowsOf(hub, 'select epoch, lineage_token from registry.unit')).toEqual([
        [body.epoch, body.lineageToken],
      ]);
    },
  } as const;
  return await failEverywhere(subject, how);
}
