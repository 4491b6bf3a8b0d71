import { expect, test } from 'vitest';

import { openTestHub, rowsOf } from '../../../test/support/test-hub.ts';
import { certifyTestUnit } from '../../../test/support/test-server.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import { appendRevocations, readRevocations } from '../outside/revocation-file.ts';
import { revokeUnit } from './enrol-node.ts';
import { finishRaise, startHub } from './hub-start.ts';

test('what was revoked is revoked again at a start over an older database, also one that finishes a raise', async () => {
  await using hub = await openTestHub();
  await startHub(hub);
  for (const agency of ['H52', 'H53']) {
    await enrolTestUnit(hub, agency);
    await certifyTestUnit(hub, agency);
  }
  await revokeUnit(hub, 'H52');
  const heard = `select agency, u.status, c.status from registry.unit u
    join registry.certificate c using (agency) order by 1`;
  const since = await rowsOf(hub, heard);
  expect(since).toEqual([
    ['H52', 'revoked', 'revoked'],
    ['H53', 'active', 'active'],
  ]);
  // as after an approval that came to nothing: that the unit was revoked counts for more
  const noted = await readRevocations(hub.dataDirectory);
  await appendRevocations(
    hub.dataDirectory,
    noted.map((one) => ({ ...one, what: 'certificate' })),
  );
  // the database is sound, and then one whose raise ended after the file
  for (const incarnation of [1n, 2n]) {
    for (const table of ['unit', 'certificate']) {
      await rowsOf(hub, `update registry.${table} set status = 'active'`);
    }
    expect(await startHub({ ...hub, incarnation })).toBeUndefined();
    expect(await rowsOf(hub, heard)).toEqual(since);
  }
  expect(await rowsOf(hub, 'select incarnation from registry.hub')).toEqual([[2n]]);
});

test('a process that was started before a raise takes no batch any more', async () => {
  await using hub = await openTestHub();
  await startHub(hub);
  const unit = await enrolTestUnit(hub);
  await unit.push(await unit.seal({}));
  await finishRaise({ ...hub, incarnation: 2n });
  await expect(unit.push(await unit.seal({}))).rejects.toMatchObject({ code: 'HUB_RESTORED' });
  expect(await rowsOf(hub, 'select head_seq from registry.unit')).toEqual([[1n]]);
});
