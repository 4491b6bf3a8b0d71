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
const whole = [
  { agency: 'H52', profiles: 209, applied: 229, quarantined: 0 },
  { agency: 'H17', profiles: 2000, applied: 2116, quarantined: 0 },
  { agency: 'G09', profiles: 2000, applied: 2066, quarantined: 1 },
];
/** The same with fewer people: what is done to a queue does not depend on how many there are. */
const small = [
  { agency: 'H52', profiles: 209, applied: 229, quarantined: 0 },
  { agency: 'H17', profiles: 202, applied: 228, quarantined: 0 },
  { agency: 'G09', profiles: 200, applied: 232, quarantined: 1 },
];

test.concurrent.for([
  { queue: 'postgres', people: 2_000, expected: whole },
  { queue: 'redis', people: 200, expected: small },
])(
  'the demo ends with equal sides although its queues on $queue are emptied between any two steps',
  // two side by side take two minutes on a machine that is idle, and longer than five on a busy one
  { timeout: 600_000 },
  async ({ queue, people, expected }) => {
    const flags = ['--queue', queue, '--people', `${people}`, '--empty-queues'];
    const { code, result } = await demo(...flags);
    expect(code).toBe(0);
    expect(result.ok).toBe(true);
    expect(result.hub.profiles).toBe(expected.reduce((sum, { profiles }) => sum + profiles, 0));
    expect(result.nodes).toMatchObject(
      expected.map((node) => ({ ...node, mirrorEqualsHub: true, hubEqualsNode: true })),
    );
  },
);
