import {
  createSigningKeyPair,
  publicKeyToPem,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit } from '../../../test/support/test-records.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import { verifyArchive } from './verify-archive.ts';

let hub: TestHub;
let units = 10;
let agency = '';

/** A unit of its own with four batches for each test, at one hub for all of them. */
beforeEach(async () => {
  hub ??= await openTestHub();
  units += 1;
  agency = `X${units}`;
  const unit = await enrolTestUnit(hub, agency);
  for (let i = 1; i <= 3; i += 1) {
    await unit.send([orgUnit(units, agency, { version: i })], { marker: `${i}` });
  }
  await unit.push(await unit.seal({ marker: 'not applied yet' }));
});

afterAll(async () => hub[Symbol.asyncDispose]());

const reasons = async (): Promise<readonly string[]> =>
  (await verifyArchive(hub, agency)).faults.map(({ seq, reason }) => `${seq} ${reason}`);

test('an archive that nobody touched has no fault', async () => {
  expect(await verifyArchive(hub, agency)).toEqual({ agency, batches: 4, faults: [] });
});

const flip = (column: string, at: number): string =>
  `${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`;

test.each([
  ['a flipped byte in the content', flip('content', 7), ['2 content and hash differ']],
  [
    'a flipped byte in the header',
    flip('header', 10),
    ['2 header and hash differ', '2 not signed by the unit'],
  ],
  ['a header that is none', `header = '\\xffff'`, ['2 the header cannot be read']],
  ['a flipped byte in the signature', flip('signature', 3), ['2 not signed by the unit']],
  ['a flipped byte in the receipt', flip('receipt', 20), ['2 receipt not signed by this hub']],
  [
    'a receipt that is none',
    `receipt = '\\xffff'`,
    ['2 receipt not signed by this hub', '2 receipted for other bytes'],
  ],
  [
    'a flipped byte in its signature',
    flip('receipt_signature', 3),
    ['2 receipt not signed by this hub'],
  ],
  [
    'another hash',
    flip('header_hash', 3),
    [
      '2 header and hash differ',
      '2 receipted for other bytes',
      '3 not chained to the batch before',
    ],
  ],
  [
    'a count that does not add up',
    'records_accepted = records_accepted + 1',
    ['2 records accepted, refused and ignored do not add up to those sent'],
  ],
  [
    'counts that nobody entered',
    'records_accepted = null, records_refused = null, records_ignored = null',
    ['2 records accepted, refused and ignored do not add up to those sent'],
  ],
  [
    'another number sent',
    'records_sent = 7',
    ['2 records accepted, refused and ignored do not add up to those sent'],
  ],
])('%s is found', async (_, change, expected) => {
  await rowsOf(hub, `update sync.inbox set ${change} where agency = '${agency}' and seq = 2`);
  expect(await reasons()).toEqual(expect.arrayContaining([...expected]));
  // and nothing but this batch and what hangs on its hash is blamed
  const blamed = new Set((await reasons()).map((reason) => reason.split(' ')[0]));
  expect([...blamed].filter((seq) => seq !== '2' && seq !== '3')).toEqual([]);
});

test.each([
  [2, ['2 missing']],
  [4, ['4 missing']],
])('batch %i removed is found', async (seq, expected) => {
  await rowsOf(hub, `delete from sync.inbox where agency = '${agency}' and seq = ${seq}`);
  expect(await reasons()).toEqual(expected);
  expect((await verifyArchive(hub, agency)).batches).toBe(3);
});

test('the last batch exchanged for the copy of an older one is found', async () => {
  await rowsOf(
    hub,
    `update sync.inbox t set header = s.header, header_hash = s.header_hash, content = s.content,
       signature = s.signature, receipt = s.receipt, receipt_signature = s.receipt_signature
     from sync.inbox s
     where s.agency = t.agency and t.agency = '${agency}' and s.seq = 3 and t.seq = 4`,
  );
  expect(await reasons()).toEqual(
    expect.arrayContaining([
      '4 the header has another number',
      '4 receipted for other bytes',
      '4 the last batch is not the head that the unit was told of',
    ]),
  );
});

test('the batch of another unit in the place of its own is found', async () => {
  const other = await enrolTestUnit(hub, `Y${units}`);
  for (let i = 1; i <= 2; i += 1) await other.send([], { marker: 'another' });
  await rowsOf(
    hub,
    `update sync.inbox t set header = s.header, header_hash = s.header_hash, content = s.content,
       signature = s.signature, receipt = s.receipt, receipt_signature = s.receipt_signature
     from sync.inbox s
     where t.agency = '${agency}' and s.agency = '${other.agency}' and s.seq = 2 and t.seq = 2`,
  );
  expect(await reasons()).toEqual(
    expect.arrayContaining(['2 the header names another unit', '2 receipted for other bytes']),
  );
});

test('batches from before a new enrolment are held against the key of their time', async () => {
  const renewed = publicKeyToPem(createSigningKeyPair().publicKey);
  await rowsOf(
    hub,
    `with i as (
       insert into registry.invitation (agency, token_hash, expires_at)
       values ('${agency}', '${agency}', now()) returning id)
     insert into registry.enrolment (invitation_id, agency, request_hash, signing_request,
       signing_key, tls_key_id, status)
     select i.id, u.agency, '', '', u.signing_key, '', 'approved' from i, registry.unit u
     where u.agency = '${agency}'`,
  );
  const renew = `update registry.unit set signing_key = '${renewed}' where agency = '${agency}'`;
  await rowsOf(hub, renew);
  expect(await reasons()).toEqual([]);
  await rowsOf(hub, `update registry.enrolment set status = 'rejected' where agency = '${agency}'`);
  expect(await reasons()).toHaveLength(4);
});

test('there is no archive of an unknown agency', async () => {
  await expect(verifyArchive(hub, 'X99')).rejects.toMatchObject({ code: 'HUB_AGENCY_UNKNOWN' });
});
