import { existsSync } from 'node:fs';

import { expect, test } from 'vitest';

import { longest } from './longest-first.ts';

test('the test files that begin first are there, each named once', () => {
  expect(longest.filter((path) => !existsSync(path))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});
