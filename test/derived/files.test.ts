import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { derivedFiles } from './files.ts';

test.each(Object.keys(derivedFiles))('%s is what the catalogue gives (npm run derive)', (path) => {
  expect(readFileSync(path, 'utf8')).toBe(derivedFiles[path]);
});
