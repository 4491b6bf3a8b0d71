import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openTestHub } from '../../../test/support/test-hub.ts';
import { orgUnit } from '../../../test/support/test-records.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import { readWitness } from '../outside/witness-file.ts';
import { keepWitness, startHub } from './hub-start.ts';

test('the witness is written where something is new, and left alone where nothing is', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H53');
  expect(await startHub(hub)).toBeUndefined();
  const file = async (): Promise<number> =>
    (await stat(join(hub.dataDirectory, 'witness.json'))).ino;

  await unit.send([orgUnit(1, 'H53')]);
  await keepWitness(hub);
  const first = await file();
  await keepWitness(hub);
  expect(await file()).toBe(first);

  await unit.send([orgUnit(2, 'H53')]);
  await keepWitness(hub);
  expect(await file()).not.toBe(first);
  expect(await readWitness(hub.dataDirectory)).toMatchObject({
    incarnation: hub.incarnation,
    units: [{ agency: 'H53', headSeq: 2n }],
  });
});
