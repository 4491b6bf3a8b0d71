/**
 * The hello: both sides say their heads, the hub answers the relation and a new epoch. Nothing is
 * sealed or sent before it. One hello at a time for each node: a second process with the same
 * lineage token in hand would look like a clone.
 */
import { randomBytes } from 'node:crypto';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { rawPublicKeyOf } from '@lienthong/shared-schema/runtime/sealing.ts';
import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  type HelloBody,
  helloBody,
  helloReply,
  helloRequest,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { readFeedPosition } from '../db/feed-position.ts';
import {
  forgetHelloNonce,
  type Link,
  readLink,
  recordHelloAnswer,
  recordHelloNonce,
} from '../db/link.ts';
import { beginMirrorRebuild } from '../db/mirror-rebuild.ts';
import { countOutbox, type OutboxHistory, readHistory, sealedHash } from '../db/outbox.ts';
import { resetProgress, voidReceipts } from '../db/reingest.ts';
import { NodeError, type NodeErrorCode } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { type HelloMeaning, meaningOfHello } from '../protocol/hello.ts';
import type { EnrolledNode } from './context.ts';

const software = 'lienthong-node/0.1.0';

const stops = {
  behind: 'NODE_BEHIND',
  forked: 'NODE_FORKED',
  cloned: 'NODE_CLONED',
  'hub-behind': 'NODE_HUB_BEHIND',
  'hub-lost-safe': 'NODE_HUB_LOST_SAFE',
} as const satisfies Record<Extract<HelloMeaning, { kind: 'stop' }>['why'], NodeErrorCode>;

/**
 * Shakes hands unless this process already has. Throws NodeError where the node must stop. Jobs that
 * begin together share one hello: each of their own would hold a connection and wait for another.
 */
export async function ensureHello(node: EnrolledNode): Promise<void> {
  const { session } = node;
  if (session.ready) return;
  session.greeting ??= greetAlone(node).finally(() => {
    session.greeting = undefined;
  });
  await session.greeting;
}

async function greetAlone(node: EnrolledNode): Promise<void> {
  // the lock is held across the call on a connection of its own; what the hello stores is committed
  // on others before and after
  await transaction(node.database, async (tx) => {
    await lockName(tx.db, 'hello', 'wait');
    await greetAndStore(node);
  });
  node.session.ready = true;
}

/** An answered hello: what we said, and what the hub said to it. */
export type Greeted = {
  readonly own: OutboxHistory & { readonly hubIncarnation: bigint };
  readonly answer: HelloBody;
  readonly ownHashAtHubHead: Uint8Array | undefined;
  readonly saidAtMs: number;
};

const greetingsMax = 5;

/**
 * Greets the hub under the stored nonce, and stores nothing of its answer, but for a nonce that is
 * spent: repeated it would be refused for ever, by a node that was restored with its hello pending
 * and by one whose unit was released before the answer came.
 */
export async function greetHub(node: EnrolledNode): Promise<Greeted> {
  const { db } = node.database;
  for (let attempt = 1; ; attempt++) {
    const greeted = await greetOnce(node);
    const { relation, released } = greeted.answer;
    if (relation === 'CLONED') await forgetHelloNonce(db);
    if (attempt === greetingsMax) return greeted;
    switch (relation) {
      case 'CLONED':
        // a released unit is asked for no token: only the nonce was wrong
        if (!released) return greeted;
        break;
      case 'NODE_BEHIND':
        // another process of this node may have sealed and pushed since we looked
        if ((await readHistory(db)).headSeq === greeted.own.headSeq) return greeted;
        break;
      case 'EQUAL':
      case 'NODE_AHEAD':
      case 'FORKED':
      case 'HUB_BEHIND':
        return greeted;
    }
  }
}

async function greetOnce(node: EnrolledNode): Promise<Greeted> {
  const { bytes, helloNonce, ...said } = await composeHello(node);
  const reply = await node.link.post('/sync/v1/hello', bytes);
  const answer = readHelloReply(node, reply, helloNonce);
  const ownHashAtHubHead = await sealedHash(node.database.db, answer.headSeq);
  return { ...said, answer, ownHashAtHubHead };
}

