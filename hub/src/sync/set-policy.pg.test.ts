import { createPublicKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Reach } from '@lienthong/shared-schema/catalogue/types.ts';
import { readInvitation } from '@lienthong/shared-schema/enrolment/invitation.ts';
import { enrolmentStatement } from '@lienthong/shared-schema/enrolment/statement.ts';
import type { ReachTable } from '@lienthong/shared-schema/rules/reach-policy.ts';
import {
  publicKeyToPem,
  signBytes,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { type PolicyBody, policyBody } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { olderCatalogue } from '../../../test/support/older-catalogue.ts';
import { openTestHub, rowsOf, type TestHub, untilWaiting } from '../../../test/support/test-hub.ts';
import { mirrorPage, type Mirror } from '../../../test/support/test-mirror.ts';
import { blocksOf, change, orgUnit, person, recordId } from '../../../test/support/test-records.ts';
import { enrolTestUnit, TestUnit } from '../../../test/support/test-unit.ts';
import { forgeRequest } from '../pki/request-fixture.ts';
import { createRsaKeyPair } from '../pki/rsa-key.ts';
import { applyBatches } from './apply-batches.ts';
import { approveEnrolment, inviteUnit, requestEnrolment } from './enrol-node.ts';
import { setPolicy, showPolicy } from './set-policy.ts';

const policyOf = (reaches: Readonly<Record<string, Reach>>): ReachTable =>
  new Map(Object.entries(reaches).map(([name, reach]) => [sectionNamed(name).tag, reach]));
const tagOf = (name: string): number => sectionNamed(name).tag;

const more = {
  salary: [{ step: '2', coefficient: '4.40' }],
  training: [{ institution: 'Trường một' }, { institution: 'Trường hai' }],
};

/** The tree of a unit and two people, one of them with a salary and trainings. */
async function sendPeople(unit: TestUnit, first: number): Promise<void> {
  const { agency } = unit;
  const pin = (n: number): string => `001080${String(n).padStart(6, '0')}`;
  await unit.send([
    orgUnit(first, agency),
    person(first + 1, pin(first + 1), { unit: agency, more }),
    person(first + 2, pin(first + 2), { unit: agency }),
  ]);
}

const counts = (hub: TestHub): Promise<readonly (readonly unknown[])[]> =>
  rowsOf(
    hub,
    `select (select count(*)::integer from national.salary),
      (select count(*)::integer from national.training),
      (select count(*)::integer from sync.policy), (select sum(feed_head)::integer from registry.unit)`,
  );

/** The policies that a unit finds on its feed, each checked as a unit checks it. */
async function policiesOf(unit: TestUnit, hub: TestHub): Promise<readonly PolicyBody[]> {
  const { policies } = (await unit.pull()).content;
  return policies.map(({ body, signature }) => {
    const key = createPublicKey(hub.signingKey);
    expect(verifyBytes(key, domains.policy, body, signature)).toBe(true);
    return policyBody.decode(body);
  });
}

test('a dry run counts what would go, by section and unit, and changes nothing', async () => {
  await using hub = await openTestHub();
  await sendPeople(await enrolTestUnit(hub, 'H52'), 1);
  await sendPeople(await enrolTestUnit(hub, 'G09'), 11);
  const before = await counts(hub);
  const wanted = policyOf({ salary: 'sealed', training: 'unit', health: 'unit' });
  const changes = [
    { section: 'salary', from: 'national', to: 'sealed', rows: 2n, units: 2 },
    { section: 'health', from: 'sealed', to: 'unit', rows: 0n, units: 0 },
    { section: 'training', from: 'national', to: 'unit', rows: 4n, units: 2 },
  ];
  const dry = await setPolicy(hub, wanted, { dryRun: true });
  expect(dry).toEqual({ version: 0n, stored: false, changes, feeds: 0 });
  expect(await counts(hub)).toEqual(before);
  expect(await showPolicy(hub)).toMatchObject({ version: 0n, asOf: '', narrowed: [] });

  const real = await setPolicy(hub, wanted);
  expect(real).toEqual({ ...dry, version: 1n, stored: true, feeds: 2 });
  expect((await counts(hub))[0]?.slice(0, 3)).toEqual([0, 0, 1]);
  expect(await showPolicy(hub)).toMatchObject({
    version: 1n,
    narrowed: ['salary', 'health', 'training'],
  });
  // the same table again is no new version
  expect(await setPolicy(hub, wanted)).toEqual({
    version: 1n,
    stored: false,
    changes: [],
    feeds: 0,
  });
});

test('the removal goes down each feed as changes of these records, after the policy', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H52');
  await sendPeople(unit, 1);
  const mirror: Mirror = new Map();
  const first = await unit.pull();
  mirrorPage(mirror, first.content);
  expect([...(mirror.get(recordId(2))?.keys() ?? [])]).toContain(tagOf('training'));
  await setPolicy(hub, policyOf({ salary: 'sealed', training: 'unit' }));
  const cursor = first.header.toCursor;
  const page = await unit.pull(cursor, 1);
  expect(page.content.blocks).toEqual([]);
  expect(page.content.policies).toHaveLength(1);
  const rest = await unit.pull(cursor + 1n);
  expect(rest.header).toMatchObject({ toCursor: cursor + 2n, feedHead: cursor + 2n });
  mirrorPage(mirror, rest.content);
  expect(mirror.size).toBe(3);
  const left = [...(mirror.get(recordId(2))?.keys() ?? [])];
  expect(left).toContain(tagOf('employment'));
  expect(left).not.toContain(tagOf('salary'));
  expect(left).not.toContain(tagOf('training'));
});

