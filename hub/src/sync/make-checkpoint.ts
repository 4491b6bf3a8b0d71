/**
 * The daily checkpoint: a signed root over the heads of all units, chained to the one before, sent
 * down every feed. Each node keeps them, so not even the hub can rewrite its archive unnoticed.
 */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { checkpoint, checkpointBody } from '@lienthong/shared-schema/wire/messages.ts';

import { lastCheckpoint, storeCheckpoint, unitHeads } from '../db/checkpoints.ts';
import { appendToEveryFeed } from '../db/feed.ts';
import type { HubContext } from './context.ts';

/** One a day (`asOf`, `YYYY-MM-DD`). Returns its number, or undefined when the day has one. */
export async function makeCheckpoint(
  hub: Pick<HubContext, 'database' | 'incarnation' | 'signingKey'>,
  asOf: string,
): Promise<bigint | undefined> {
  return transaction(hub.database, async ({ db }) => {
    const last = await lastCheckpoint(db);
    if (last?.asOf !== undefined && last.asOf >= asOf) return undefined;
    const heads = await unitHeads(db);
    const body = checkpointBody.encode({
      hubIncarnation: hub.incarnation,
      number: (last?.number ?? 0n) + 1n,
      prevHash: last?.bodyHash ?? new Uint8Array(0),
      root: headsRoot(heads),
      agencies: heads.length,
      asOf,
    });
    const number = (last?.number ?? 0n) + 1n;
    const signature = signBytes(hub.signingKey, domains.checkpoint, body);
    await storeCheckpoint(db, { number, body, bodyHash: sha256(body), signature, asOf });
    await appendToEveryFeed(db, {
      kind: 'checkpoint',
      body: checkpoint.encode({ number, body, signature }),
    });
    return number;
  });
}

/** SHA-256 over the heads in order of agency: agency, 0x00, seq as 8 bytes big endian, head hash. */
export function headsRoot(
  heads: readonly {
    readonly agency: string;
    readonly headSeq: bigint;
    readonly headHash: Uint8Array;
  }[],
): Buffer {
  return sha256(
    Buffer.concat(
      heads.flatMap((head) => {
        const seq = Buffer.alloc(8);
        seq.writeBigUInt64BE(head.headSeq);
        return [Buffer.from(`${head.agency}\0`), seq, head.headHash];
      }),
    ),
  );
}
