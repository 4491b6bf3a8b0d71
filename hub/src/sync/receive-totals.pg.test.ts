import { createPublicKey } from 'node:crypto';

import { sha256, signBytes, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  type Figure,
  totalsFrame,
  totalsReceiptBody,
  totalsReply,
  totalsReport,
  type TotalsReport,
} from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit, person } from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { hubStatus } from './hub-status.ts';
import { publishTotals, receiveTotals } from './receive-totals.ts';

const now = new Date('2026-09-10T16:30:00Z');
const figure = (measure: string, key: string, value: bigint): Figure => ({ measure, key, value });

function frameOf(hub: TestHub, unit: TestUnit, changes: Partial<TotalsReport> = {}): Buffer {
  const report = totalsReport.encode({
    protocol: 1,
    audience: hub.audience,
    agency: unit.agency,
    asOf: '2026-09-10',
    headSeq: 0n,
    figures: [],
    ...changes,
  });
  const signature = signBytes(unit.keys.privateKey, domains.totals, report);
  return totalsFrame.encode({ report, signature });
}

const report = async (
  hub: TestHub,
  unit: TestUnit,
  asOf: string,
  figures: readonly Figure[],
): Promise<Uint8Array> => receiveTotals(hub, unit.caller, frameOf(hub, unit, { asOf, figures }));

test('a report is stored as it came, with a receipt that verifies', async () => {
  await using hub = await openTestHub({ now });
  const unit = await enrolTestUnit(hub);
  const figures = [figure('people', 'all', 3n), figure('people', 'women', 2n)];
  const frame = frameOf(hub, unit, { figures });
  const sent = totalsFrame.decode(frame);
  const { receipt, signature } = totalsReply.decode(await receiveTotals(hub, unit.caller, frame));
  const key = createPublicKey(hub.signingKey);
  expect(verifyBytes(key, domains.totalsReceipt, receipt, signature)).toBe(true);
  expect(totalsReceiptBody.decode(receipt)).toEqual({
    hubIncarnation: 1n,
    agency: 'H52',
    asOf: '2026-09-10',
    reportHash: sha256(sent.report),
  });
  expect(await rowsOf(hub, 'select report, signature, receipt from sync.totals_report')).toEqual([
    [sent.report, sent.signature, receipt],
  ]);
  expect(
    await rowsOf(hub, 'select measure, key, value from sync.totals_figure order by 2'),
  ).toEqual([
    ['people', 'all', 3n],
    ['people', 'women', 2n],
  ]);
});

test.each<readonly [string, Partial<TotalsReport>, string]>([
  ['of another agency', { agency: 'H53' }, 'HUB_AGENCY_MISMATCH'],
  ['for another hub', { audience: Buffer.alloc(32) }, 'HUB_AUDIENCE_MISMATCH'],
  ['of a protocol to come', { protocol: 2 }, 'HUB_PROTOCOL_UNSUPPORTED'],
  ['without a day', { asOf: '' }, 'HUB_UNREADABLE'],
  ['of a month', { asOf: '2026-09' }, 'HUB_UNREADABLE'],
  ['of a day that does not exist', { asOf: '2026-02-30' }, 'HUB_UNREADABLE'],
  ['of a day to come', { asOf: '2026-09-12' }, 'HUB_UNREADABLE'],
  [
    'with a figure twice',
    { figures: [figure('a', 'b', 1n), figure('a', 'b', 2n)] },
    'HUB_UNREADABLE',
  ],
  ['with a figure beyond all people', { figures: [figure('a', 'b', 2n ** 62n)] }, 'HUB_UNREADABLE'],
])('a report %s is refused', async (_, changes, code) => {
  await using hub = await openTestHub({ now });
  const unit = await enrolTestUnit(hub);
  await expect(receiveTotals(hub, unit.caller, frameOf(hub, unit, changes))).rejects.toMatchObject({
    code,
  });
  expect(await rowsOf(hub, 'select 1 from sync.totals_report')).toEqual([]);
});

test('a report signed by another key, or for another purpose, is refused', async () => {
  await using hub = await openTestHub({ now });
  const unit = await enrolTestUnit(hub);
  const other = await enrolTestUnit(hub, 'H53');
  const { report: bytes } = totalsFrame.decode(frameOf(hub, unit));
  for (const [key, domain] of [
    [other.keys.privateKey, domains.totals],
    [unit.keys.privateKey, domains.batch],
  ] as const) {
    const frame = totalsFrame.encode({ report: bytes, signature: signBytes(key, domain, bytes) });
    await expect(receiveTotals(hub, unit.caller, frame)).rejects.toMatchObject({
      code: 'HUB_SIGNATURE_INVALID',
    });
  }
});

