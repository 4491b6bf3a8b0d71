/**
 * `node test/bench/import-people.ts [--sizes 20000,50000,200000] [--lists] [--findings] [--mess]`: a
 * synthetic workbook of each size, with `--mess` as an untidy office keeps it, is read, checked, stored in the intake and published, by a process of its own
 * a size. One line a size in JSON: seconds and CPU seconds of each phase, the peak memory of the
 * process. The last line says how much dearer a row is in the largest file than in the smallest.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { openDatabase, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import { keepHeapSmall } from '../../node/src/cli/small-heap.ts';
import { publishRows } from '../../node/src/db/publish-intake.ts';
import { migrateNode } from '../../node/src/node.ts';
import { dryRun, importFile } from '../../node/src/sync/import-file.ts';
import { openWorkbook } from '../../node/src/workbook/read-workbook.ts';
import { openPostgres } from '../services/postgres.ts';
import { writePeopleWorkbook } from './people-workbook.ts';

const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '20000,50000,200000' },
    lists: { type: 'boolean', default: false },
    findings: { type: 'boolean', default: false },
    mess: { type: 'boolean', default: false },
    // of the process of one size
    file: { type: 'string' },
    database: { type: 'string' },
  },
});
const agency = 'H52';
const today = '2026-11-21';

type Phase = { readonly seconds: number; readonly cpu: number };
type Measured = {
  readonly phases: Readonly<Record<string, Phase>>;
  readonly peakMb: number;
  readonly result: {
    readonly totals: Readonly<Record<'ok' | 'warning' | 'error', number>>;
    readonly published: unknown;
  };
};

async function timed<T>(
  phases: Record<string, Phase>,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  phases[name] = { seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 };
  return done;
}

async function measure(path: string, url: string): Promise<Measured> {
  const phases: Record<string, Phase> = {};
  keepHeapSmall();
  await timed(phases, 'read', async () => {
    await using workbook = await openWorkbook(path);
    for await (const _row of workbook.rows(workbook.sheets));
  });
  await timed(phases, 'check', () => dryRun({ path, today, agency }));
  if (flags.findings) {
    const findings = `${path}.findings.xlsx`;
    await timed(phases, 'findings', () => dryRun({ path, today, agency, findings }));
    await rm(findings);
  }
  const database = openDatabase(url, { max: 2, applicationName: 'bench' });
  await migrateNode(database);
  const stored = await timed(phases, 'store', () =>
    importFile(database, { path, today, agency, publish: false }),
  );
  const { importId, totals } = stored;
  const published = await timed(phases, 'publish', () =>
    transaction(database, ({ db }) => publishRows(db, { importId })),
  );
  await database[Symbol.asyncDispose]();
  return { phases, peakMb: await peakOwnMb(), result: { totals, published } };
}

/** Not `maxRSS`: that begins with what the parent had when it forked. */
async function peakOwnMb(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/u.exec(status)?.[1]) / 1024);
}

async function inOwnProcess(file: string, database: string): Promise<Measured> {
  const options = ['--file', file, '--database', database];
  const child = fork(import.meta.filename, [...options, ...(flags.findings ? ['--findings'] : [])]);
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the measuring process broke'))),
  ]);
  return message;
}

async function main(): Promise<void> {
  const directory = resolve('.data');
  await using postgres = await openPostgres({
    directory,
    env: process.env,
    durable: true,
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  const folder = await mkdtemp(join(directory, 'bench-'));
  const perRow: Record<string, number>[] = [];
  try {
    for (const size of flags.sizes.split(',').map(Number)) {
      const path = join(folder, `people-${size}.xlsx`);
      const made = await writePeopleWorkbook(path, {
        seed: 1,
        agency,
        size,
        today,
        lists: flags.lists,
        mess: flags.mess,
      });
      const { size: bytes } = await stat(path);
      const url = await postgres.createDatabase(`lienthong_bench_${process.pid}_${size}`);
      const { phases, peakMb, result } = await inOwnProcess(path, url);
      const rounded = Object.entries(phases).map(([name, { seconds, cpu }]) => [
        name,
        { seconds: Number(seconds.toFixed(1)), cpu: Number(cpu.toFixed(1)) },
      ]);
      const line = {
        ...made,
        fileMb: Math.round(bytes / 1e6),
        peakMb,
        ...Object.fromEntries(rounded),
        result,
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
      // what is measured must be the whole work: every planted fault found, and no other
      assert.deepEqual(result.totals, made.expected);
      perRow.push(
        Object.fromEntries(
          Object.entries(phases).map(([name, { seconds }]) => [name, seconds / size]),
        ),
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const [first = {}, last = {}] = [perRow[0], perRow.at(-1)];
  const growth = Object.entries(first).map(([name, was]) => [
    name,
    Number(((last[name] ?? 0) / was).toFixed(2)),
  ]);
  process.stdout.write(`${JSON.stringify({ dearerPerRow: Object.fromEntries(growth) })}\n`);
}

if (flags.file === undefined) await main();
else process.send?.(await measure(flags.file, flags.database ?? ''));
