/** The steps of a synchronisation as tests take them one by one. */
import { pullFeed } from '../../node/src/sync/pull-feed.ts';
import { pushBatches } from '../../node/src/sync/push-batches.ts';
import { ensureHello } from '../../node/src/sync/say-hello.ts';
import { sealBatch } from '../../node/src/sync/seal-batches.ts';
import type { Pair, TestNode } from './test-node.ts';

/** Seals until nothing is left. Returns the number of records. */
export async function sealAll(node: TestNode, marker = ''): Promise<number> {
  let records = 0;
  for (;;) {
    const sealed = await sealBatch(node, marker);
    records += sealed?.records ?? 0;
    if (sealed?.more !== true) return records;
  }
}

/** Makes batches small; holds until the next hello. */
export async function limitRecords(node: TestNode, max: number): Promise<void> {
  await ensureHello(node);
  await node.database.pool.query('update sync.link set batch_records_max = $1', [max]);
}

/** Seals, pushes, has the hub apply, pulls. Returns the number of records sealed. */
export async function syncPair({ node, server }: Pick<Pair, 'node' | 'server'>): Promise<number> {
  const records = await sealAll(node);
  await pushBatches(node);
  await server.settled();
  await pullFeed(node);
  return records;
}
