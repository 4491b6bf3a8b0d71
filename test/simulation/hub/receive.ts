/** A batch arrives, as in `hub/src/sync/receive-batch.ts`: decide and store in one transaction. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import type { PushOutcome } from '@lienthong/shared-schema/wire/messages.ts';

import type { ReceiveDecision } from '../../../hub/src/protocol/receive.ts';
import { transact } from '../engine.ts';
import {
  contentHash,
  type Frame,
  headerHash,
  hubSigner,
  type Progress,
  type Receipt,
  type Reply,
  type Signed,
} from '../messages.ts';
import { clockOf, type World } from '../world.ts';
import { type Archived, type Hub, keyOf, type Unit } from './state.ts';

const outcomes: Readonly<Record<ReceiveDecision['kind'], PushOutcome>> = {
  accept: 'ACCEPTED',
  duplicate: 'DUPLICATE',
  gap: 'GAP',
  fork: 'FORK',
  fenced: 'FENCED',
  busy: 'BUSY',
};

/** `seen` is the unit as it was when the request came in; only a planted bug decides by it. */
export function receiveBatch(world: World, frame: Frame, seen: Unit): Reply {
  const { hub, observer } = world;
  const { body: header, signer } = frame.header;
  if (header.agency !== frame.agency) return { kind: 'refusal', code: 'HUB_AGENCY_MISMATCH' };
  if (signer !== frame.agency) return { kind: 'refusal', code: 'HUB_SIGNATURE_INVALID' };
  if (contentHash(frame.content) !== header.contentHash) {
    return { kind: 'refusal', code: 'HUB_CONTENT_CORRUPT' };
  }
  const hash = headerHash(header);
  const done = transact(hub.machine, 'hub receive', () => {
    const unit = hub.units.row(frame.agency);
    if (unit.status === 'frozen') return undefined;
    const decision = decide(world, frame, world.glue.unitToDecideBy(unit, seen), hash);
    const stored = decision.kind === 'accept' ? accept(world, frame, unit, hash) : undefined;
    if (decision.kind === 'fork') {
      hub.units.update(frame.agency, { status: 'frozen', frozenReason: 'FORKED' });
    }
    return { decision, stored };
  });
  if (done === undefined) return { kind: 'refusal', code: 'HUB_UNIT_FROZEN' };
  const { decision, stored } = done;
  world.shape(`push ${outcomes[decision.kind]}`);
  const isKnown = hub.inbox.get(keyOf(frame.agency, header.seq))?.headerHash;
  if (decision.kind === 'fenced' && isKnown !== undefined && equalBytes(isKnown, hash)) {
    world.shape('known batch under an older epoch');
  }
  world.tell(frame.from, `batch ${header.seq}: ${decision.kind}`);
  world.decided(`push ${frame.agency} ${header.seq} ${decision.kind}`);
  observer.batchAnswered(frame, decision.kind, hash);
  if (stored !== undefined) {
    observer.accepted(stored, { incarnation: frame.hubIncarnation, epoch: frame.epoch });
    world.glue.ringApply(world, frame.agency);
  }
  return replyOf(hub, frame, decision);
}

function decide(world: World, frame: Frame, unit: Unit, hash: Uint8Array): ReceiveDecision {
  const { hub } = world;
  const { seq, prevHash } = frame.header.body;
  return world.cores.decideReceive(
    {
      incarnation: hub.files.incarnation,
      epoch: unit.epoch,
      headSeq: unit.headSeq,
      headHash: unit.headHash,
      waiting: Number(unit.headSeq - unit.appliedSeq),
      waitingMax: world.waitingMax,
    },
    { incarnation: frame.hubIncarnation, epoch: frame.epoch, seq, prevHash, headerHash: hash },
    seq <= unit.headSeq ? hub.inbox.get(keyOf(unit.agency, seq))?.headerHash : undefined,
  );
}

function accept(world: World, frame: Frame, unit: Unit, hash: Uint8Array): Archived {
  const { hub } = world;
  const { seq } = frame.header.body;
  const receipt: Signed<Receipt> = {
    signer: hubSigner,
    body: {
      hubIncarnation: hub.files.incarnation,
      agency: unit.agency,
      epoch: unit.epoch,
      seq,
      headerHash: hash,
      receivedAtMs: clockOf(world, hub.machine),
    },
  };
  const { agency } = unit;
  const { header, content } = frame;
  const archived = { agency, seq, header, headerHash: hash, content, receipt };
  hub.inbox.set(keyOf(agency, seq), archived);
  hub.units.update(agency, { headSeq: seq, headHash: hash });
  return archived;
}

function replyOf(hub: Hub, frame: Frame, decision: ReceiveDecision): Reply {
  const receipted = decision.kind === 'accept' || decision.kind === 'duplicate';
  const archived = hub.inbox.get(keyOf(frame.agency, frame.header.body.seq));
  return {
    kind: 'push',
    answer: {
      outcome: outcomes[decision.kind],
      receipt: receipted ? archived?.receipt : undefined,
      progress: progressOf(hub, frame.agency),
      sendFrom: decision.kind === 'gap' ? decision.sendFrom : 0n,
      retryAfterS: decision.kind === 'busy' ? decision.retryAfterS : 0,
    },
  };
}

export function progressOf(hub: Hub, agency: string): Signed<Progress> {
  const unit = hub.units.row(agency);
  return {
    signer: hubSigner,
    body: {
      hubIncarnation: hub.files.incarnation,
      agency,
      receivedSeq: unit.headSeq,
      appliedSeq: unit.appliedSeq,
      safeSeq: unit.safeSeq,
    },
  };
}

/** The receipt that came is for exactly the bytes that went. */
export function receiptFits(agency: string, frame: Frame, receipt: Signed<Receipt>): boolean {
  const { body, signer } = receipt;
  return (
    signer === hubSigner &&
    body.agency === agency &&
    body.seq === frame.header.body.seq &&
    equalBytes(body.headerHash, headerHash(frame.header.body))
  );
}
