/** A checkpoint of the feed: verified, held against what this node witnessed before, and kept (I11). */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { type Checkpoint, checkpointBody } from '@lienthong/shared-schema/wire/messages.ts';

import {
  readWitnessed,
  storeCheckpoint,
  storeConflict,
  type WitnessedRow,
} from '../db/checkpoints.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { decideCheckpoint, type Witnessed } from '../protocol/checkpoints.ts';
import type { EnrolledNode } from './context.ts';

/**
 * `incarnation` is that of the page it came with. Throws NODE_HUB_UNTRUSTED where the hub did not sign
 * it, or rewrites what it signed before in this incarnation.
 */
export async function takeCheckpoint(
  node: Pick<EnrolledNode, 'hubSigningKey' | 'log'>,
  db: Db,
  { number, body, signature }: Checkpoint,
  incarnation: bigint,
): Promise<void> {
  const untrusted = (): NodeError =>
    new NodeError('NODE_HUB_UNTRUSTED', { detail: `checkpoint ${number}` });
  if (!verifyBytes(node.hubSigningKey, domains.checkpoint, body, signature)) throw untrusted();
  const decoded = decodeAnswer(checkpointBody, body, `checkpoint ${number}`);
  if (decoded.number !== number) throw untrusted();
  const { hubIncarnation, prevHash } = decoded;
  const bodyHash = sha256(body);
  const decision = decideCheckpoint(
    { number, hash: bodyHash, prevHash, isOfThePast: hubIncarnation < incarnation },
    witnessedOf(await readWitnessed(db, { hubIncarnation, number, prevHash, bodyHash })),
  );
  const facts = { checkpoint: number.toString(), incarnation: hubIncarnation.toString() };
  const kept = { hubIncarnation, number, body, bodyHash, signature };
  switch (decision.kind) {
    case 'known':
      return;
    case 'refuse':
      throw untrusted();
    case 'keep-with-warning':
      node.log.warn(
        facts,
        'the hub goes on from a checkpoint that is older than anything kept here',
      );
      break;
    case 'keep-as-evidence':
      node.log.warn(facts, 'a checkpoint of before the raise does not fit what was kept here');
      await storeConflict(db, kept);
      return;
    case 'keep':
      break;
  }
  await storeCheckpoint(db, kept);
}

function witnessedOf(row: WitnessedRow): Witnessed {
  const { newestNumber, newestHash } = row;
  return {
    same: row.same ?? undefined,
    newest:
      newestNumber === null || newestHash === null
        ? undefined
        : { number: newestNumber, hash: newestHash },
    isEvidence: row.isEvidence,
    prevIsKnown: row.prevIsKnown,
    oldestNumber: row.oldestNumber ?? undefined,
  };
}