export type ComposedHello = Pick<Greeted, 'own' | 'saidAtMs'> & {
  /** Of a HelloRequest. */
  readonly bytes: Uint8Array;
  readonly helloNonce: Uint8Array;
};

/** The hello of this moment, under the nonce that waits for an answer, or a new one that is stored. */
export async function composeHello(
  node: Pick<EnrolledNode, 'agency' | 'database' | 'now' | 'sealingKey'>,
): Promise<ComposedHello> {
  const { db } = node.database;
  const { hubIncarnation, lineageToken, ...link } = await requireLink(node);
  const history = await readHistory(db);
  const helloNonce = link.helloNonce ?? randomBytes(16);
  if (link.helloNonce === null) await recordHelloNonce(db, helloNonce);
  const saidAtMs = node.now().getTime();
  const bytes = helloRequest.encode({
    protocol: protocolVersion,
    agency: node.agency,
    helloNonce,
    lineageToken,
    headSeq: history.headSeq,
    headHash: history.headHash,
    hubIncarnation,
    feedCursor: (await readFeedPosition(db)).cursor,
    catalogueVersion,
    software,
    clockMs: BigInt(saidAtMs),
    unsealed: (await countOutbox(db)).unsealed,
    receiptedSeq: history.receiptedSeq,
    bundleKey: rawPublicKeyOf(node.sealingKey),
  });
  return { bytes, helloNonce, own: { ...history, hubIncarnation }, saidAtMs };
}

/** Greets the hub and stores what it answers. The caller holds the lock of the hello. */
export async function greetAndStore(node: EnrolledNode): Promise<void> {
  const { own, answer, ownHashAtHubHead, saidAtMs } = await greetHub(node);
  const meaning = meaningOfHello(own, answer, ownHashAtHubHead);
  if (meaning.kind === 'stop') {
    const detail = meaning.why === 'hub-lost-safe' ? { detail: `batch ${meaning.seq}` } : {};
    throw new NodeError(stops[meaning.why], detail);
  }
  const voided = await transaction(node.database, async ({ db }) => {
    await recordHelloAnswer(db, {
      hubIncarnation: answer.hubIncarnation,
      epoch: meaning.epoch,
      lineageToken: answer.lineageToken,
      nightSlot: answer.nightSlot,
      clockSkewMs: answer.clockMs - BigInt(saidAtMs),
      batchRecordsMax: answer.batchRecordsMax,
      bundleKey: answer.bundleKey,
    });
    if (meaning.kind === 'ready') return undefined;
    await resetProgress(db, {
      receivedSeq: answer.headSeq,
      appliedSeq: answer.appliedSeq,
      safeSeq: answer.safeSeq,
    });
    await beginMirrorRebuild(db, answer.hubIncarnation);
    return voidReceipts(db, meaning.headSeq);
  });
  if (voided !== undefined) {
    node.log.warn(
      { incarnation: answer.hubIncarnation.toString(), batches: voided },
      'the hub was restored: what it lost is sent again, and its feed is read anew',
    );
  }
}

export async function requireLink(node: Pick<EnrolledNode, 'database'>): Promise<Link> {
  const link = await readLink(node.database.db);
  if (link === undefined) throw new NodeError('NODE_NOT_INITIALISED');
  return link;
}

/** Throws NODE_HUB_UNTRUSTED unless the hub signed it for this node and this nonce. */
export function readHelloReply(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey'>,
  bytes: Uint8Array,
  nonce: Uint8Array,
): HelloBody {
  const { body, signature } = decodeAnswer(helloReply, bytes, 'answer to a hello');
  if (!verifyBytes(node.hubSigningKey, domains.hello, body, signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'hello' });
  }
  const decoded = decodeAnswer(helloBody, body, 'answer to a hello');
  if (decoded.agency !== node.agency || !equalBytes(decoded.helloNonce, nonce)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'hello for another node' });
  }
  return decoded;
}
