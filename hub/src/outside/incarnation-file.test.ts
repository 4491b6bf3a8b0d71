import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openScratch } from '../../../test/services/scratch.ts';
import {
  createIncarnationFile,
  readIncarnationFile,
  replaceIncarnationFile,
} from './incarnation-file.ts';

test('it begins with 1, is made once, and is what it was last raised to', async () => {
  await using scratch = await openScratch();
  await createIncarnationFile(scratch.path);
  expect(await readIncarnationFile(scratch.path)).toBe(1n);
  await expect(createIncarnationFile(scratch.path)).rejects.toMatchObject({ fault: 'exists' });
  await replaceIncarnationFile(scratch.path, 7n);
  expect(await readIncarnationFile(scratch.path)).toBe(7n);
});

test.each(['', '\n', '0\n', '-1\n', '0x2\n', '1 2\n', 'one\n'])(
  'a file with %j holds no incarnation, and the error says what to do',
  async (text) => {
    await using scratch = await openScratch();
    const path = join(scratch.path, 'incarnation');
    await writeFile(path, text);
    await expect(readIncarnationFile(scratch.path)).rejects.toThrow(
      `${path} is damaged: put the newest one back from a backup of the folder`,
    );
  },
);
