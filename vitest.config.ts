import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{hub,node,shared-schema,test}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.pg.test.ts', 'test/system/**'],
        },
      },
      {
        test: {
          name: 'pg',
          include: ['{hub,node,shared-schema,test}/**/*.pg.test.ts'],
          exclude: ['**/node_modules/**', 'test/system/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
