/**
 * Three kinds of tests: `unit` does no I/O and starts nothing, `pg` runs on a real PostgreSQL (and Redis, where a test asks for it),
 * `system` runs whole processes. On CI the results also go to a file, from which `.ci/run` takes its totals.
 */
import { availableParallelism } from 'node:os';
import { env } from 'node:process';

import { defineConfig } from 'vitest/config';

import { LongestFirst } from './test/ci/longest-first.ts';

/** One file more than there are processors, since many wait; vitest itself would leave one out. */
const WORKERS_MAX = Math.min(8, availableParallelism() + 1);
const SERVICES = ['test/services/global-setup.ts'];

export default defineConfig({
  test: {
    reporters: env['CI']
      ? ['default', ['json', { outputFile: '.data/test-results.json' }]]
      : ['default'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers: WORKERS_MAX,
          // without I/O and without hooks there is nothing to keep apart, and a process a file costs more than most of the tests
          isolate: false,
          sequence: { groupOrder: 1 },
          include: ['{hub,node,shared-schema,test}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.pg.test.ts', 'test/system/**'],
          // milliseconds each, but for a few; a machine that is busy with other work is no fault
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'pg',
          maxWorkers: WORKERS_MAX,
          sequence: { groupOrder: 1 },
          include: ['{hub,node,shared-schema,test}/**/*.pg.test.ts'],
          exclude: ['**/node_modules/**', 'test/system/**'],
          globalSetup: SERVICES,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: SERVICES,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // After the others: whole processes want what processors there are.
          sequence: { groupOrder: 2 },
          maxWorkers: WORKERS_MAX,
        },
      },
    ],
  },
});
