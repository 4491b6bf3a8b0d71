/**
 * What the hub is to be told of corrections. It rides on the next batch, and so it is sent once, in
 * order, on the line or on a medium, and again where the batch is given up.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { answersMax } from '@lienthong/shared-schema/wire/limits.ts';
import type { CorrectionAnswer } from '@lienthong/shared-schema/wire/messages.ts';
import { sql } from 'kysely';

export async function addAnswer(db: Db, answer: CorrectionAnswer): Promise<void> {
  await sql`insert into sync.answer (correction, record_id, contested, reason)
    values (${answer.correction}, ${answer.recordId}, ${answer.contested},
      ${answer.reason})`.execute(db);
}

/** The last word of the unit on a correction, whether or not the hub has it; undefined: none. */
export async function lastAnswer(db: Db, correction: string): Promise<boolean | undefined> {
  const { rows } = await sql<{ contested: boolean }>`
    select contested from sync.answer where correction = ${correction}
    order by id desc limit 1`.execute(db);
  return rows[0]?.contested;
}

/** The oldest that are in no batch, as many as one takes. */
export async function unsealedAnswers(
  db: Db,
): Promise<readonly (CorrectionAnswer & { readonly id: bigint })[]> {
  const { rows } = await sql<CorrectionAnswer & { readonly id: bigint }>`
    select id, record_id, correction, contested, reason from sync.answer
    where sealed_seq is null order by id limit ${answersMax}`.execute(db);
  return rows;
}

export async function noteSealedAnswers(
  db: Db,
  ids: readonly bigint[],
  seq: bigint,
): Promise<void> {
  if (ids.length === 0) return;
  await sql`update sync.answer set sealed_seq = ${seq}
    where id = any(${ids.map((id) => id.toString())}::bigint[])`.execute(db);
}

/** Answers of batches that were given up go with a coming one. */
export async function takeBackAnswers(db: Db, common: bigint): Promise<void> {
  await sql`update sync.answer set sealed_seq = null where sealed_seq > ${common}`.execute(db);
}
