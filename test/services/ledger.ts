/**
 * What a supervisor owns, written down in a file, so that the next run can clear up after a supervisor that was itself killed
 * (or after a machine that lost power). Only folders with our own kind of name are ever removed, and only a process whose id and
 * start time are those written down is ever stopped.
 */
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setInterval } from 'node:timers/promises';

import { isRunning, processIdentity } from './process-identity.ts';

export type Ledger = {
  readonly supervisor: number;
  readonly supervisorIdentity: string | undefined;
  readonly server?: number;
  readonly serverIdentity?: string | undefined;
  readonly folders: readonly string[];
};

const OWN_FOLDER = /^lienthong-[a-z]+-[0-9a-f]{12}$/;

export function ledgerPath(options: { readonly directory: string; readonly name: string }): string {
  return join(options.directory, 'services', `${options.name}.json`);
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export async function writeLedger(path: string, ledger: Ledger): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(ledger), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Removes folders of ours. Something may still be writing for a moment after the signal, hence the retries. */
export async function removeFolders(folders: readonly string[]): Promise<void> {
  const foreign = folders.find((folder) => !OWN_FOLDER.test(basename(folder)));
  if (foreign !== undefined) throw new Error(`not a folder of ours: ${foreign}`);
  const how = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 };
  await Promise.all(folders.map((folder) => rm(folder, how)));
}

/** Clears up what supervisors that are dead by now have left; what it may not touch, it leaves alone. */
export async function sweepLedgers(directory: string): Promise<void> {
  const folder = join(directory, 'services');
  const names = await readdir(folder).catch(() => []);
  const ledgers = names.filter((name) => name.endsWith('.json'));
  await Promise.all(ledgers.map((name) => sweep(join(folder, name))));
}

async function sweep(path: string): Promise<void> {
  const ledger = await readLedger(path);
  if (ledger === undefined || isSame(ledger.supervisor, ledger.supervisorIdentity)) return;
  try {
    if (ledger.server !== undefined && isSame(ledger.server, ledger.serverIdentity)) {
      if (ledger.serverIdentity === undefined) return;
      await stopOrphan(ledger.server, ledger.serverIdentity);
    }
    await removeFolders(ledger.folders);
    await rm(path, { force: true });
  } catch {
    // Another user's, or another run is clearing up the same: neither is ours to insist on.
  }
}

async function readLedger(path: string): Promise<Ledger | undefined> {
  try {
    const ledger: Ledger = JSON.parse(await readFile(path, 'utf8'));
    return ledger;
  } catch {
    return undefined;
  }
}

/** Whether the process written down still runs; where identities are unknown, any process with that id is taken for it. */
function isSame(pid: number, identity: string | undefined): boolean {
  return identity === undefined ? isRunning(pid) : processIdentity(pid) === identity;
}

async function stopOrphan(pid: number, identity: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    if (await isGoneWithin(5000, identity, pid)) return;
  }
}

async function isGoneWithin(graceMs: number, identity: string, pid: number): Promise<boolean> {
  const deadline = Date.now() + graceMs;
  for await (const _ of setInterval(50)) {
    if (processIdentity(pid) !== identity) return true;
    if (Date.now() > deadline) return false;
  }
  return false;
}
