/**
 * One answer for one packet. The same packet again (under its id, or without one the same content as
 * the last that its source sent about the same person and block) gets the stored reply, and nothing is
 * written. What was refused or rejected had no effect, so it is judged again: its cause may be mended.
 */
import { createHash, randomUUID } from 'node:crypto';

import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import {
  type AnsweredPacket,
  findPacket,
  lastPacket,
  storePacket,
  withdrawRefused,
} from '../db/packets.ts';
import type { PacketFinding } from '../packet/envelope.ts';
import { atPath } from '../packet/read-block.ts';
import { type PacketReply, replyOf, type ReplyState } from '../packet/reply.ts';

export type Asked = {
  readonly source: string;
  readonly service: string;
  /** Services whose packets count as about the same block. */
  readonly services: readonly string[];
  /** The person or unit that it speaks of. */
  readonly subject: string | null;
  /** The record that it is about now, if any. */
  readonly recordId: string | null;
  /** What makes it the same packet. */
  readonly content: string;
  /** As the program named it. */
  readonly transactionId: string | null;
  /** When the program made it, as it says. */
  readonly madeAt: Date | null;
  /** One that asks for something new, such as ADD, is a repetition only while the first still waits. */
  readonly repeats: boolean;
};

/** What is to be answered, and how it is written where it was not answered before. */
export type Judged = {
  readonly findings: readonly PacketFinding[];
  /** Writes the packet to the intake. */
  readonly store: (findings: readonly PacketFinding[]) => Promise<Stored>;
};

export type Stored = {
  readonly importId: string;
  readonly recordId: string | null;
  readonly state: ReplyState;
  readonly etag: string | null;
  /** With what came up when it was written. */
  readonly findings: readonly PacketFinding[];
};

export async function answerOnce(
  db: Db,
  asked: Asked,
  judge: () => Promise<Judged>,
): Promise<PacketReply> {
  const { source, service, subject } = asked;
  const contentSha256 = createHash('sha256').update(asked.content).digest();
  const isSame = (packet: AnsweredPacket<PacketReply> | undefined): boolean =>
    packet?.contentSha256.equals(contentSha256) === true;
  const before = await answeredBefore(db, asked);
  const isReused = asked.transactionId !== null && before !== undefined && !isSame(before);
  if (before !== undefined && isSame(before) && stands(before, asked)) return before.reply;
  const transactionId = asked.transactionId ?? randomUUID();
  if (isReused) {
    const finding = atPath('packet_transaction_reused', 'Data.Header.Transaction_ID');
    return replyOf({ transactionId, state: 'refused', etag: null, findings: [finding] });
  }
  const { findings, store } = await judge();
  const refusal = replyOf({ transactionId, state: 'refused', etag: null, findings });
  const refusedBefore = asked.transactionId === null ? await lastRefused(db, asked) : before;
  if (refusal.errors.length > 0 && isSame(refusedBefore) && refusedBefore !== undefined) {
    const had = JSON.stringify(refusedBefore.reply.errors);
    if (had === JSON.stringify(refusal.errors)) return refusedBefore.reply;
  }
  const stored = await store(findings);
  const reply = replyOf({
    transactionId,
    state: stored.state,
    etag: stored.etag,
    findings: stored.findings,
  });
  if (subject !== null) {
    await withdrawRefused(db, { source, subject, service, importId: stored.importId });
  }
  await storePacket(db, {
    source,
    transactionId,
    service,
    subject,
    contentSha256,
    madeAt: asked.madeAt,
    accepted: reply.err_code === 0,
    reply,
    importId: stored.importId,
    recordId: stored.recordId,
    etag: stored.etag,
  });
  return reply;
}

/**
 * Whether the answer stands. A packet that a reviewer rejected, or whose person has a new record since,
 * may be meant anew, unless its id says that it is the same one.
 */
function stands(before: AnsweredPacket<PacketReply>, { transactionId, recordId }: Asked): boolean {
  if (!before.accepted || transactionId !== null) return before.accepted;
  const isOfAnother = recordId !== null && before.recordId !== null && recordId !== before.recordId;
  return before.rowState !== 'rejected' && !isOfAnother;
}

async function answeredBefore(
  db: Db,
  { source, subject, services, transactionId, repeats }: Asked,
): Promise<AnsweredPacket<PacketReply> | undefined> {
  if (transactionId !== null) return await findPacket(db, { source, transactionId });
  const last = await lastAccepted(db, { source, subject, services });
  return repeats || last?.rowState === 'waiting' ? last : undefined;
}

type About = Pick<Asked, 'source' | 'subject' | 'services'>;

type Answered = Promise<AnsweredPacket<PacketReply> | undefined>;

const lastAccepted = (db: Db, about: About): Answered =>
  lastPacket<PacketReply>(db, { ...about, accepted: true });

const lastRefused = (db: Db, { source, subject, services }: Asked): Answered =>
  lastPacket<PacketReply>(db, { source, subject, services, accepted: false });
