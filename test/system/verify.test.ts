/** Verification and repair as an operator runs them: command lines, exit codes, and what they print. */
import { expect, test } from 'vitest';

import { compareSides } from '../constellation/compare.ts';
import { loadPopulation } from '../constellation/load-population.ts';
import { runCommand } from '../constellation/processes.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

type Verified = {
  readonly hubEqualsNode: boolean;
  readonly mirrorEqualsHub: boolean;
  readonly confirmed: boolean;
  readonly differences: readonly {
    readonly side: string;
    readonly recordId: string;
    readonly sections: readonly string[];
  }[];
  readonly repair?: { readonly rounds: number; readonly sent: number; readonly fetched: number };
};

test('what was changed at the hub by hand is named, repaired on demand, and equal afterwards row by row', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const { hub, addNode } = await openTestConstellation(stack, folder.path);
  const node = await addNode('H52');
  await loadPopulation(node.databaseUrl, { agency: 'H52', size: 80, seed: 5, today: '2026-11-01' });
  await node.run(['sync']);
  const verify = async (...options: string[]): Promise<{ code: number; json: Verified }> => {
    const result = await node.tryRun(['verify', ...options]);
    return { code: result.code, json: result.json as Verified };
  };
  expect(await verify()).toMatchObject({
    code: 0,
    json: { hubEqualsNode: true, mirrorEqualsHub: true, confirmed: true, differences: [] },
  });

  const changed = await withClient(hub.databaseUrl, async (client) => {
    const { rows } = await client.query<{ record_id: string }>(
      `update national.identity set full_name = 'Người Khác' where record_id = (
         select record_id from national.identity order by pin limit 1) returning record_id`,
    );
    await client.query(`delete from national.record where record_id = (
      select record_id from national.identity order by pin desc limit 1)`);
    return rows[0]?.record_id;
  });
  const found = await verify();
  expect(found.code).toBe(1);
  expect(found.json.differences.filter(({ side }) => side === 'node')).toHaveLength(2);
  expect(found.json.differences).toContainEqual(
    expect.objectContaining({ side: 'node', recordId: changed, sections: ['identity'] }),
  );
  expect((await node.run(['status'])) as object).toMatchObject({
    lastVerification: { differing: '2', confirmed: false },
  });

  expect(await verify('--repair')).toMatchObject({
    code: 0,
    json: { confirmed: true, differences: [], repair: { rounds: 1, sent: 2, fetched: 0 } },
  });
  const compared = await compareSides({
    agency: 'H52',
    hub: hub.databaseUrl,
    node: node.databaseUrl,
  });
  expect(compared).toMatchObject({ hubEqualsNode: true, mirrorEqualsHub: true, differing: [] });
  expect(await verify('--deep')).toMatchObject({ code: 0, json: { confirmed: true } });

  await withClient(hub.databaseUrl, async (client) => {
    await client.query('alter table national.identity disable trigger digest_update');
    await client.query(`update national.identity set full_name = 'Sau lưng' where record_id = $1`, [
      changed,
    ]);
    await client.query('alter table national.identity enable always trigger digest_update');
  });
  const deep = await runCommand({ side: 'hub', args: ['verify', 'H52', '--deep'], env: hub.env });
  expect(deep).toMatchObject({ code: 1, json: { digests: { unmarked: 1, named: [changed] } } });
  expect((await verify()).code).toBe(1);
  expect((await verify('--repair')).code).toBe(0);
  expect((await hub.run(['nodes'])) as object).toMatchObject({
    nodes: [{ agency: 'H52', lastVerification: { differing: '0', confirmed: true } }],
  });
});
