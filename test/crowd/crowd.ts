/** Many units at one hub at once, what each of them got, and what it cost the hub. */
import { setTimeout as sleep } from 'node:timers/promises';

import { withClient } from '../services/postgres-databases.ts';
import { orgUnit, person, type TestRecord } from '../support/test-records.ts';
import { type CrowdHub, openCrowdHub } from './crowd-hub.ts';
import { type LightRun, runLightUnit } from './light-unit.ts';
import { openSlowSockets } from './slow-sockets.ts';

export type CrowdPlan = {
  readonly agencies: readonly string[];
  readonly batches: number;
  readonly recordsPerBatch: number;
  /** So many times the batches for the first of the agencies. */
  readonly heavy: number;
  /** When each begins, in milliseconds; absent: all in the same moment. */
  readonly startsMs?: (index: number) => number;
  /** So many sockets hold places at the hub meanwhile, with one byte a second each. */
  readonly slowSockets?: number;
  readonly deadlineMs: number;
};

export type CrowdResult = {
  readonly runs: readonly LightRun[];
  /** What units ended with that did not finish. */
  readonly failures: readonly string[];
  readonly tookMs: number;
  readonly peakBytes: number;
  /** Of all records sent: taken, refused, ignored. */
  readonly records: readonly number[];
  readonly slow: {
    /** When the units began, and when they ended. */
    readonly open: readonly number[];
    /** So often the hub cut one. */
    readonly cuts: number;
  };
};

export async function runCrowd(
  plan: CrowdPlan,
  options: Pick<Parameters<typeof openCrowdHub>[0], 'directory' | 'createDatabase'>,
): Promise<CrowdResult> {
  await using hub = await openCrowdHub({ ...options, agencies: plan.agencies });
  await using slow = await openSlowSockets(hub.address, plan.slowSockets ?? 0);
  const openBefore = slow.open();
  const startMs = performance.now();
  const ends = await Promise.allSettled(
    hub.units.map(async (unit, index) => {
      await sleep(plan.startsMs?.(index) ?? 0);
      const batches = batchesOf(plan, index);
      return await runLightUnit(hub, unit, batches, plan.deadlineMs);
    }),
  );
  const tookMs = performance.now() - startMs;
  return {
    runs: ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : [])),
    failures: ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : [])),
    tookMs,
    peakBytes: hub.peakBytes(),
    records: await recordsOf(hub),
    slow: { open: [openBefore, slow.open()], cuts: slow.cuts() },
  };
}

/** The first batch has the tree; people have numbers that no other unit has. */
function batchesOf(plan: CrowdPlan, index: number): readonly (readonly TestRecord[])[] {
  const agency = plan.agencies[index] ?? '';
  const count = plan.batches * (index === 0 ? plan.heavy : 1);
  const first = (index + 1) * 1_000_000;
  const office = `${agency}.01`;
  const tree = [orgUnit(first, agency), orgUnit(first + 1, office, { parent: agency })];
  return Array.from({ length: count }, (_, batch) => [
    ...(batch === 0 ? tree : []),
    ...Array.from({ length: plan.recordsPerBatch }, (_record, n) => {
      const number = 2 + batch * plan.recordsPerBatch + n;
      const pin = `001080${String(index * 10_000 + number).padStart(6, '0')}`;
      return person(first + number, pin, { unit: office });
    }),
  ]);
}

async function recordsOf(hub: CrowdHub): Promise<readonly number[]> {
  return withClient(hub.databaseUrl, async (client) => {
    const { rows } = await client.query<{ counts: number[] }>(
      `select array[sum(records_accepted), sum(records_refused), sum(records_ignored)]::integer[]
         as counts from sync.inbox`,
    );
    return rows[0]?.counts ?? [];
  });
}
