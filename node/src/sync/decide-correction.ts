/**
 * What a program decides on a correction, for a person of the unit: as on the machine itself, within what
 * its key may see, and once for one `Idempotency-Key`.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import type { Reader } from '../protocol/reader.ts';
import type { NodeContext } from './context.ts';
import { acceptIn, contestIn, type Contest, type CorrectionDecision } from './corrections.ts';
import { answerGiven, keepAnswer, lockedTurn, type OnceKey } from './write-once.ts';

export type Decider = {
  readonly node: Pick<NodeContext, 'database' | 'agency' | 'now'>;
  /** Of the key, in the intake. */
  readonly source: string;
  readonly reader: Reader;
};

export type DecidedCorrection = {
  readonly id: string;
  readonly recordId: string;
  readonly standing: 'accepted' | 'contested';
  /** Whether the record has another value now. */
  readonly changed: boolean;
};

type Order<T> = Omit<T, 'reader'> & { readonly once: OnceKey | null };

/** Throws as `acceptOne`, and NODE_REQUEST_REUSED. */
export async function acceptByKey(
  { node, source, reader }: Decider,
  { once, ...decision }: Order<CorrectionDecision>,
): Promise<DecidedCorrection> {
  return await lockedTurn(node.database, (db) =>
    decided(db, { source, once }, async () => {
      const done = await acceptIn(node, db, { ...decision, reader });
      return { id: decision.id, standing: 'accepted', ...done };
    }),
  );
}

/** Throws as `contestOne`, and NODE_REQUEST_REUSED. */
export async function contestByKey(
  { node, source, reader }: Decider,
  { once, ...contest }: Order<Contest>,
): Promise<DecidedCorrection> {
  return await lockedTurn(node.database, (db) =>
    decided(db, { source, once }, async () => {
      const done = await contestIn(db, { ...contest, reader });
      return { id: contest.id, standing: 'contested', ...done, changed: false };
    }),
  );
}

async function decided(
  db: Db,
  { source, once }: { readonly source: string; readonly once: OnceKey | null },
  decide: () => Promise<DecidedCorrection>,
): Promise<DecidedCorrection> {
  if (once === null) return await decide();
  const before = await answerGiven<DecidedCorrection>(db, source, once);
  if (before !== undefined) return before;
  const done = await decide();
  const { recordId } = done;
  const answer = {
    source,
    service: 'corrections',
    reply: done,
    importId: null,
    recordId,
    etag: null,
  };
  await keepAnswer(db, once, answer);
  return done;
}
