import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openScratch } from '../../../test/services/scratch.ts';
import { appendRevocations, readRevocations } from './revocation-file.ts';
import { readWitness, writeWitness } from './witness-file.ts';

const fingerprint = (digit: string): string => digit.repeat(64);

test('revocations are read back in order, also behind a line that a crash has cut', async () => {
  await using folder = await openScratch();
  expect(await readRevocations(folder.path)).toEqual([]);
  const first = { fingerprint: fingerprint('a'), agency: 'H52', what: 'unit' } as const;
  const second = { fingerprint: fingerprint('b'), agency: 'G09', what: 'certificate' } as const;
  await appendRevocations(folder.path, [first]);
  await appendFile(join(folder.path, 'revoked'), fingerprint('c').slice(0, 30));
  await appendRevocations(folder.path, [second]);
  await appendRevocations(folder.path, []);
  expect(await readRevocations(folder.path)).toEqual([first, second]);
  expect(await readFile(join(folder.path, 'revoked'), 'utf8')).toContain(`${fingerprint('b')} G09`);
});

test('a witness is read back as it was written, and a damaged one is named', async () => {
  await using folder = await openScratch();
  expect(await readWitness(folder.path)).toBeUndefined();
  const marks = {
    incarnation: 3n,
    checkpoint: { number: 7n, hash: 'ab'.repeat(32) },
    units: [{ agency: 'H52', epoch: 4n, headSeq: 10n, feedHead: 2n ** 59n }],
  };
  await writeWitness(folder.path, marks);
  expect(await readWitness(folder.path)).toEqual(marks);
  await appendFile(join(folder.path, 'witness.json'), '{');
  await expect(readWitness(folder.path)).rejects.toThrow('witness.json is damaged');
});
