/**
 * A batch arrives: verify bytes and signature, then in one transaction lock the unit, decide, store,
 * and answer with a signed receipt that is stored before it is given (I4, I5).
 */

import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { transaction, type Db } from '@lienthong/shared-schema/runtime/database.ts';
import {
  publicKeyFromPem,
  publicKeyId,
  sha256,
  signBytes,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchContentBytesMax,
  batchRawBytesMax,
  batchRecordsMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import {
  type BatchFrame,
  batchFrame,
  type BatchHeader,
  batchHeader,
  type PushOutcome,
  pushReply,
  receiptBody,
} from '@lienthong/shared-schema/wire/messages.ts';

import {
  appendToInbox,
  archivedHash,
  keepForkEvidence,
  type StoredReceipt,
  storedReceipt,
  waitingBatches,
} from '../db/inbox.ts';
import { freezeUnit, lockUnit, moveHead, type UnitChannel } from '../db/units.ts';
import { HubError } from '../errors.ts';
import { decideReceive, type ReceiveDecision } from '../protocol/receive.ts';
import { requireActive } from './active-unit.ts';
import { checkIncarnation } from './check-incarnation.ts';
import type { Caller, HubContext } from './context.ts';
import { signProgress } from './progress.ts';
import { checkAddress, readMessage } from './read-message.ts';

/** Accepted batches that may wait for their turn; at 10,000 records each that is hours of work. */
const waitingMax = 200;
/** Their bytes: a hundred batches of the usual size, sixteen of the largest. */
const waitingBytesMax = 16 * batchContentBytesMax;

export type Arrived = {
  readonly frame: BatchFrame;
  readonly header: BatchHeader;
  readonly headerHash: Buffer;
};

/** Returns the bytes of a PushReply. Throws HubError for what no retry of these bytes can mend. */
export async function receiveBatch(
  hub: HubContext,
  caller: Caller,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const arrived = readBatch(bytes);
  checkBatch(hub, caller, arrived);
  const { reply, accepted } = await transaction(hub.database, async ({ db }) =>
    decideAndStore(hub, db, caller, arrived),
  );
  if (accepted) {
    await hub.wakeApply(caller.agency).catch((error: unknown) => {
      // the sweep finds the batch; the receipt is not held up by a queue that is down
      hub.log.warn({ agency: caller.agency, err: error }, 'the apply queue could not be rung');
    });
  }
  return reply;
}

/** Throws HubError HUB_UNREADABLE where frame or header is none. */
export function readBatch(bytes: Uint8Array): Arrived {
  const frame = readMessage(batchFrame, bytes);
  const header = readMessage(batchHeader, frame.header);
  return { frame, header, headerHash: sha256(frame.header) };
}

/**
 * Everything that depends on the bytes and the caller alone; runs before any lock is taken. Throws
 * HubError with the reason.
 */
export function checkBatch(
  hub: Pick<HubContext, 'audience'>,
  caller: Caller,
  { frame, header }: Arrived,
): void {
  checkAddress(hub, caller, header);
  if (header.seq === 0n) throw new HubError('HUB_UNREADABLE', { detail: 'batches count from 1' });
  if (
    frame.content.length > batchContentBytesMax ||
    header.rawBytes > BigInt(batchRawBytesMax) ||
    header.recordCount > batchRecordsMax
  ) {
    throw new HubError('HUB_TOO_LARGE');
  }
  const key = publicKeyFromPem(caller.signingKeyPem);
  const signed =
    header.signingKey === publicKeyId(key) &&
    verifyBytes(key, domains.batch, frame.header, frame.signature);
  if (!signed) throw new HubError('HUB_SIGNATURE_INVALID');
  const intact =
    BigInt(frame.content.length) === header.contentBytes &&
    equalBytes(sha256(frame.content), header.contentHash);
  if (!intact) throw new HubError('HUB_CONTENT_CORRUPT');
}

async function decideAndStore(
  hub: HubContext,
  db: Db,
  caller: Caller,
  arrived: Arrived,
): Promise<{ readonly reply: Uint8Array; readonly accepted: boolean }> {
  const { frame, header, headerHash } = arrived;
  const unit = requireActive(await lockUnit(db, caller.agency));
  checkIncarnation(hub, unit);
  const waiting = await waitingBatches(db, caller.agency);
  const nowMs = hub.now().getTime();
  const decision = decideReceive(
    {
      incarnation: hub.incarnation,
      epoch: unit.epoch,
      headSeq: unit.headSeq,
      headHash: unit.headHash,
      waiting: waiting.batches,
      waitingMax,
      backlog: {
        bytes: waiting.bytes,
        bytesMax: waitingBytesMax,
        oldestMs: nowMs - (waiting.oldestAt?.getTime() ?? nowMs),
      },
    },
    {
      incarnation: frame.hubIncarnation,
      epoch: frame.epoch,
      seq: header.seq,
      prevHash: header.prevHash,
      headerHash,
    },
    header.seq <= unit.headSeq ? await archivedHash(db, caller.agency, header.seq) : undefined,
  );
  switch (decision.kind) {
    case 'accept': {
      const receipt = await accept(hub, db, unit, arrived);
      const moved = { ...unit, headSeq: header.seq };
      return { reply: replyOf(hub, moved, decision, receipt), accepted: true };
    }
    case 'duplicate': {
      const receipt = await storedReceipt(db, caller.agency, header.seq);
      return { reply: replyOf(hub, unit, decision, receipt), accepted: false };
    }
    case 'fork':
      await keepForkEvidence(db, { ...frame, agency: caller.agency, seq: header.seq });
      await freezeUnit(db, caller.agency, 'FORKED');
      hub.log.error({ agency: caller.agency, seq: header.seq.toString() }, 'fork: unit frozen');
      return { reply: replyOf(hub, unit, decision), accepted: false };
    case 'gap':
    case 'fenced':
    case 'busy':
      return { reply: replyOf(hub, unit, decision), accepted: false };
  }
}

async function accept(
  hub: HubContext,
  db: Db,
  unit: UnitChannel,
  { frame, header, headerHash }: Arrived,
): Promise<StoredReceipt> {
  const receivedAt = hub.now();
  const receipt = receiptBody.encode({
    hubIncarnation: hub.incarnation,
    agency: unit.agency,
    epoch: unit.epoch,
    seq: header.seq,
    headerHash,
    receivedAtMs: BigInt(receivedAt.getTime()),
  });
  const receiptSignature = Buffer.from(signBytes(hub.signingKey, domains.receipt, receipt));
  await appendToInbox(db, {
    agency: unit.agency,
    seq: header.seq,
    prevHash: header.prevHash,
    headerHash,
    header: frame.header,
    signature: frame.signature,
    content: frame.content,
    receipt,
    receiptSignature,
    receivedAt,
    recordsSent: header.recordCount,
  });
  await moveHead(db, { agency: unit.agency, seq: header.seq, hash: headerHash });
  return { receipt, receiptSignature };
}

const outcomes: Readonly<Record<ReceiveDecision['kind'], PushOutcome>> = {
  accept: 'ACCEPTED',
  duplicate: 'DUPLICATE',
  gap: 'GAP',
  fork: 'FORK',
  fenced: 'FENCED',
  busy: 'BUSY',
};

const nothing: StoredReceipt = { receipt: Buffer.alloc(0), receiptSignature: Buffer.alloc(0) };

function replyOf(
  hub: HubContext,
  unit: UnitChannel,
  decision: ReceiveDecision,
  receipt: StoredReceipt = nothing,
): Uint8Array {
  return pushReply.encode({
    outcome: outcomes[decision.kind],
    ...receipt,
    ...signProgress(hub, unit),
    sendFrom: decision.kind === 'gap' ? decision.sendFrom : 0n,
    retryAfterS: decision.kind === 'busy' ? decision.retryAfterS : 0,
  });
}
