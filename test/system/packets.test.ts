/** A packet on its whole way, with the commands of operators: key, node, synchronisation, hub. */
import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { startService } from '../constellation/processes.ts';
import { freePort } from '../services/free-port.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

const read = async (name: string): Promise<{ path: string; request: object }> =>
  JSON.parse(await readFile(`test/fixtures/packets/${name}.json`, 'utf8')) as {
    path: string;
    request: object;
  };

test('what an HR program sends is at the hub after a synchronisation, and gone after DEL', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const constellation = await openTestConstellation(stack, folder.path);
  const node = await constellation.addNode('H52');
  const { key } = (await node.run(['keys', 'issue', 'hr'])) as { key: string };
  const port = await freePort();
  const listen = `127.0.0.1:${port}`;
  const env = { ...node.env, NODE_LISTEN: listen };
  stack.use(
    await startService({ side: 'node', args: ['serve'], env, logFile: `${folder.path}/serve.log` }),
  );
  const post = async (path: string, request: object): Promise<unknown> => {
    const answer = await fetch(`http://${listen}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return await answer.json();
  };
  const units = [
    { MaDonVi: 'H52', TenDonVi: 'UBND tỉnh' },
    { MaDonVi: 'H52.01', TenDonVi: 'Sở Nội vụ', MaDonViCapTren: 'H52' },
  ];
  const tree = { Data: { Header: { Action_Type: 'EDIT' }, Body: { DS_DONVI: units } } };
  const jsonContent = Buffer.from(JSON.stringify(tree)).toString('base64');
  expect(
    await post('/apisyncmsg/syncmsg/servicet0001', { org_Code: 'H52', jsonContent }),
  ).toMatchObject({ err_code: 0, state: 'published' });
  const add = await read('01-m0001-add');
  expect(await post(add.path, add.request)).toMatchObject({ err_code: 0, state: 'published' });
  const atHub = async (): Promise<readonly unknown[]> =>
    await withClient(constellation.hub.databaseUrl, async (client) => {
      const { rows } = await client.query(
        `select i.pin, p.title, e.minority_language from national.identity i
         join national.position p using (record_id) join national.education e using (record_id)`,
      );
      return rows;
    });
  await node.run(['sync']);
  expect(await atHub()).toEqual([
    { pin: '014186004521', title: 'Phó Trưởng phòng', minority_language: '03' },
  ]);
  const del = await read('09-m0001-del');
  expect(await post(del.path, del.request)).toMatchObject({ err_code: 0, state: 'published' });
  await node.run(['sync']);
  expect(await atHub()).toEqual([]);
  const { keys } = (await node.run(['keys', 'list'])) as { keys: readonly object[] };
  expect(keys).toMatchObject([{ name: 'hr', requests: { published: 3 } }]);
  await node.run(['keys', 'revoke', 'hr']);
  expect(await post(del.path, del.request)).toMatchObject({
    status: 401,
    code: 'NODE_UNAUTHORISED',
  });
});
