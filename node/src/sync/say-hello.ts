/**
 * The hello: both sides say their heads, the hub answers the relation and a new epoch. Nothing is
 * sealed or sent before it. One hello at a time for each node: a second process with the same
 * lineage token in hand would look like a clone.
 */
import { randomBytes } from 'node:crypto';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';
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
import { type Link, readLink, recordHelloAnswer, recordHelloNonce } from '../db/link.ts';
import { countOutbox, readChain, receiptedSeq, sealedHash } from '../db/outbox.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { meaningOfHello } from '../protocol/hello.ts';
import type { EnrolledNode } from './context.ts';

const software = 'lienthong-node/0.1.0';

const stops = {
  behind: 'NODE_BEHIND',
  forked: 'NODE_FORKED',
  cloned: 'NODE_CLONED',
  'hub-behind': 'NODE_HUB_BEHIND',
} as const;

/** Shakes hands unless this process already has. Throws NodeError where the node must stop. */
export async function ensureHello(node: EnrolledNode): Promise<void> {
  if (node.session.ready) return;
  // the lock is held across the call on a connection of its own; what the hello stores is committed
  // on others before and after
  await transaction(node.database, async (tx) => {
    await lockName(tx.db, 'hello', 'wait');
    await sayHello(node);
  });
  node.session.ready = true;
}

async function sayHello(node: EnrolledNode): Promise<void> {
  const { db } = node.database;
  const link = await requireLink(node);
  const chain = await readChain(db);
  const helloNonce = link.helloNonce ?? randomBytes(16);
  if (link.helloNonce === null) await recordHelloNonce(db, helloNonce);
  const startedAt = node.now().getTime();
  const reply = await node.link.post(
    '/sync/v1/hello',
    helloRequest.encode({
      protocol: protocolVersion,
      agency: node.agency,
      helloNonce,
      lineageToken: link.lineageToken,
      headSeq: chain.headSeq,
      headHash: chain.headHash,
      hubIncarnation: link.hubIncarnation,
      feedCursor: (await readFeedPosition(db)).cursor,
      catalogueVersion,
      software,
      clockMs: BigInt(startedAt),
      unsealed: (await countOutbox(db)).unsealed,
    }),
  );
  const body = readReply(node, reply, helloNonce);
  const meaning = meaningOfHello(
    { headSeq: chain.headSeq, receiptedSeq: await receiptedSeq(db) },
    body,
    await sealedHash(db, body.headSeq),
  );
  if (meaning.kind === 'stop') throw new NodeError(stops[meaning.why]);
  await recordHelloAnswer(db, {
    hubIncarnation: body.hubIncarnation,
    epoch: meaning.epoch,
    lineageToken: body.lineageToken,
    nightSlot: body.nightSlot,
    clockSkewMs: body.clockMs - BigInt(startedAt),
    batchRecordsMax: body.batchRecordsMax,
  });
}

export async function requireLink(node: Pick<EnrolledNode, 'database'>): Promise<Link> {
  const link = await readLink(node.database.db);
  if (link === undefined) throw new NodeError('NODE_NOT_INITIALISED');
  return link;
}

function readReply(node: EnrolledNode, bytes: Uint8Array, nonce: Uint8Array): HelloBody {
  const { body, signature } = decodeAnswer(helloReply, bytes, 'answer to a hello');
  if (!verifyBytes(node.hubSigningKey, domains.hello, body, signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'hello' });
  }
  const decoded = helloBody.decode(body);
  if (decoded.agency !== node.agency || !equalBytes(decoded.helloNonce, nonce)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'hello for another node' });
  }
  return decoded;
}
