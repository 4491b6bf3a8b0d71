/**
 * Work of one process that is done one at a time: what takes one lock of the database anyway, and what
 * looks at all records. It waits before it takes a connection, so that the others stay free for everybody
 * else.
 */
import type { Database } from '@lienthong/shared-schema/runtime/database.ts';

import { NodeError } from '../errors.ts';

type Line = { waiting: number; last: Promise<void> };

/** `publish`: it takes the lock of publications. `long`: it looks at all records. */
export type LineName = keyof typeof waitingMax;

/** Whoever waits for a publication has written something; a question of seconds is asked again. */
const waitingMax = { publish: 200, long: 10 } as const;
const lines = { publish: new WeakMap<Database, Line>(), long: new WeakMap<Database, Line>() };

/** Throws NODE_BUSY where too many wait already. */
export async function inTurn<T>(
  database: Database,
  work: () => Promise<T>,
  name: LineName = 'publish',
): Promise<T> {
  const line = lines[name].get(database) ?? { waiting: 0, last: Promise.resolve() };
  lines[name].set(database, line);
  if (line.waiting >= waitingMax[name]) throw new NodeError('NODE_BUSY');
  line.waiting += 1;
  const turn = line.last.then(work);
  line.last = turn.then(
    () => undefined,
    () => undefined,
  );
  try {
    return await turn;
  } finally {
    line.waiting -= 1;
  }
}
