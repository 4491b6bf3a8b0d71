/** The second client repeats any batch, the newest and older ones, and judges what the hub says to it. */
import { pushReply } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { pushBatches } from '../../node/src/sync/push-batches.ts';
import { putRecords, tree } from '../support/node-records.ts';
import { preparedFolder } from '../support/prepared-folder.ts';
import { openPair, type Pair } from '../support/test-node.ts';
import { person, pinOf } from '../support/test-records.ts';
import { sealAll } from '../support/whole-sync.ts';
import { openSecondClient, type SecondClient } from './second-client.ts';

/** A pair with three batches at the hub, and the second client of its node. */
async function openRepeated(
  stack: AsyncDisposableStack,
): Promise<{ readonly pair: Pair; readonly client: SecondClient }> {
  const pair = stack.use(await openPair());
  const { node, server, place } = pair;
  await putRecords(node.database, tree);
  for (const n of [16, 17, 18]) {
    await putRecords(node.database, [person(n, pinOf(n))]);
    await sealAll(node);
  }
  await pushBatches(node);
  const dataDirectory = await preparedFolder('node-H52', () => {
    throw new Error('the node of the pair has made it');
  });
  const options = { dataDirectory, databaseUrl: place.url, hubPort: server.port };
  return { pair, client: stack.use(await openSecondClient(options)) };
}

/** Draws these numbers, one after the other. */
const drawing = (...numbers: readonly number[]): (() => number) => {
  const left = [...numbers];
  return () => left.shift() ?? 0;
};

test('the newest batch and an older one get the receipts that they had, under an older epoch none', async () => {
  await using stack = new AsyncDisposableStack();
  const { pair, client } = await openRepeated(stack);
  const outcomes: string[] = [];
  pair.server.interfere = (path, body) => {
    if (path === '/sync/v1/batches') outcomes.push(pushReply.decode(body).outcome);
    return undefined;
  };
  expect(await client.repeat(drawing(0.1, 0.9))).toEqual([]);
  expect(await client.repeat(drawing(0.9, 0.4, 0.9))).toEqual([]);
  expect(outcomes).toEqual(Array.from({ length: 4 }, () => 'DUPLICATE'));
  expect(await client.repeat(drawing(0.9, 0.4, 0.1))).toEqual([]);
  expect(outcomes.slice(4).toSorted()).toEqual(['DUPLICATE', 'FENCED']);
  expect(client.answers()).toBe(6);
});

test.each([
  ['is called a fork', { outcome: 'FORK' }, 'called a fork'],
  ['gets another receipt', { receipt: Buffer.from('another') }, 'a second receipt'],
  ['is accepted once more', { outcome: 'ACCEPTED' }, 'accepted twice'],
] as const)('a batch that %s is told', async (_, other, told) => {
  await using stack = new AsyncDisposableStack();
  const { pair, client } = await openRepeated(stack);
  pair.server.interfere = (path, body) =>
    path === '/sync/v1/batches'
      ? pushReply.encode({ ...pushReply.decode(body), ...other })
      : undefined;
  const wrong = expect.stringContaining(told);
  expect(await client.repeat(drawing(0.1, 0.9))).toEqual([wrong, wrong]);
});
