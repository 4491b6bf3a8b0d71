/**
 * A witness outside of all databases: which hash and which receipt each batch of each unit had when it
 * was first seen at the hub. Whatever the hub says later, it must say the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { withClient } from '../services/postgres-databases.ts';

export type Observer = {
  /** Looks every few seconds until the signal aborts. */
  readonly watch: (signal: AbortSignal) => Promise<void>;
  /** Batches that are gone, or have another hash or receipt than when they were first seen. */
  readonly changed: () => Promise<readonly string[]>;
  readonly seen: () => number;
};

const lookMs = 2_000;

type Seen = ReadonlyMap<string, string>;

export function openObserver(hubUrl: string): Observer {
  const first = new Map<string, string>();
  const look = async (): Promise<Seen> =>
    withClient(hubUrl, async (client) => {
      const { rows } = await client.query<{ batch: string; proof: string }>(
        `select agency || ' ' || seq as batch,
           encode(header_hash, 'hex') || ' ' || encode(sha256(receipt), 'hex') as proof
         from sync.inbox`,
      );
      return new Map(rows.map((row) => [row.batch, row.proof]));
    });
  return {
    async watch(signal) {
      while (!signal.aborted) {
        // a hub that is away shows nothing
        const now = await look().catch((): Seen => new Map());
        for (const [batch, proof] of now) if (!first.has(batch)) first.set(batch, proof);
        await sleep(lookMs, undefined, { signal }).catch(() => undefined);
      }
    },
    async changed() {
      const now = await look();
      return [...first].flatMap(([batch, proof]) => {
        const present = now.get(batch);
        if (present === proof) return [];
        return [`${batch}: ${present === undefined ? 'is gone' : 'has two hashes or receipts'}`];
      });
    },
    seen: () => first.size,
  };
}
