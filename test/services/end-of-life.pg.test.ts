import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import type { Held } from './holder.ts';
import { type Ledger, sweepLedgers, writeLedger } from './ledger.ts';
import { POSTGRES_URL_VARIABLE } from './postgres.ts';
import { isRunning, processIdentity } from './process-identity.ts';
import { REDIS_URL_VARIABLE } from './redis.ts';
import { openScratch } from './scratch.ts';

const HOLDER = fileURLToPath(new URL('./holder.ts', import.meta.url));
const GONE_WITHIN = { timeout: 15_000, interval: 50 };

/** A program that holds both servers, in a process group of its own, as a shell would start it. */
async function startHolder(
  directory: string,
  manner: 'stay' | 'throw',
): Promise<{ readonly program: ChildProcess; readonly held: Held }> {
  const program = spawn(process.execPath, [HOLDER, directory, manner], {
    detached: true,
    env: { ...process.env, [POSTGRES_URL_VARIABLE]: '', [REDIS_URL_VARIABLE]: '' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: program.stdout })) {
    const held: Held = JSON.parse(line);
    return { program, held };
  }
  throw new Error('the holder ended before it held anything');
}

async function expectAllGone(held: Held, directory: string): Promise<void> {
  for (const { pid, folder } of Object.values(held)) {
    await expect.poll(() => isRunning(pid), GONE_WITHIN).toBe(false);
    await expect.poll(() => existsSync(folder), GONE_WITHIN).toBe(false);
  }
  await expect.poll(() => existsSync(dirname(held.postgres.data)), GONE_WITHIN).toBe(false);
  await expect.poll(() => readdir(join(directory, 'services')), GONE_WITHIN).toEqual([]);
}

// the program handles no signal, so the others end it alike: that of Ctrl-C, and the one that nobody could handle
test.each(['SIGINT', 'SIGKILL'] as const)(
  'the servers end when %s ends the program and its whole process group',
  async (signal) => {
    await using scratch = await openScratch();
    const { program, held } = await startHolder(scratch.path, 'stay');
    expect(Object.values(held).every(({ pid }) => isRunning(pid))).toBe(true);
    process.kill(-(program.pid ?? 0), signal);
    await once(program, 'exit');
    expect(program.signalCode).toBe(signal);
    await expectAllGone(held, scratch.path);
  },
);

test('the servers end when the program fails without catching it', async () => {
  await using scratch = await openScratch();
  const { program, held } = await startHolder(scratch.path, 'throw');
  if (program.exitCode === null) await once(program, 'exit');
  expect(program.exitCode).toBe(1);
  await expectAllGone(held, scratch.path);
});

test('what is left when the supervisors are killed as well is cleared up by the next run', async () => {
  await using scratch = await openScratch();
  const { program, held } = await startHolder(scratch.path, 'stay');
  const ledgers = await readLedgers(scratch.path);
  for (const { supervisor } of ledgers) process.kill(supervisor, 'SIGKILL');
  program.kill('SIGKILL');
  await once(program, 'exit');
  await expect.poll(() => ledgers.some((each) => isRunning(each.supervisor))).toBe(false);
  expect(isRunning(held.postgres.pid)).toBe(true);
  expect(existsSync(held.postgres.data)).toBe(true);
  await sweepLedgers(scratch.path);
  await expectAllGone(held, scratch.path);
});

async function readLedgers(directory: string): Promise<readonly Ledger[]> {
  const folder = join(directory, 'services');
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (name) => {
      const ledger: Ledger = JSON.parse(await readFile(join(folder, name), 'utf8'));
      return ledger;
    }),
  );
}

test('a sweep neither stops a process that merely has the old id nor removes a folder that is not ours', async () => {
  await using scratch = await openScratch();
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(bystander, 'spawn');
  try {
    const pid = bystander.pid ?? 0;
    const foreign = join(scratch.path, 'precious');
    const own = join(scratch.path, 'lienthong-postgres-0123456789ab');
    await Promise.all([mkdir(foreign), mkdir(own)]);
    const dead = { supervisor: pid, supervisorIdentity: `${pid}:1` };
    const server = { server: pid, serverIdentity: `${pid}:1` };
    const ledger = (name: string) => join(scratch.path, 'services', `${name}.json`);
    await writeLedger(ledger('own'), { ...dead, ...server, folders: [own] });
    await writeLedger(ledger('foreign'), { ...dead, ...server, folders: [foreign] });
    await sweepLedgers(scratch.path);
    expect(existsSync(own)).toBe(false);
    expect(existsSync(foreign)).toBe(true);
    expect(isRunning(pid)).toBe(true);
  } finally {
    bystander.kill('SIGKILL');
  }
});

test('a sweep leaves alone what a living supervisor owns', async () => {
  await using scratch = await openScratch();
  const own = join(scratch.path, 'lienthong-redis-0123456789ab');
  await mkdir(own);
  const path = join(scratch.path, 'services', 'living.json');
  await writeLedger(path, {
    supervisor: process.pid,
    supervisorIdentity: processIdentity(process.pid),
    folders: [own],
  });
  await sweepLedgers(scratch.path);
  expect(existsSync(own)).toBe(true);
  expect(existsSync(path)).toBe(true);
});
