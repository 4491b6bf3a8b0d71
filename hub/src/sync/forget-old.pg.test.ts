import { randomBytes } from 'node:crypto';

import {
  helloBody,
  type HelloBody,
  helloReply,
  helloRequest,
} from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { storeAnswers } from '../db/reference-runs.ts';
import { lastVerifications, storeVerification } from '../db/verifications.ts';
import { forgetOld } from './forget-old.ts';
import { sayHello } from './say-hello.ts';

const dayMs = 86_400_000;

/** A hello of the unit as it is now; said again whenever the medium comes. */
function helloOf(hub: TestHub, unit: TestUnit, lineageToken: Uint8Array) {
  const request = helloRequest.encode({
    protocol: 1,
    agency: unit.agency,
    helloNonce: randomBytes(16),
    lineageToken,
    headSeq: unit.seq,
    headHash: unit.headHash,
    hubIncarnation: 1n,
    feedCursor: 0n,
    catalogueVersion: 1,
    software: 'test 1',
    clockMs: BigInt(hub.now().getTime()),
    unsealed: 0n,
    bundleKey: new Uint8Array(0),
    receiptedSeq: 0n,
  });
  return async (): Promise<HelloBody> =>
    helloBody.decode(helloReply.decode(await sayHello(hub, unit.caller, request)).body);
}

/** Says two hellos, and returns how to say the first, which is spent, once more. */
async function spend(hub: TestHub, unit: TestUnit): Promise<() => Promise<HelloBody>> {
  const first = helloOf(hub, unit, new Uint8Array(0));
  const { lineageToken } = await first();
  const { epoch } = await helloOf(hub, unit, lineageToken)();
  unit.epoch = epoch;
  return first;
}

test('nonces that were spent long ago go once their hellos are behind anyway, those of a silent unit stay', async () => {
  await using hub = await openTestHub({ now: new Date() });
  const busy = await enrolTestUnit(hub, 'H52');
  const silent = await enrolTestUnit(hub, 'H53');
  const late = [await spend(hub, busy), await spend(hub, silent)] as const;
  const spent = () => rowsOf(hub, 'select agency from registry.spent_hello order by agency');
  await forgetOld(hub);
  expect(await spent()).toEqual([['H52'], ['H53']]);
  hub.clock.now = new Date(hub.now().getTime() + 401 * dayMs);
  await busy.send([]);
  await forgetOld(hub);
  expect(await spent()).toEqual([['H53']]);
  // and whoever comes late with one of these hellos takes no place and freezes nobody
  expect(await late[0]()).toMatchObject({ relation: 'NODE_BEHIND', epoch: 0n });
  expect(await late[1]()).toMatchObject({ relation: 'CLONED', epoch: 0n });
  expect(await rowsOf(hub, 'select distinct status from registry.unit')).toEqual([['active']]);
});

test('of verifications the newest of a unit stays, and of answers those that may still be used', async () => {
  await using hub = await openTestHub({ now: new Date() });
  const { db } = hub.database;
  await enrolTestUnit(hub, 'H52');
  await enrolTestUnit(hub, 'H53');
  const verify = (agency: string, daysAgo: number) =>
    storeVerification(db, {
      agency,
      report: randomBytes(8),
      reportHash: randomBytes(32),
      signature: randomBytes(64),
      receipt: randomBytes(8),
      receiptSignature: randomBytes(64),
      headSeq: 1n,
      differing: 0n,
      heldBack: 0n,
      confirmed: true,
      receivedAt: new Date(hub.now().getTime() - daysAgo * dayMs),
    });
  for (const daysAgo of [402, 401, 399]) await verify('H52', daysAgo);
  for (const daysAgo of [900, 800]) await verify('H53', daysAgo);
  const last = await lastVerifications(db);
  const answer = { kind: 'not-found', fields: {}, asOf: '2026-11-20' } as const;
  const until = (days: number) => new Date(hub.now().getTime() + days * dayMs);
  await storeAnswers(db, 'party', new Map([['001080000001', answer]]), until(-1));
  await storeAnswers(db, 'population', new Map([['001080000002', answer]]), until(1));

  await forgetOld(hub);
  const kept = 'select agency, count(*) from sync.verification group by agency order by agency';
  expect(await rowsOf(hub, kept)).toEqual([
    ['H52', 1n],
    ['H53', 1n],
  ]);
  expect(await lastVerifications(db)).toEqual(last);
  expect(await rowsOf(hub, 'select pin from reference.answer')).toEqual([['001080000002']]);
});
