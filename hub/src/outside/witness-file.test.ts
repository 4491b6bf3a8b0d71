import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openScratch } from '../../../test/services/scratch.ts';
import { readWitness, writeWitness } from './witness-file.ts';

const marks = {
  incarnation: 3n,
  checkpoint: { number: 12n, hash: 'ab'.repeat(32) },
  units: [{ agency: 'H52', epoch: 4n, headSeq: 90n, feedHead: 1_000n }],
};

test('what is written is read again, and before the first there is none', async () => {
  await using scratch = await openScratch();
  expect(await readWitness(scratch.path)).toBeUndefined();
  await writeWitness(scratch.path, marks);
  expect(await readWitness(scratch.path)).toEqual(marks);
});

const whole = {
  incarnation: '3',
  checkpoint: { number: '12', hash: '' },
  units: [{ agency: 'H52', epoch: '4', headSeq: '90', feedHead: '1000' }],
};

test.each([
  ['half of it', JSON.stringify(whole).slice(0, 60)],
  ['nothing', ''],
  ['null', 'null'],
  ['a number that is none', JSON.stringify({ ...whole, incarnation: '0x3' })],
  ['an empty number', JSON.stringify({ ...whole, incarnation: '' })],
  ['a number below zero', JSON.stringify({ ...whole, incarnation: '-3' })],
  ['true in place of a number', JSON.stringify({ ...whole, incarnation: true })],
  ['no checkpoint', JSON.stringify({ ...whole, checkpoint: undefined })],
  ['no units', JSON.stringify({ ...whole, units: undefined })],
  ['units that are no list', JSON.stringify({ ...whole, units: {} })],
  ['a unit without its head', JSON.stringify({ ...whole, units: [{ agency: 'H52', epoch: '4' }] })],
])('a witness that is %s is damaged, and the error says what to do', async (_, text) => {
  await using scratch = await openScratch();
  const path = join(scratch.path, 'witness.json');
  await writeFile(path, text);
  await expect(readWitness(scratch.path)).rejects.toThrow(
    `${path} is damaged: put it back from a backup of the folder, or run the raise`,
  );
});
