/** Folders that are filled once in a run of the tests and only read from then on, such as keys, which take a while to make. */
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { inject } from 'vitest';

/**
 * The folder of this name, complete. Several test files that come first at the same time each prepare
 * one, and all get the same; if preparing fails, the next caller tries again.
 */
export async function preparedFolder(
  name: string,
  prepare: (directory: string) => Promise<void>,
): Promise<string> {
  const place = inject('folder');
  const folder = join(place, name);
  if (await isThere(folder)) return folder;
  const making = await mkdtemp(join(place, 'making-'));
  try {
    await prepare(making);
    // the first to be complete stays: nothing is moved over a folder with files
    await rename(making, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  );
