/**
 * The incarnation number of the hub: a file of HUB_DATA_DIR, outside the database, so that no restore
 * of the database takes it back. It only rises.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  CredentialError,
  writeFileDurably,
  writeSecretFile,
} from '@lienthong/shared-schema/runtime/signature.ts';

const fileName = 'incarnation';

/** Throws where the file is already there. */
export async function createIncarnationFile(directory: string): Promise<void> {
  await writeSecretFile(join(directory, fileName), '1\n');
}

/** Throws where the file is missing, and a CredentialError where it holds no such number. */
export async function readIncarnationFile(directory: string): Promise<bigint> {
  const path = join(directory, fileName);
  const text = (await readFile(path, 'utf8')).trim();
  if (/^[1-9][0-9]{0,17}$/u.test(text)) return BigInt(text);
  throw new CredentialError(
    'unusable',
    `${path} is damaged: put the newest one back from a backup of the folder.`,
  );
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
