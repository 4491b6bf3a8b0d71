/**
 * A place in memory for the data of a server that may forget everything. A migrated database is about
 * 900 files: migrating one took 300 ms of the kernel's time on ext4, and 33 ms here.
 * A machine that has little memory keeps to its disk.
 */
import { statfs } from 'node:fs/promises';

import { canEnter, type OperatingUser } from './operating-user.ts';

/** Where Linux keeps files in memory. */
const shared = '/dev/shm';
const gib = 1024 ** 3;
/** The write-ahead log alone may grow to 1 GiB. */
const freeMin = 4 * gib;
/** What is kept there is missing elsewhere. */
const memoryMin = 8 * gib;

/** Undefined where there is none, `user` cannot enter it, or there is too little room; `memory`: bytes that are available. */
export async function memoryPlace(
  user: OperatingUser | undefined,
  options: { readonly place?: string; readonly memory?: number } = {},
): Promise<string | undefined> {
  const { place = shared, memory = process.availableMemory() } = options;
  if (memory < memoryMin) return undefined;
  try {
    const { bavail, bsize } = await statfs(place);
    if (bavail * bsize < freeMin) return undefined;
    return user === undefined || (await canEnter(place, user)) ? place : undefined;
  } catch {
    return undefined;
  }
}
