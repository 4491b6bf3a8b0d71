/**
 * Work that is done one at a time anyway, since it takes one lock of the database: in this process it
 * waits before it takes a connection, so that the others stay free for everybody else.
 */
import type { Database } from '@lienthong/shared-schema/runtime/database.ts';

import { NodeError } from '../errors.ts';

type Line = { waiting: number; last: Promise<void> };

const lines = new WeakMap<Database, Line>();
const waitingMax = 200;

/** Throws NODE_BUSY where too many wait already. */
export async function inTurn<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const line = lines.get(database) ?? { waiting: 0, last: Promise.resolve() };
  lines.set(database, line);
  if (line.waiting >= waitingMax) throw new NodeError('NODE_BUSY');
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
