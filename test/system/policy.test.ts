/** The reach policy as an operator sets it: command lines, processes, and what people read of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { loadPopulation } from '../constellation/load-population.ts';
import { runCommand } from '../constellation/processes.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

const countOf = (url: string, table: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::integer as count from ${table}`,
    );
    return rows[0]?.count ?? -1;
  });

test('an operator narrows sections and sets them back, and a file with faults changes nothing', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const constellation = await openTestConstellation(stack, folder.path);
  const { hub } = constellation;
  const node = await constellation.addNode('H52');
  const size = 60;
  await loadPopulation(node.databaseUrl, { agency: 'H52', size, seed: 11, today: '2026-11-01' });
  await node.run(['sync']);
  const trainings = await countOf(hub.databaseUrl, 'national.training');
  const salaries = await countOf(hub.databaseUrl, 'national.salary');
  expect(Math.min(trainings, salaries)).toBeGreaterThan(10);

  const file = join(folder.path, 'policy.json');
  const set = (text: string, ...options: string[]): ReturnType<typeof runCommand> => {
    writeFileSync(file, text);
    return runCommand({ side: 'hub', args: ['policy', 'set', file, ...options], env: hub.env });
  };
  for (const [text, reason] of [
    ['{"reaches": {"health": "national"}}', 'only a new version of the catalogue widens that'],
    ['{"reaches": {"identity": "sealed", "wages": "unit"}}', 'wages is no section'],
    ['{"reaches": {', 'the file is no JSON'],
  ] as const) {
    const refused = await set(text);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('HUB_POLICY_INVALID');
    expect(refused.stderr).toContain(reason);
  }
  expect(await hub.run(['policy'])).toMatchObject({ version: '0', narrowed: [] });

  const narrow = '{"reaches": {"salary": "sealed", "training": "unit"}}';
  const changes = [
    { section: 'salary', from: 'national', to: 'sealed', rows: String(salaries), units: 1 },
    { section: 'training', from: 'national', to: 'unit', rows: String(trainings), units: 1 },
  ];
  expect((await set(narrow, '--dry-run')).json).toMatchObject({ stored: false, changes });
  expect(await countOf(hub.databaseUrl, 'national.training')).toBe(trainings);
  expect((await set(narrow)).json).toMatchObject({ version: '1', stored: true, changes, feeds: 1 });
  expect(await countOf(hub.databaseUrl, 'national.training')).toBe(0);
  expect(await countOf(hub.databaseUrl, 'national.salary')).toBe(0);

  // the first brings the policy, the second what it asks for
  await node.run(['sync']);
  await node.run(['sync']);
  const sealed = 'national.sealed where section = 23';
  expect(await countOf(hub.databaseUrl, sealed)).toBe(salaries);
  expect(await countOf(hub.databaseUrl, 'national.training')).toBe(0);
  const equal = { comparable: true, hubEqualsNode: true, mirrorEqualsHub: true };
  expect(await node.run(['verify'])).toMatchObject(equal);
  expect(await node.run(['status'])).toMatchObject({
    policyVersion: '1',
    narrowed: { salary: 'sealed', training: 'unit' },
  });

  expect((await set('{"reaches": {}}')).json).toMatchObject({ version: '2', stored: true });
  await node.run(['sync']);
  await node.run(['sync']);
  expect(await countOf(hub.databaseUrl, 'national.training')).toBe(trainings);
  expect(await countOf(hub.databaseUrl, 'national.salary')).toBe(salaries);
  expect(await countOf(hub.databaseUrl, sealed)).toBe(0);
  expect(await node.run(['verify'])).toMatchObject(equal);
});
