import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import type { DemoResult } from '../demo/story.ts';

async function demo(
  ...flags: readonly string[]
): Promise<{ readonly code: number; readonly result: DemoResult }> {
  const child = spawn(process.execPath, ['test/demo/main.ts', '--exit', '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const out: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  const [code] = (await once(child, 'close')) as [number];
  const last = out.join('').trimEnd().split('\n').at(-1) ?? '';
  return { code, result: JSON.parse(last) as DemoResult };
}

/** What the story must end with, however the queues are treated; feed entries may come in other pages. */
const expected = [
  { agency: 'H52', profiles: 209, applied: 228, quarantined: 0 },
  { agency: 'H17', profiles: 2000, applied: 2116, quarantined: 0 },
  { agency: 'G09', profiles: 2000, applied: 2066, quarantined: 1 },
];

test.concurrent.each(['postgres', 'redis'])(
  'the demo ends with equal sides although its queues on %s are emptied between any two steps',
  // two side by side take two minutes on a machine that is idle, and longer than five on a busy one
  { timeout: 600_000 },
  async (queue) => {
    const { code, result } = await demo('--queue', queue, '--empty-queues');
    expect(code).toBe(0);
    expect(result.ok).toBe(true);
    expect(result.hub.profiles).toBe(4209);
    for (const [i, node] of result.nodes.entries()) {
      expect(node).toMatchObject({ ...expected[i], mirrorEqualsHub: true, hubEqualsNode: true });
    }
    expect(result.nodes).toHaveLength(3);
  },
);
