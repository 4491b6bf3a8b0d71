/** A unit without a line, by the command lines of both operators: files on a medium and nothing else. */
import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { compareSides } from '../constellation/compare.ts';
import { loadPopulation } from '../constellation/load-population.ts';
import { runCommand } from '../constellation/processes.ts';
import { freePort } from '../services/free-port.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

test('two operators exchange a unit by files: every command of the recipe, and what it says', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const constellation = await openTestConstellation(stack, folder.path);
  const { hub } = constellation;
  const node = await constellation.addNode('H52');
  // enrolled on site; from here on there is no line
  const nowhere = `127.0.0.1:${await freePort()}`;
  await withClient(node.databaseUrl, (client) =>
    client.query('update sync.link set hub_address = $1', [nowhere]),
  );
  await loadPopulation(node.databaseUrl, {
    agency: 'H52',
    size: 60,
    seed: 12,
    today: '2026-11-01',
  });
  const [there, back] = ['there', 'back'].map((name) => join(folder.path, name));
  if (there === undefined || back === undefined) throw new Error('two names');
  const tryHub = (args: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand({ side: 'hub', args, env: hub.env });

  expect((await node.tryRun(['sync', '--retry-for', '0'])).code).toBe(4);
  expect((await tryHub(['export-bundle', 'H52', back])).stderr).toContain(
    'HUB_BUNDLE_UNANSWERABLE',
  );
  expect(existsSync(back)).toBe(false);

  expect(await node.run(['export-bundle', there])).toMatchObject({ sealed: false, batches: 0 });
  expect(await hub.run(['import-bundle', there])).toMatchObject({
    relation: 'EQUAL',
    again: false,
  });
  expect(await hub.run(['export-bundle', 'H52', back])).toMatchObject({ agency: 'H52' });
  expect(await node.run(['import-bundle', back])).toMatchObject({ welcomed: true });

  const taken = await node.tryRun(['export-bundle', there]);
  expect(taken.code).toBe(2);
  expect(taken.stderr).toContain('NODE_BUNDLE_EXISTS');
  expect(await node.run(['export-bundle', there, '--force'])).toMatchObject({
    sealed: true,
    batches: 1,
  });
  expect(statSync(there).mode & 0o777).toBe(0o600);
  expect(await hub.run(['import-bundle', there])).toMatchObject({ batches: 1, receipted: 1 });
  expect(await hub.run(['import-bundle', there])).toMatchObject({ again: true });
  await hub.run(['export-bundle', 'H52', back, '--force']);
  expect(readFileSync(back).includes('Nguyễn')).toBe(false);
  const result = await node.run(['import-bundle', back]);
  expect(result).toMatchObject({ welcomed: true, receipts: 1, unreceipted: '0' });
  expect(result).toHaveProperty('proofAt', expect.stringMatching(/^20/u));

  truncateSync(there, 1_000);
  const cut = await tryHub(['import-bundle', there]);
  expect(cut.code).toBe(3);
  expect(cut.stderr).toContain('HUB_BUNDLE_INVALID');
  expect((await node.tryRun(['import-bundle', join(folder.path, 'none')])).code).toBe(3);

  const urls = { agency: 'H52', hub: hub.databaseUrl, node: node.databaseUrl };
  expect(await compareSides(urls)).toMatchObject({
    hubEqualsNode: true,
    mirrorEqualsHub: true,
    differing: [],
  });
});
