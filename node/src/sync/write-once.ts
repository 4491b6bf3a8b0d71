/**
 * One write of a program, in one transaction with all that it needs: publications come one at a time, so
 * two writers of a record are one after the other. A request that comes again under its
 * `Idempotency-Key` gets the answer that it had, and nothing is written; what was refused had no effect
 * and is judged again. A write that turns out faulty half-way leaves nothing behind.
 */
import { createHash } from 'node:crypto';

import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import {
  type Database,
  type Db,
  lockName,
  transaction,
} from '@lienthong/shared-schema/runtime/database.ts';

import { findPacket, type NewPacket, storePacket } from '../db/packets.ts';
import { NodeError } from '../errors.ts';
import type { PointedFinding } from '../intake/read-json-section.ts';
import type { Reader } from '../protocol/reader.ts';
import type { NodeContext } from './context.ts';
import { inTurn } from './in-turn.ts';

/** Who writes: a program with a key. */
export type Writer = {
  readonly node: NodeContext;
  readonly codeBook: (db: Db) => Promise<CodeBook>;
  /** Of the key, in the intake. */
  readonly source: string;
  readonly reader: Reader;
};

export type Written = {
  /** `waiting`: a reviewer looks at it first. */
  readonly state: 'published' | 'unchanged' | 'waiting';
  /** Null for a new person who waits. */
  readonly recordId: string | null;
  /** The row of the intake; null where the record was reopened, which is no row. */
  readonly row: { readonly importId: string; readonly sheet: string; readonly row: number } | null;
  /** Of the record as the write left it; null where it was not written, or is gone. */
  readonly etag: string | null;
  readonly warnings: readonly PointedFinding[];
};

export type WriteOutcome =
  | { readonly kind: 'written'; readonly written: Written }
  /** Nothing was written: all that is wrong, and the warnings. */
  | { readonly kind: 'faulty'; readonly findings: readonly PointedFinding[] }
  /** The record is another than the writer has seen. */
  | { readonly kind: 'changed'; readonly etag: string };

/** Thrown where work that has begun must be undone; comes out as `faulty`. */
export class FaultyWrite extends Error {
  override readonly name = 'FaultyWrite';
  readonly findings: readonly PointedFinding[];

  constructor(findings: readonly PointedFinding[]) {
    super('the write has errors');
    this.findings = findings;
  }
}

export type OnceKey = {
  readonly key: string;
  /** What makes it the same request: method, address and body. */
  readonly content: string;
};

/** Throws NODE_REQUEST_REUSED, and what `work` throws but for FaultyWrite. */
export async function writeOnce(
  writer: Writer,
  once: OnceKey | null,
  work: (db: Db) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  try {
    return await lockedTurn(writer.node.database, async (db) =>
      once === null ? await work(db) : await answered(db, writer, once, work),
    );
  } catch (error) {
    if (error instanceof FaultyWrite) return { kind: 'faulty', findings: error.findings };
    throw error;
  }
}

/** A transaction with the lock of publications, in the turn of this process. */
export async function lockedTurn<T>(database: Database, work: (db: Db) => Promise<T>): Promise<T> {
  return await inTurn(database, () =>
    transaction(database, async ({ db }) => {
      await lockName(db, 'intake.publish', 'wait');
      return await work(db);
    }),
  );
}

async function answered(
  db: Db,
  { source }: Writer,
  once: OnceKey,
  work: (db: Db) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  const before = await answerGiven<Written>(db, source, once);
  if (before !== undefined) return { kind: 'written', written: before };
  const outcome = await work(db);
  if (outcome.kind !== 'written') return outcome;
  const { written } = outcome;
  await keepAnswer(db, once, {
    source,
    service: 'records',
    reply: written,
    importId: written.row?.importId ?? null,
    recordId: written.recordId,
    etag: written.etag,
  });
  return outcome;
}

/** What the source was answered under the key; undefined: nothing yet. Throws NODE_REQUEST_REUSED. */
export async function answerGiven<Reply>(
  db: Db,
  source: string,
  { key, content }: OnceKey,
): Promise<Reply | undefined> {
  const before = await findPacket<Reply>(db, { source, transactionId: key });
  if (before === undefined) return undefined;
  if (!before.contentSha256.equals(sha256Of(content))) throw new NodeError('NODE_REQUEST_REUSED');
  return before.reply;
}

/** Keeps the answer to the request under its key. */
export async function keepAnswer(
  db: Db,
  { key, content }: OnceKey,
  answer: Pick<NewPacket, 'source' | 'service' | 'reply' | 'importId' | 'recordId' | 'etag'>,
): Promise<void> {
  await storePacket(db, {
    ...answer,
    transactionId: key,
    subject: null,
    contentSha256: sha256Of(content),
    madeAt: null,
    accepted: true,
  });
}

const sha256Of = (content: string): Buffer => createHash('sha256').update(content).digest();
