/** A code list as an operator changes it: a file, command lines, processes, and what people read of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { CodeList } from '@lienthong/shared-schema/code-lists/code-list.ts';
import { expect, test } from 'vitest';

import { loadPopulation } from '../constellation/load-population.ts';
import { runCommand } from '../constellation/processes.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

test('an operator closes a code by a file that the hub printed, and the unit is told who holds it', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const constellation = await openTestConstellation(stack, folder.path);
  const { hub } = constellation;
  const node = await constellation.addNode('H52');
  await loadPopulation(node.databaseUrl, {
    agency: 'H52',
    size: 60,
    seed: 11,
    today: '2026-11-01',
  });
  await node.run(['sync']);
  expect(await node.run(['status'])).toMatchObject({ codeListTasks: [] });

  const onHub = (args: readonly string[]) => runCommand({ side: 'hub', args, env: hub.env });
  const list = (await hub.run(['code-lists', 'show', 'DAN_TOC'])) as CodeList;
  const closing = { to: '2026-10-31', successor: '02' };
  const entries = list.entries.map((entry) =>
    entry.code === '01' ? { ...entry, ...closing } : entry,
  );
  const file = join(folder.path, 'dan-toc.json');

  writeFileSync(file, JSON.stringify({ ...list, entries }));
  const refused = await onHub(['code-lists', 'publish', file]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('HUB_CODE_LIST_INVALID');
  expect(refused.stderr).toContain(`"version": ${list.version + 1}`);

  writeFileSync(file, JSON.stringify({ ...list, version: list.version + 1, entries }));
  const changes = { added: [], closed: [expect.objectContaining(closing)], changed: [] };
  const dry = await onHub(['code-lists', 'publish', file, '--dry-run']);
  expect(dry.json).toMatchObject({ stored: false, version: list.version, changes });
  const version = list.version + 1;
  const published = await onHub(['code-lists', 'publish', file]);
  expect(published.json).toMatchObject({ stored: true, version, changes, feeds: 1 });

  await node.run(['sync']);
  expect(await node.run(['code-lists', 'DAN_TOC'])).toMatchObject({ version });
  const impact = await node.run(['code-lists', 'DAN_TOC', '--impact', '--limit', '5']);
  expect(impact).toMatchObject({
    counts: [{ code: '01', standing: 'not-valid-then', closedOn: '2026-10-31', successor: '02' }],
    holders: Array.from({ length: 5 }, () => expect.objectContaining({ field: 'ethnic_group' })),
    next: expect.any(String),
  });
  expect(await node.run(['status'])).toMatchObject({
    codeListTasks: [{ list: 'DAN_TOC', version }],
  });
  await node.run(['code-lists', 'DAN_TOC', '--acknowledge', 'Phòng tổ chức']);
  expect(await node.run(['status'])).toMatchObject({ codeListTasks: [] });
});
