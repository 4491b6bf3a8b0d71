/**
 * The key that opens this unit's sealed sections, X25519, a file of the data directory with mode
 * 0600. It is made once by `init`; whoever loses it cannot read what is sealed at the hub any more,
 * so it belongs into the unit's own backup, apart from the database's.
 */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';

import { createSealingKey } from '@lienthong/shared-schema/runtime/sealing.ts';
import {
  CredentialError,
  privateKeyToPem,
  readPrivateKey,
  writeSecretFile,
} from '@lienthong/shared-schema/runtime/signature.ts';

const sealingKeyFile = 'sealing.key.pem';

/** Makes the key unless there is one. */
export async function createSealingKeyFile(directory: string): Promise<void> {
  try {
    await writeSecretFile(join(directory, sealingKeyFile), privateKeyToPem(createSealingKey()));
  } catch (error) {
    if (!(error instanceof CredentialError && error.fault === 'exists')) throw error;
  }
}

/** Throws a CredentialError that says what is missing or wrong. */
export async function loadSealingKey(directory: string): Promise<KeyObject> {
  const path = join(directory, sealingKeyFile);
  const key = await readPrivateKey(path);
  if (key.asymmetricKeyType !== 'x25519') {
    throw new CredentialError('unusable', `${path} is no X25519 key: put the unit's own back.`);
  }
  return key;
}
