/**
 * `node test/crowd/main.ts [--units 60] [--batches 3] [--records 200] [--heavy 1] [--spread SECONDS]
 * [--slow 2000]`:
 * so many units begin in the same second, or in their night slots pressed together into so many
 * seconds, at one real hub process. The last line is the result in JSON; status 1 unless all finished.
 * With `--heavy 100` the first unit has a hundred times the work of the others; with `--slow 2000` so many
 * sockets hold places at the hub meanwhile, with one byte a second each.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { nightSlot } from '../../hub/src/protocol/night-slot.ts';
import { openPostgres } from '../services/postgres.ts';
import { runCrowd } from './crowd.ts';

const { values: flags } = parseArgs({
  options: {
    units: { type: 'string', default: '60' },
    batches: { type: 'string', default: '3' },
    records: { type: 'string', default: '200' },
    heavy: { type: 'string', default: '1' },
    spread: { type: 'string', default: '0' },
    slow: { type: 'string', default: '0' },
  },
});
const windowS = 6 * 3600;

/** Seconds after ten in the evening. */
function slotS(index: number): number {
  const [second = 0, minute = 0, hour = 0] = nightSlot(index).split(' ').map(Number);
  return (((hour + 2) % 24) * 60 + minute) * 60 + second;
}

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

async function main(): Promise<boolean> {
  const directory = resolve('.data');
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await using postgres = await openPostgres({
    directory,
    env: process.env,
    durable: true,
    log: say,
  });
  const run = `${process.pid}`;
  const spreadMs = Number(flags.spread) * 1_000;
  const result = await runCrowd(
    {
      agencies: Array.from({ length: Number(flags.units) }, (_, n) => `H${n + 10}`),
      batches: Number(flags.batches),
      recordsPerBatch: Number(flags.records),
      heavy: Number(flags.heavy),
      startsMs: (index) => (slotS(index) / windowS) * spreadMs,
      slowSockets: Number(flags.slow),
      deadlineMs: 1_800_000,
    },
    {
      directory: join(directory, `crowd-${run}`),
      createDatabase: (name) => postgres.createDatabase(`lienthong_crowd_${run}_${name}`),
    },
  );
  const others = result.runs.slice(1);
  const ended = others.map(({ endedMs }) => endedMs).toSorted((a, b) => a - b);
  const receipted = others.map(({ receiptedMs }) => receiptedMs).toSorted((a, b) => a - b);
  const summary = {
    finished: result.runs.length,
    failures: result.failures,
    receipts: result.runs.reduce((sum, one) => sum + one.receipts, 0),
    waits: result.runs.reduce((sum, one) => sum + one.waits, 0),
    records: result.records,
    slow: result.slow,
    tookMs: Math.round(result.tookMs),
    peakMb: Math.round(result.peakBytes / 1024 / 1024),
    // without the first, which is the heavy one where there is one
    othersReceiptedMs: {
      median: Math.round(median(receipted)),
      max: Math.round(receipted.at(-1) ?? 0),
    },
    othersEndedMs: { median: Math.round(median(ended)), max: Math.round(ended.at(-1) ?? 0) },
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return result.failures.length === 0;
}

process.exitCode = (await main()) ? 0 : 1;