test('active, frozen and revoked units are told, in turn; a unit that is invited, when it is approved', async () => {
  await using hub = await openTestHub();
  const active = await enrolTestUnit(hub, 'H52');
  const frozen = await enrolTestUnit(hub, 'H53');
  const revoked = await enrolTestUnit(hub, 'H55');
  await hub.database.pool.query(`update registry.unit set status = 'frozen' where agency = 'H53'`);
  await hub.database.pool.query(`update registry.unit set status = 'revoked' where agency = 'H55'`);
  const line = await inviteUnit(hub, { agency: 'G09', host: 'hub.example', port: 8443 });
  expect(await setPolicy(hub, policyOf({ salary: 'sealed' }))).toMatchObject({ feeds: 3 });
  await setPolicy(hub, policyOf({ salary: 'unit' }));
  for (const unit of [active, frozen, revoked]) {
    expect(await policiesOf(unit, hub)).toMatchObject([
      { version: 1n, reaches: [{ section: tagOf('salary'), reach: 'SEALED' }] },
      { version: 2n, reaches: [{ section: tagOf('salary'), reach: 'UNIT' }] },
    ]);
  }
  const later = new TestUnit(hub, 'G09');
  const rsa = await createRsaKeyPair();
  const enrol = async (invitation: string): Promise<void> => {
    const statement = {
      token: readInvitation(invitation)?.token ?? '',
      agency: 'G09',
      signingRequest: forgeRequest({ ...rsa, subject: [{ name: 'commonName', value: 'G09' }] }),
      signingKey: publicKeyToPem(later.keys.publicKey),
    };
    const proof = signBytes(
      later.keys.privateKey,
      domains.enrolment,
      enrolmentStatement(statement),
    );
    const signature = Buffer.from(proof).toString('base64');
    const { enrolment } = await requestEnrolment(hub, { ...statement, signature });
    await approveEnrolment(hub, hub.authority, BigInt(enrolment));
  };
  await enrol(line);
  const told = [
    {
      hubIncarnation: 1n,
      version: 2n,
      audience: Buffer.from(hub.audience),
      reaches: [{ section: tagOf('salary'), reach: 'UNIT' }],
    },
  ];
  expect(await policiesOf(later, hub)).toMatchObject(told);
  // with a new certificate it has its old feed, where the policy is
  await enrol(await inviteUnit(hub, { agency: 'G09', host: 'hub.example', port: 8443 }));
  expect(await policiesOf(later, hub)).toMatchObject(told);
});

test('a policy waits for a batch that is being applied, and takes away what it wrote', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H52');
  await unit.push(
    await unit.seal({
      records: [orgUnit(1, 'H52'), person(2, '001080000002', { unit: 'H52', more })],
    }),
  );
  const holder = await hub.database.pool.connect();
  await holder.query(`begin; select from registry.unit where agency = 'H52' for update`);
  // it has written its rows and waits for its positions in the feed
  const applying = applyBatches(hub, 'H52');
  await untilWaiting(hub);
  const setting = setPolicy(hub, policyOf({ salary: 'sealed', training: 'unit' }));
  while ((await waiting(hub)) < 2) await sleep(5);
  await holder.query('commit');
  holder.release();
  expect(await applying).toBe(1);
  expect((await setting).changes.map(({ section, rows }) => [section, rows])).toEqual([
    ['salary', 1n],
    ['training', 2n],
  ]);
  expect((await counts(hub))[0]?.slice(0, 2)).toEqual([0, 0]);
});

const waiting = async (hub: TestHub): Promise<number> =>
  (
    await rowsOf(
      hub,
      `select pid from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).length;

test('from the policy on the hub stores nothing beyond it, whatever the unit sends', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H52');
  await setPolicy(hub, policyOf({ salary: 'sealed', training: 'unit' }));
  await sendPeople(unit, 1);
  await unit.send([change(2, 2, more)]);
  expect((await counts(hub))[0]?.slice(0, 2)).toEqual([0, 0]);
  const applied = `select records_accepted, records_refused from sync.inbox order by seq`;
  expect(await rowsOf(hub, applied)).toEqual([
    [3, 0],
    [1, 0],
  ]);
  // and set back it stores again
  await setPolicy(hub, policyOf({}));
  await unit.send([change(2, 3, more)]);
  expect((await counts(hub))[0]?.slice(0, 2)).toEqual([1, 2]);
});

test('what is read again from the archive stays within the policy', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H52');
  await unit.send([orgUnit(1, 'H52')]);
  const records = [
    person(2, '001080000002', {
      unit: 'H52',
      fields: { religion: '01' },
      more: { reward: [{ year: '2001', form: '1' }] },
    }),
  ];
  const blocks = blocksOf(records);
  {
    using _ = olderCatalogue({ sections: ['reward'], fields: { identity: ['religion'] } });
    await unit.send([], { blocks, recordCount: 1 });
  }
  await setPolicy(hub, policyOf({ reward: 'sealed' }));
  await applyBatches(hub, 'H52');
  expect(
    await rowsOf(
      hub,
      'select religion, (select count(*) from national.reward) from national.identity',
    ),
  ).toEqual([['01', 0n]]);
});
