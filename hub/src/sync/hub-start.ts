/**
 * What a program of the hub does before anything else: it holds the database against the files that
 * no restore of it brings back, finishes a raise that was interrupted, and revokes again what had
 * been revoked before a restore.
 */
import { isDeepStrictEqual } from 'node:util';

import { type Db, lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import { recordIncarnation, seenIncarnation } from '../db/hub-row.ts';
import { checkpointHash, readMarks } from '../db/marks.ts';
import { forgetHellos, type Revoked, revokeAgain } from '../db/raise.ts';
import { HubError } from '../errors.ts';
import { readRevocations } from '../outside/revocation-file.ts';
import { readWitness, writeWitness } from '../outside/witness-file.ts';
import { type DatabaseMarks, judgeStart, type StartFacts } from '../protocol/restored.ts';
import type { HubContext } from './context.ts';

type Hub = Pick<HubContext, 'database' | 'dataDirectory' | 'incarnation' | 'log'>;

/** What speaks for and against the database, and how far it is by the same reading. */
export async function startFacts(
  hub: Pick<Hub, 'database' | 'dataDirectory' | 'incarnation'>,
): Promise<StartFacts & { readonly marks: DatabaseMarks }> {
  const { db } = hub.database;
  const witness = await readWitness(hub.dataDirectory);
  const marks = await readMarks(db);
  const hash = await checkpointHash(db, witness?.checkpoint.number ?? 0n);
  return {
    file: hub.incarnation,
    database: await seenIncarnation(db),
    witness,
    present: { ...marks, checkpoint: { ...marks.checkpoint, hash } },
    marks,
  };
}

/**
 * Returns why the database must not be served, or undefined where it may. Throws HUB_NOT_INITIALISED
 * where it belongs to another data folder.
 */
export async function startHub(hub: Hub): Promise<string | undefined> {
  const facts = await startFacts(hub);
  const judgement = judgeStart(facts);
  switch (judgement.kind) {
    case 'foreign':
      throw new HubError('HUB_NOT_INITIALISED', {
        detail: `the database has seen incarnation ${facts.database}, the file in HUB_DATA_DIR says ${facts.file}`,
      });
    case 'finish-raise':
      await finishRaise(hub);
      return undefined;
    case 'sound':
      await transaction(hub.database, async ({ db }) => {
        if (facts.database === 0n) await recordIncarnation(db, hub.incarnation);
        await replayRevocations(hub, db);
      });
      return undefined;
    case 'restored':
      // even before the raise: no restore lets a revoked node in
      await transaction(hub.database, ({ db }) => replayRevocations(hub, db));
      return judgement.why;
  }
}

/** The half of a raise that is in the database; the number is in the file already. */
export async function finishRaise(hub: Hub): Promise<{ readonly units: number }> {
  const units = await transaction(hub.database, async ({ db }) => {
    // serve and work may start at once: what the first one did is not done over what came since
    await lockName(db, 'raise', 'wait');
    if ((await seenIncarnation(db)) === hub.incarnation) return 0;
    await recordIncarnation(db, hub.incarnation);
    await replayRevocations(hub, db);
    return forgetHellos(db);
  });
  await writeWitness(hub.dataDirectory, {
    incarnation: hub.incarnation,
    ...(await readMarks(hub.database.db)),
  });
  hub.log.warn({ incarnation: hub.incarnation.toString(), units }, 'incarnation raised');
  return { units };
}

async function replayRevocations(hub: Hub, db: Db): Promise<readonly Revoked[]> {
  const again = await revokeAgain(db, await readRevocations(hub.dataDirectory));
  for (const { agency, fingerprint } of again) {
    hub.log.warn(
      { agency, fingerprint },
      'a certificate revoked before a restore is revoked again',
    );
  }
  return again;
}

/**
 * Notes how far the database is, once a sweep. Throws HUB_RESTORED where it is behind what was noted:
 * it was exchanged under the running program.
 */
export async function keepWitness(
  hub: Pick<Hub, 'database' | 'dataDirectory' | 'incarnation'>,
): Promise<void> {
  const facts = await startFacts(hub);
  const judgement = judgeStart(facts);
  if (judgement.kind === 'restored') throw new HubError('HUB_RESTORED', { detail: judgement.why });
  if (judgement.kind !== 'sound') throw new HubError('HUB_RESTORED', { detail: 'start it again' });
  const marks = { incarnation: hub.incarnation, ...facts.marks };
  if (!isDeepStrictEqual(marks, facts.witness)) await writeWitness(hub.dataDirectory, marks);
}
