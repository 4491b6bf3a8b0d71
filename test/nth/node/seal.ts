/** Changes are sealed, plain and encrypted sections. */
import { sealBatch } from '../../../node/src/sync/seal-batches.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { change, openSynced, processOf } from './pair.ts';

export async function seal(how: Thoroughness): Promise<Row> {
  await using pair = await openSynced();
  const { node, place } = pair;
  await change(node);
  const subject = {
    name: 'seal a batch',
    side: 'node',
    urls: { node: place.url },
    // each encryption has a key of its own
    drawn: [
      'outbox_batch.content',
      'outbox_batch.header',
      'outbox_batch.header_hash',
      'outbox_batch.signature',
      'chain.head_hash',
      'sealed_payload.digest',
    ],
    commits: 1,
    act: (database: typeof node.database) => sealBatch(processOf(node, database)),
  } as const;
  return await failEverywhere(subject, how);
}
