import { createHash, createPublicKey } from 'node:crypto';

import { sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { checkpointBody } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { openTestHub } from '../../../test/support/test-hub.ts';
import { orgUnit } from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { makeCheckpoint } from './make-checkpoint.ts';

/** The root as the contract describes it, from what the units themselves know of their heads. */
function rootOf(units: readonly TestUnit[]): Buffer {
  const hash = createHash('sha256');
  for (const { agency, seq, headHash } of units) {
    const number = Buffer.from(seq.toString(16).padStart(16, '0'), 'hex');
    hash
      .update(agency)
      .update(Buffer.from([0]))
      .update(number)
      .update(headHash);
  }
  return hash.digest();
}

test('checkpoints are signed, chained, rooted in the heads of all units, and go down every feed', async () => {
  await using hub = await openTestHub();
  const later = await enrolTestUnit(hub, 'H53');
  const first = await enrolTestUnit(hub, 'G09');
  const units = [first, later];
  await first.send([orgUnit(1, 'G09')]);
  expect(await makeCheckpoint(hub, '2026-09-01')).toBe(1n);
  const roots = [rootOf(units)];
  await later.send([orgUnit(2, 'H53')]);
  await later.send([], { marker: 'm' });
  expect(await makeCheckpoint(hub, '2026-09-02')).toBe(2n);
  roots.push(rootOf(units));
  for (const unit of units) {
    const { checkpoints } = (await unit.pull()).content;
    const key = createPublicKey(hub.signingKey);
    for (const { body, signature } of checkpoints) {
      expect(verifyBytes(key, domains.checkpoint, body, signature)).toBe(true);
    }
    expect(checkpoints.map((one) => checkpointBody.decode(one.body))).toEqual([
      {
        hubIncarnation: 1n,
        number: 1n,
        prevHash: Buffer.alloc(0),
        root: roots[0],
        agencies: 2,
        asOf: '2026-09-01',
      },
      {
        hubIncarnation: 1n,
        number: 2n,
        prevHash: sha256(checkpoints[0]?.body ?? Buffer.alloc(0)),
        root: roots[1],
        agencies: 2,
        asOf: '2026-09-02',
      },
    ]);
  }
});

test('a day has one checkpoint, whoever makes it and however often, and an older day gets none', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const made = await Promise.all([1, 2, 3, 4].map(() => makeCheckpoint(hub, '2026-09-05')));
  expect(made.filter((number) => number !== undefined)).toEqual([1n]);
  expect(await makeCheckpoint(hub, '2026-09-05')).toBeUndefined();
  expect(await makeCheckpoint(hub, '2026-09-04')).toBeUndefined();
  expect(await makeCheckpoint(hub, '2026-09-06')).toBe(2n);
  expect((await unit.pull()).content.checkpoints.map((one) => one.number)).toEqual([1n, 2n]);
});
