import { join } from 'node:path';

import { expect, test } from 'vitest';

import { type CrowdPlan, runCrowd } from '../crowd/crowd.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestDatabase } from '../support/database.ts';

const agencies = Array.from({ length: 12 }, (_, n) => `H${n + 10}`);
const plan: CrowdPlan = {
  agencies,
  batches: 2,
  recordsPerBatch: 50,
  heavy: 10,
  deadlineMs: 240_000,
};

test('I15: units that begin in the same moment, one with ten times the load, all finish at a real hub', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const result = await runCrowd(plan, {
    directory: join(folder.path, 'crowd'),
    createDatabase: async () => stack.use(await openTestDatabase()).url,
  });
  expect(result.failures).toEqual([]);
  expect(result.runs.map(({ agency, receipts }) => [agency, receipts])).toEqual(
    agencies.map((agency, index) => [agency, index === 0 ? 20 : 2]),
  );
  const batches = 20 + 11 * 2;
  expect(result.records).toEqual([batches * 50 + agencies.length * 2, 0, 0]);
  expect(result.peakBytes).toBeLessThan(600 * 1024 * 1024);
});
