/**
 * Closing, reopening, removing and restoring records: decisions of a person, each noted with the name of
 * who made it, in the transaction that carries it out. The triggers see to it that they travel.
 */
import {
  type Database,
  type Db,
  lockName,
  transaction,
  type Tx,
} from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';

import { noteDecision } from '../db/decisions.ts';
import {
  lockLife,
  type NamedPerson,
  peopleNamed,
  pinIsTaken,
  writeLife,
} from '../db/record-life.ts';
import { removeRecord, restoreRecord } from '../db/removed-records.ts';
import { NodeError } from '../errors.ts';
import {
  activeStatus,
  closeRecord,
  type Closing,
  type LifeState,
  reopenRecord,
} from '../protocol/record-life.ts';

export type LifeOptions = {
  /** Identifier of the record, or the 12-digit number of the person. */
  readonly record: string;
  readonly by: string;
};

export type LifeResult = {
  readonly recordId: string;
  /** False where the record was so already. */
  readonly changed: boolean;
};

/**
 * Closes a record: status, since when, by which decision. A record that is closed may be closed
 * otherwise. Throws NODE_RECORD_UNKNOWN, NODE_RECORD_AMBIGUOUS, NODE_STATUS_INVALID,
 * NODE_STATUS_DATE_INVALID.
 */
export async function closePerson(
  database: Database,
  options: LifeOptions & { readonly closing: Closing; readonly today: string },
): Promise<LifeResult> {
  const { record, by, closing, today } = options;
  return await deciding(database, async ({ db }) => {
    const recordId = await recordNamed(db, record, (one) => one.status === activeStatus);
    const state = await lifeOf(db, recordId);
    const codes = await loadCodeBook(db);
    const { kind } = closeRecord(state, closing, { today, codes });
    switch (kind) {
      case 'status-invalid':
        throw new NodeError('NODE_STATUS_INVALID');
      case 'date-invalid':
        throw new NodeError('NODE_STATUS_DATE_INVALID');
      case 'as-it-is':
        return { recordId, changed: false };
      case 'close':
        await writeLife(db, recordId, closing);
        await noteDecision(db, {
          by,
          action: 'close',
          recordId,
          details: { from: lifeFacts(state), to: closing },
        });
        return { recordId, changed: true };
    }
  });
}

/**
 * Makes a closed record active: the person came back. Throws as `closePerson`, and NODE_RECORD_TAKEN
 * where another active record has the number.
 */
export async function reopenPerson(
  database: Database,
  { record, by, reason }: LifeOptions & { readonly reason?: string | undefined },
): Promise<LifeResult> {
  return await deciding(database, async ({ db }) => {
    const recordId = await recordNamed(db, record, (one) => one.status !== activeStatus);
    return await reopenIn(db, { recordId, by, reason });
  });
}

/** `reopenPerson` in a transaction that has the lock of the publication. */
export async function reopenIn(
  db: Db,
  options: {
    readonly recordId: string;
    readonly by: string;
    readonly reason?: string | undefined;
  },
): Promise<LifeResult> {
  const { recordId, by, reason } = options;
  const state = await lifeOf(db, recordId);
  const { kind } = reopenRecord(state, await pinIsTaken(db, recordId));
  switch (kind) {
    case 'taken':
      throw new NodeError('NODE_RECORD_TAKEN');
    case 'as-it-is':
      return { recordId, changed: false };
    case 'reopen':
      await writeLife(db, recordId, null);
      await noteDecision(db, {
        by,
        action: 'reopen',
        recordId,
        reason,
        details: { from: lifeFacts(state) },
      });
      return { recordId, changed: true };
  }
}

/** Takes a record out of the unit's own; it stays in the archive. Throws NODE_RECORD_UNKNOWN. */
export async function removePerson(
  database: Database,
  { record, by, reason }: LifeOptions & { readonly reason: string },
): Promise<LifeResult> {
  return await deciding(database, async ({ db }) => {
    const recordId = await recordNamed(db, record, () => true);
    await removeRecord(db, recordId, { removedBy: by, reason });
    await noteDecision(db, { by, action: 'remove', recordId, reason });
    return { recordId, changed: true };
  });
}

/** Puts a removed record back. Throws NODE_RECORD_UNKNOWN, NODE_RECORD_TAKEN. */
export async function restorePerson(
  database: Database,
  {
    recordId,
    by,
    reason,
  }: {
    readonly recordId: string;
    readonly by: string;
    readonly reason?: string | undefined;
  },
): Promise<LifeResult> {
  return await deciding(database, async ({ db }) => {
    const outcome = await restoreRecord(db, recordId, by);
    switch (outcome) {
      case 'absent':
        throw new NodeError('NODE_RECORD_UNKNOWN');
      case 'taken':
        throw new NodeError('NODE_RECORD_TAKEN');
      case 'restored':
        await noteDecision(db, { by, action: 'restore', recordId, reason });
        return { recordId, changed: true };
    }
  });
}

/** One at a time with the publications: both look at who has which number. */
function deciding<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(database, async (tx) => {
    await lockName(tx.db, 'intake.publish', 'wait');
    return await work(tx);
  });
}

/** Of several records with the number the one that the command is for. */
async function recordNamed(
  db: Db,
  record: string,
  isMeant: (one: NamedPerson) => boolean,
): Promise<string> {
  const isPin = /^[0-9]{12}$/u.test(record);
  const named = await peopleNamed(db, isPin ? { pin: record } : { recordId: record });
  if (named.length === 0) throw new NodeError('NODE_RECORD_UNKNOWN');
  const [only, ...others] = named.length > 1 ? named.filter((one) => isMeant(one)) : named;
  if (only !== undefined && others.length === 0) return only.recordId;
  const detail = named.map((one) => one.recordId).join(', ');
  throw new NodeError('NODE_RECORD_AMBIGUOUS', { detail });
}

async function lifeOf(db: Db, recordId: string): Promise<LifeState> {
  const state = await lockLife(db, recordId);
  if (state === undefined) throw new NodeError('NODE_RECORD_UNKNOWN');
  return state;
}

const lifeFacts = ({ status, statusDate, statusDecision }: LifeState): object => ({
  status,
  date: statusDate,
  decision: statusDecision,
});
