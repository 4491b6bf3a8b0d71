import { globSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

const page = readFileSync('docs/protocol.md', 'utf8');

test('the protocol lists each transaction that is failed at every point, with its side and commits', () => {
  const section = page.split('## Transactions\n')[1]?.split('\n## ')[0] ?? '';
  const listed = Array.from(
    section.matchAll(/^\| (?<name>[a-z][a-z ]*?) +\| (?<side>hub|node) +\| +(?<commits>\d+) \|/gmu),
    ({ groups }) => `${groups?.['name']} ${groups?.['side']} ${groups?.['commits']}`,
  );
  const tested = globSync('test/nth/{hub,node}/*.ts').flatMap((path) =>
    Array.from(
      readFileSync(path, 'utf8').matchAll(
        /\bname: '(?<name>[^']+)',\n\s+side: '(?<side>hub|node)',.*?\bcommits: (?<commits>\d+),/gsu,
      ),
      ({ groups }) => `${groups?.['name']} ${groups?.['side']} ${groups?.['commits']}`,
    ),
  );
  expect(listed.length).toBeGreaterThan(20);
  expect(listed.toSorted()).toEqual(tested.toSorted());
  const run = ['hub', 'node'].map((side) => readFileSync(`test/nth/${side}.pg.test.ts`, 'utf8'));
  expect(run.join('').match(/^ {2}\['[a-z ]+', \w+\],$/gmu)).toHaveLength(tested.length);
});
