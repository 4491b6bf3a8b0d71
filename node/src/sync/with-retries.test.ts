import { expect, test } from 'vitest';

import { NodeError } from '../errors.ts';
import { withRetries } from './with-retries.ts';

function failing(
  times: number,
  error: NodeError,
): { act: () => Promise<number>; calls: () => number } {
  let calls = 0;
  return {
    act: async () => {
      calls += 1;
      if (calls <= times) throw error;
      return calls;
    },
    calls: () => calls,
  };
}

const soon = (): number => performance.now() + 10_000;

test('a hub that is away for a moment is tried again', async () => {
  const hub = failing(1, new NodeError('NODE_HUB_UNREACHABLE'));
  const waits: number[] = [];
  expect(await withRetries(hub.act, { deadline: soon(), onWait: (ms) => waits.push(ms) })).toBe(2);
  expect(waits).toHaveLength(1);
});

test('a wait that the hub asks for beyond the deadline is not begun', async () => {
  const hub = failing(5, new NodeError('NODE_HUB_BUSY', { retryAfterS: 30 }));
  await expect(withRetries(hub.act, { deadline: soon() })).rejects.toThrow('busy');
  expect(hub.calls()).toBe(1);
});

test('a refusal is not tried again', async () => {
  const hub = failing(1, new NodeError('NODE_FORKED'));
  await expect(withRetries(hub.act, { deadline: soon() })).rejects.toThrow('another history');
  expect(hub.calls()).toBe(1);
});
