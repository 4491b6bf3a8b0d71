/** A folder for one test, in the checkout's working space, removed at the end. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WORKING_SPACE = fileURLToPath(new URL('../../.data', import.meta.url));

export async function openScratch(): Promise<{ readonly path: string } & AsyncDisposable> {
  await mkdir(WORKING_SPACE, { recursive: true });
  const path = await mkdtemp(join(WORKING_SPACE, 'scratch-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
