/**
 * Repair after a verification: of what differs just these records are sent, never rows written into
 * the hub's tables. Where this node differs from the hub, the record goes into the next seal whole, or
 * as a tombstone; the unit owns its data. Where the mirror differs, the hub puts the record on the feed
 * again. Heads were equal when the difference was found, so neither side is a stale copy of the other.
 */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { digestRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
import { resendReply, resendRequest } from '@lienthong/shared-schema/wire/messages.ts';
import { recordIdBytes } from '@lienthong/shared-schema/wire/record-id.ts';

import { logForRepair } from '../db/repair.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';
import { pullFeed } from './pull-feed.ts';
import { synchronise } from './synchronise.ts';
import {
  type NamedDifference,
  type Verification,
  verifyState,
  type VerifyOptions,
} from './verify.ts';

const roundsMax = 2;
/** The feed may grow between a pull and the comparison: totals, checkpoints. */
const verifyAttemptsMax = 3;

export type Repair = {
  readonly rounds: number;
  /** Records that this node sent again, and records that it asked the hub for. */
  readonly sent: number;
  readonly fetched: number;
  /** Deleted here before, and in the tables again without a captured change: left as they are. */
  readonly leftDeleted: readonly string[];
  readonly verification: Verification;
};

export async function repairState(
  node: EnrolledNode,
  options: { readonly proofTimeoutMs: number; readonly deep?: boolean },
): Promise<Repair> {
  let verification = await verifyState(node, { deep: options.deep === true });
  if (!verification.comparable) {
    await synchronise(node, options);
    verification = await verifyAfterSync(node, { deep: options.deep === true });
  }
  let rounds = 0;
  let sent = 0;
  let fetched = 0;
  const left = new Set<string>();
  while (rounds < roundsMax) {
    const due = verification.differences.filter(
      (one) => !one.held && !(one.side === 'node' && left.has(one.recordId)),
    );
    if (due.length === 0) break;
    rounds += 1;
    const wrong = due.filter(({ side }) => side === 'node');
    const deleted = await sendAgain(node, wrong);
    for (const recordId of deleted) left.add(recordId);
    sent += wrong.length - deleted.length;
    // what this node sends again comes back to the mirror with it
    const coming = new Set(wrong.map(({ recordId }) => recordId));
    for (const recordId of deleted) coming.delete(recordId);
    fetched += await fetchAgain(
      node,
      due.filter(({ side, recordId }) => side === 'mirror' && !coming.has(recordId)),
    );
    await synchronise(node, options);
    verification = await verifyAfterSync(node, { repaired: sent + fetched });
  }
  return { rounds, sent, fetched, leftDeleted: [...left].toSorted(), verification };
}

/**
 * Verifies, and where that cannot be compared reads the feed to its end and tries again: totals and
 * checkpoints come at any time. Gives up after some attempts.
 */
export async function verifyAfterSync(
  node: EnrolledNode,
  options: VerifyOptions = {},
): Promise<Verification> {
  for (let attempt = 1; ; attempt++) {
    const verification = await verifyState(node, options);
    if (verification.comparable || attempt === verifyAttemptsMax) return verification;
    await pullFeed(node);
  }
}

/** Returns the records that were left out, since they were deleted here before. */
async function sendAgain(
  node: EnrolledNode,
  differences: readonly NamedDifference[],
): Promise<readonly string[]> {
  if (differences.length === 0) return [];
  return transaction(node.database, ({ db }) => logForRepair(db, differences));
}

/** Returns the number of records asked for. */
async function fetchAgain(
  node: EnrolledNode,
  differences: readonly NamedDifference[],
): Promise<number> {
  const ids = differences.map(({ recordId }) => recordId);
  for (let first = 0; first < ids.length; first += digestRecordsMax) {
    const records = ids.slice(first, first + digestRecordsMax).map((id) => recordIdBytes(id));
    const answer = await node.link.post(
      '/sync/v1/digest/resend',
      resendRequest.encode({ records }),
    );
    decodeAnswer(resendReply, answer, 'answer to a request for records');
  }
  return ids.length;
}
