/**
 * Rules whose examples are words, since they need more than a record: each is provoked by a test that
 * names its code. The examples of all others are run by `rules.test.ts` and `reading-rules.test.ts`.
 */
import { globSync, readFileSync } from 'node:fs';

import { findingCodes, ruleOf } from '@lienthong/shared-schema/rules/rules.ts';
import { expect, test } from 'vitest';

const tests = globSync('{hub,node,test}/**/*.test.ts', {
  exclude: (path) => path.includes('node_modules') || path.endsWith('rules-covered.test.ts'),
}).map((path) => readFileSync(path, 'utf8'));

const inWords = findingCodes.filter((code) => ['node', 'hub'].includes(ruleOf(code).on));

test.each(inWords)('%s is provoked by a test that names it', (code) => {
  const named = new RegExp(`\\b${code}\\b`, 'u');
  expect(tests.some((text) => named.test(text))).toBe(true);
});
