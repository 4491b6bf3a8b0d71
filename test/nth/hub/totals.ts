/** A unit's totals are received; the sums of all are published. */
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { totalsFrame, totalsReport } from '@lienthong/shared-schema/wire/messages.ts';

import { publishTotals, receiveTotals } from '../../../hub/src/sync/receive-totals.ts';
import { openTestHub, type TestHub } from '../../support/test-hub.ts';
import type { TestUnit } from '../../support/test-unit.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

const now = new Date('2026-09-10T16:30:00Z');

function reportOf(hub: TestHub, unit: TestUnit, value: bigint): Buffer {
  const report = totalsReport.encode({
    protocol: 1,
    audience: hub.audience,
    agency: unit.agency,
    asOf: '2026-09-10',
    headSeq: unit.seq,
    figures: [
      { measure: 'people', key: 'all', value },
      { measure: 'people', key: 'women', value: 1n },
    ],
  });
  const signature = signBytes(unit.keys.privateKey, domains.totals, report);
  return totalsFrame.encode({ report, signature });
}

/** A second report of the day takes the place of the first. */
export async function receiveReport(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub({ now });
  const unit = await openUnit(hub);
  await receiveTotals(hub, unit.caller, reportOf(hub, unit, 2n));
  const frame = reportOf(hub, unit, 3n);
  const subject = {
    name: 'receive a report of totals',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => receiveTotals({ ...hub, database }, unit.caller, frame),
  } as const;
  return await failEverywhere(subject, how);
}

export async function publishSums(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub({ now });
  const unit = await openUnit(hub);
  await receiveTotals(hub, unit.caller, reportOf(hub, unit, 2n));
  const subject = {
    name: 'publish the totals',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => publishTotals({ database }),
  } as const;
  return await failEverywhere(subject, how);
}
