/** Restores as two operators go through them: the commands of both sides, on real processes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { loadPopulation } from '../constellation/load-population.ts';
import { runCommand, startService } from '../constellation/processes.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openScratch } from '../services/scratch.ts';
import { backupOf } from '../support/backup.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

const rename = (url: string, name: string): Promise<unknown> =>
  withClient(url, (client) => client.query('update profile.identity set other_names = $1', [name]));

test('a restored node rejoins, and a restored hub is raised, by the commands that the page gives', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const constellation = await openTestConstellation(stack, folder.path);
  const { hub } = constellation;
  const node = await constellation.addNode('H52');
  await loadPopulation(node.databaseUrl, {
    agency: 'H52',
    size: 60,
    seed: 7,
    today: '2026-11-01',
  });
  await node.run(['sync']);
  const nodeBackup = stack.use(await backupOf(node.databaseUrl));
  const hubBackup = stack.use(await backupOf(hub.databaseUrl));
  expect(await hub.run(['safe', hubBackup.url])).toMatchObject({
    units: [{ agency: 'H52', before: '0', safeSeq: '1', unsafe: '0' }],
  });
  await rename(node.databaseUrl, 'Một');
  await node.run(['sync']);
  expect(await node.run(['status'])).toMatchObject({
    receivedSeq: '2',
    appliedSeq: '2',
    safeSeq: '1',
  });

  // the node's machine is lost; its backup is put in place
  const env = { ...node.env, NODE_DATABASE_URL: nodeBackup.url };
  const restored = (...args: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand({ side: 'node', args, env });
  const refused = await restored('sync');
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('NODE_BEHIND')]);
  expect(refused.stderr).toContain('npm run node -- rejoin');
  expect((await restored('rejoin')).stderr).toContain('NODE_REJOIN_REFUSED');
  expect(await hub.run(['release', 'H52'])).toMatchObject({ was: 'active' });
  const plan = await restored('rejoin', '--dry-run');
  expect(plan.json).toMatchObject({ dryRun: true, batchesFetched: 1, recordsRestored: 60 });
  expect((await restored('rejoin')).json).toMatchObject({
    batchesFetched: 1,
    recordsRestored: 60,
    equal: true,
  });

  // the hub's database is lost; its folder is not
  await rename(nodeBackup.url, 'Hai');
  expect((await restored('sync')).code).toBe(0);
  const witness = join(folder.path, 'hub', 'witness.json');
  await vi.waitFor(() => expect(readFileSync(witness, 'utf8')).toContain('"headSeq": "4"'), {
    timeout: 30_000,
    interval: 200,
  });
  process.kill(hub.pid());
  const hubEnv = { ...hub.env, HUB_DATABASE_URL: hubBackup.url };
  const atHub = (...args: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand({ side: 'hub', args, env: hubEnv });
  const closed = await atHub('work');
  expect([closed.code, closed.stderr]).toEqual([3, expect.stringContaining('HUB_RESTORED')]);
  expect((await atHub('status')).json).toMatchObject({
    restored: expect.stringContaining('was 4'),
  });
  // the version of a policy may have been given before: two of one number would stop every feed
  const policy = join(folder.path, 'policy.json');
  writeFileSync(policy, '{"reaches": {"salary": "sealed"}}');
  const unset = await atHub('policy', 'set', policy);
  expect([unset.code, unset.stderr]).toEqual([3, expect.stringContaining('HUB_RESTORED')]);
  const preview = await atHub('incarnation', 'raise', '--dry-run');
  expect(preview.json).toMatchObject({
    from: '1',
    to: '2',
    units: [{ agency: 'H52', headSeq: '1', missing: '3' }],
  });
  expect((await atHub('incarnation')).json).toEqual({ incarnation: '1' });
  expect((await atHub('incarnation', 'raise')).code).toBe(0);
  expect((await atHub('incarnation')).json).toEqual({ incarnation: '2' });
  stack.use(
    await startService({
      side: 'hub',
      args: ['serve', '--with-worker'],
      env: hubEnv,
      logFile: join(folder.path, 'restored-hub.log'),
    }),
  );
  expect(await restored('sync')).toMatchObject({ code: 0 });
  expect((await restored('verify')).json).toMatchObject({
    hubEqualsNode: true,
    mirrorEqualsHub: true,
  });
  expect((await atHub('verify', 'H52')).json).toMatchObject({ faults: [] });
});
