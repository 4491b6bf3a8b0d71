/**
 * What the product does around its decisions, in SQL or in the order of its steps, as functions that
 * a planted bug can replace. These are the sound ones.
 */
import type { HelloDecision } from '../../hub/src/protocol/hello.ts';
import { transact } from './engine.ts';
import { chainedTo } from './hub/checkpoint.ts';
import { appendToFeed } from './hub/feed.ts';
import { spendHello } from './hub/hello.ts';
import { clearChannels, forgetHello, raiseIncarnation } from './hub/incarnation.ts';
import { receiptFits } from './hub/receive.ts';
import type { Archived, Hub, NationalRecord, Unit } from './hub/state.ts';
import { ringApply } from './hub/worker.ts';
import { type HelloBody, hubSigner } from './messages.ts';
import { forgetNonce } from './node/hello.ts';
import { takePage } from './node/pull.ts';
import { storedFrame } from './node/push.ts';
import { readFeedAnew, voidReceipts } from './node/reingest.ts';
import { readRecords, sealOnce, takeChanges } from './node/seal.ts';
import type { Place } from './node/state.ts';
import { tokenOf } from './tokens.ts';

export const soundGlue = {
  // at the hub
  /** A welcome spends the token that the unit has. */
  nextToken: (hub: Hub, _current: Uint8Array): Uint8Array => tokenOf(hub.random),
  spendHello,
  /** Made anew for a repeat as well, under a new epoch and with the head of now. */
  answerHello: (_hub: Hub, _kind: HelloDecision['kind'], body: HelloBody): HelloBody => body,
  unitToDecideBy: (now: Unit, _seen: Unit): Unit => now,
  ringApply,
  /** Asked under the applier's lock. */
  appliedMeanwhile: (hub: Hub, { agency, seq }: Archived): boolean =>
    hub.units.row(agency).appliedSeq + 1n !== seq,
  pinsAreJudged: true,
  heldIsRemembered: true,
  checkpointBefore: chainedTo,
  appendToFeed,
  /** What a unit is told where another record has the PIN. */
  pinFault: (_holder: NationalRecord | undefined): string => 'pin_held_elsewhere',
  clearChannels,
  forgetHello,
  raise: raiseIncarnation,
  /** Whether a backup is read before its batches are called safe. */
  readsBackup: true,

  // at the node
  /** Stored before it goes, so that a repeat is told from a second machine. */
  newNonce: (place: Place): Uint8Array =>
    transact(place.machine, 'node nonce', () => {
      const helloNonce = tokenOf(place.random);
      place.link.update('link', { helloNonce });
      return helloNonce;
    }),
  forgetNonce,
  trusts: (signer: string): boolean => signer === hubSigner,
  takeChanges,
  seal: sealOnce,
  readRecords,
  frameOf: storedFrame,
  receiptFits,
  afterReceipt: (_place: Place, _seq: bigint): void => undefined,
  takePage,
  voidReceipts,
  readFeedAnew,
  sendsRefusedWhole: true,
  /** Whether a rejoin knows in its log what was sealed once, and forgotten in the restore. */
  settlesEqual: true,
};

export type Glue = typeof soundGlue;
