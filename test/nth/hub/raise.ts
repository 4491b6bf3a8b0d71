/** The incarnation is raised, in the file and then in the database; a start finishes what was begun. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import {
  readIncarnationFile,
  replaceIncarnationFile,
} from '../../../hub/src/outside/incarnation-file.ts';
import { startHub } from '../../../hub/src/sync/hub-start.ts';
import { raiseIncarnation } from '../../../hub/src/sync/raise-incarnation.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openUnit } from './unit.ts';

export async function raise(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  await openUnit(hub);
  await startHub(hub);
  const { dataDirectory } = hub;
  const subject = {
    name: 'raise the incarnation',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    async restore() {
      await rm(join(dataDirectory, 'witness.json'), { force: true });
      await replaceIncarnationFile(dataDirectory, hub.incarnation);
    },
    act: (database: typeof hub.database): Promise<unknown> =>
      raiseIncarnation({ ...hub, database }),
    /** The next program that starts finds the file ahead of the database, or the operator repeats it. */
    async again(database: typeof hub.database) {
      const incarnation = await readIncarnationFile(dataDirectory);
      if (incarnation === hub.incarnation) await raiseIncarnation({ ...hub, database });
      else expect(await startHub({ ...hub, database, incarnation })).toBeUndefined();
    },
    async check() {
      expect(await readIncarnationFile(dataDirectory)).toBe(hub.incarnation + 1n);
    },
  } as const;
  return await failEverywhere(subject, how);
}