const published = async (unit: TestUnit): Promise<readonly unknown[]> =>
  (await unit.pull()).content.totals.map(({ asOf, agencies, figures }) => [
    asOf,
    agencies,
    Object.fromEntries(figures.map(({ measure, key, value }) => [`${measure} ${key}`, value])),
  ]);

test('the newest report of each unit is summed and goes to every feed once', async () => {
  await using hub = await openTestHub({ now });
  const a = await enrolTestUnit(hub, 'H52');
  const b = await enrolTestUnit(hub, 'H53');
  expect(await publishTotals(hub)).toBe(false);
  await report(hub, a, '2026-09-08', [figure('people', 'all', 900n)]);
  await report(hub, a, '2026-09-09', [figure('people', 'all', 10n), figure('people', 'men', 4n)]);
  await report(hub, b, '2026-09-10', [figure('people', 'all', 5n)]);
  // an older day that comes late changes nothing
  await report(hub, a, '2026-09-07', [figure('people', 'all', 70n)]);
  expect(await publishTotals(hub)).toBe(true);
  const first = ['2026-09-10', 2, { 'people all': 15n, 'people men': 4n }];
  expect(await published(a)).toEqual([first]);
  expect(await published(b)).toEqual([first]);
  expect(await publishTotals(hub)).toBe(false);
  expect(await published(a)).toEqual([first]);

  // a newer report of the same day replaces the older one
  await report(hub, b, '2026-09-10', [figure('people', 'all', 6n)]);
  expect(await publishTotals(hub)).toBe(true);
  const second = ['2026-09-10', 2, { 'people all': 16n, 'people men': 4n }];
  expect(await published(a)).toEqual([first, second]);
  expect(await published(b)).toEqual([first, second]);
});

test('totals are not sent again because a long feed ended before the newest totals', async () => {
  await using hub = await openTestHub({ now });
  const long = await enrolTestUnit(hub, 'H52');
  const short = await enrolTestUnit(hub, 'H53');
  for (let i = 1; i <= 5; i += 1) await long.send([orgUnit(1, 'H52', { version: i })]);
  await report(hub, short, '2026-09-09', [figure('people', 'all', 1n)]);
  expect(await publishTotals(hub)).toBe(true);
  await rowsOf(hub, `update registry.unit set status = 'frozen' where agency = 'H52'`);
  await report(hub, short, '2026-09-10', [figure('people', 'all', 2n)]);
  expect([await publishTotals(hub), await publishTotals(hub)]).toEqual([true, false]);
  expect(await published(short)).toHaveLength(2);
  // what the unit missed while it was frozen comes once it is heard again
  await rowsOf(hub, `update registry.unit set status = 'active' where agency = 'H52'`);
  expect([await publishTotals(hub), await publishTotals(hub)]).toEqual([true, false]);
  expect(await published(long)).toEqual(await published(short));
});

test('two publishers at once put the totals on each feed once', async () => {
  await using hub = await openTestHub({ now });
  const unit = await enrolTestUnit(hub);
  await report(hub, unit, '2026-09-10', [figure('people', 'all', 1n)]);
  const outcomes = await Promise.all([1, 2, 3].map(() => publishTotals(hub)));
  expect(outcomes.filter(Boolean)).toHaveLength(1);
  expect(await published(unit)).toHaveLength(1);
});

test('the people reported are held against those counted here, the held ones among them', async () => {
  await using hub = await openTestHub({ now });
  const unit = await enrolTestUnit(hub);
  await unit.send([
    orgUnit(1, 'H52'),
    orgUnit(2, 'elsewhere'),
    person(16, '001080000001', { unit: 'H52' }),
    person(17, 'bad', { unit: 'H52' }),
  ]);
  const tell = (headSeq: bigint, value: bigint): Promise<Uint8Array> =>
    receiveTotals(
      hub,
      unit.caller,
      frameOf(hub, unit, { headSeq, figures: [figure('people', 'travelling', value)] }),
    );
  await tell(1n, 2n);
  expect((await hubStatus(hub)).unreconciled).toEqual([]);
  await tell(1n, 3n);
  expect((await hubStatus(hub)).unreconciled).toEqual([
    { agency: 'H52', reported: 3n, counted: 2n },
  ]);
  // at a head that is not applied here nothing can be compared
  await tell(2n, 3n);
  expect((await hubStatus(hub)).unreconciled).toEqual([]);
});
