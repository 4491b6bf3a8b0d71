/**
 * The revocations: a line for each certificate that was ever revoked, in a file of HUB_DATA_DIR. A
 * restore of the database brings revoked certificates back as active; these lines take them away
 * again. A line is on the disk before the database commits.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { readIfThere } from './read-if-there.ts';

export type Revocation = {
  /** SHA-256 of the certificate in lower-case hex. */
  readonly fingerprint: string;
  readonly agency: string;
  /** `unit`: the unit was revoked with it; `certificate`: it was replaced by a newer one. */
  readonly what: 'unit' | 'certificate';
};

const fileName = 'revoked';
const line = /^(?<fingerprint>[0-9a-f]{64}) (?<agency>[A-Z][0-9]{2}) (?<what>unit|certificate)$/u;

/** On the disk when this returns. */
export async function appendRevocations(
  directory: string,
  revocations: readonly Revocation[],
): Promise<void> {
  if (revocations.length === 0) return;
  const lines = revocations.map((one) => `${one.fingerprint} ${one.agency} ${one.what}\n`);
  {
    await using file = await open(join(directory, fileName), 'a', 0o600);
    // begins with a newline: the line before may have been cut by a crash
    await file.appendFile(`\n${lines.join('')}`);
    await file.sync();
  }
  await using folder = await open(directory, 'r');
  await folder.sync();
}

/** What a crash left half written is skipped: its revocation never committed either. */
export async function readRevocations(directory: string): Promise<readonly Revocation[]> {
  const text = (await readIfThere(join(directory, fileName))) ?? '';
  return text.split('\n').flatMap((one) => {
    const { fingerprint, agency, what } = line.exec(one)?.groups ?? {};
    if (fingerprint === undefined || agency === undefined) return [];
    return [{ fingerprint, agency, what: what === 'unit' ? 'unit' : 'certificate' }];
  });
}
