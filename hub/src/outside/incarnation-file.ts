/**
 * The incarnation number of the hub: a file of HUB_DATA_DIR, outside the database, so that no restore
 * of the database takes it back. It only rises.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileDurably, writeSecretFile } from '@lienthong/shared-schema/runtime/signature.ts';

const fileName = 'incarnation';

/** Throws where the file is already there. */
export async function createIncarnationFile(directory: string): Promise<void> {
  await writeSecretFile(join(directory, fileName), '1\n');
}

/** Throws where the file is missing or holds no number. */
export async function readIncarnationFile(directory: string): Promise<bigint> {
  return BigInt((await readFile(join(directory, fileName), 'utf8')).trim());
}

/** On the disk when this returns. */
export async function replaceIncarnationFile(directory: string, to: bigint): Promise<void> {
  await writeFileDurably({
    path: join(directory, fileName),
    text: `${to}\n`,
    mode: 0o600,
    replace: true,
  });
}
