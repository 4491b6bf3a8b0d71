import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

/** Rows that live long enough to need a collection of the whole heap; prints the most MB in use. */
const churn = `
  import { getHeapStatistics } from 'node:v8';
  const living = Array.from({ length: 300_000 }, (_, n) => ({ n, text: n + '-' + n }));
  let most = 0;
  for (let n = 0; n < 3_000_000; n += 1) {
    living[n % living.length] = { n, text: n + '-' + n };
    if (n % 5000 === 0) most = Math.max(most, getHeapStatistics().used_heap_size);
  }
  process.stdout.write(String(most / 1e6));
`;
const small = `
  import { keepHeapSmall } from ${JSON.stringify(new URL('small-heap.ts', import.meta.url).href)};
  keepHeapSmall();
`;

/** Of a process of its own: how far V8 lets a heap grow hangs on what it did before. */
async function mostUsed(program: string): Promise<number> {
  const options = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return Number(stdout);
}

test('much less garbage gathers than without', async () => {
  const usual = await mostUsed(churn);
  expect(await mostUsed(small + churn)).toBeLessThan(usual * 0.7);
});
