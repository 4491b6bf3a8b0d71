import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { logTo } from '@lienthong/shared-schema/runtime/log.ts';
import { expect, test } from 'vitest';

import { listEnrolments } from '../../../hub/src/db/enrolment.ts';
import { serverTlsOptions } from '../../../hub/src/pki/tls.ts';
import { approveEnrolment, inviteUnit } from '../../../hub/src/sync/enrol-node.ts';
import { openScratch } from '../../../test/services/scratch.ts';
import { openHubServer } from '../../../test/support/hub-server.ts';
import { openNodePlace } from '../../../test/support/test-node.ts';
import { claimDatabase, readLink } from '../db/link.ts';
import { openHubLink } from '../link/hub-link.ts';
import { clientTlsOptions, loadIdentity } from '../pki/identity.ts';
import type { NodeContext } from './context.ts';
import { enrol } from './enrol.ts';

async function openApplicant(): Promise<
  AsyncDisposable & { readonly context: NodeContext; readonly folder: string }
> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const place = stack.use(await openNodePlace('H52'));
  const database = stack.use(openDatabase(place.url, { max: 4, applicationName: 'applicant' }));
  await claimDatabase(database.db, 'H52');
  const open = stack.move();
  return {
    folder: folder.path,
    context: {
      database,
      agency: 'H52',
      now: () => new Date(),
      log: logTo({ write: () => undefined }, 'node', 'silent'),
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

test('a node that was approved is known to the hub by its own certificate', async () => {
  await using server = await openHubServer();
  const { hub, port } = server;
  await using applicant = await openApplicant();
  const { context, folder } = applicant;
  const invitation = await inviteUnit(hub, { agency: 'H52', host: '127.0.0.1', port });
  const options = { invitation, dataDirectory: folder, waitMs: 0 };
  const asked: { id: string; tlsKeyId: string }[] = [];
  const pending = enrol(context, {
    ...options,
    onPending: (id, tlsKeyId) => void asked.push({ id, tlsKeyId }),
  });
  await expect(pending).rejects.toMatchObject({ code: 'NODE_ENROLMENT_PENDING' });
  // the unit reads the key to the hub operator, who sees the same in the list of requests
  const [request] = await listEnrolments(hub.database.db);
  expect(asked).toEqual([{ id: '1', tlsKeyId: request?.tlsKeyId }]);
  await approveEnrolment(hub, hub.authority, 1n);
  await enrol(context, options);

  const link = await readLink(context.database.db);
  expect(link).toMatchObject({ agency: 'H52', hubAddress: `127.0.0.1:${port}` });
  expect(link?.hubAudience).toEqual(hub.audience);
  const identity = await loadIdentity(folder);
  using way = openHubLink({ host: '127.0.0.1', port }, clientTlsOptions(identity));
  expect((await way.get('/sync/v1/feed?after=0')).length).toBeGreaterThan(0);
});

test('nothing is said to a machine whose root is another than the one of the invitation', async () => {
  await using server = await openHubServer();
  const { hub, port } = server;
  await using applicant = await openApplicant();
  const { context, folder } = applicant;
  const invitation = await inviteUnit(
    { ...hub, audience: Buffer.alloc(32, 7) },
    { agency: 'H52', host: '127.0.0.1', port },
  );
  const options = { invitation, dataDirectory: folder, waitMs: 0 };
  await expect(enrol(context, options)).rejects.toThrow(/fingerprint/u);
  const { rows } = await hub.database.pool.query('select from registry.enrolment');
  expect(rows).toEqual([]);
  expect((await readLink(context.database.db))?.hubAddress).toBeNull();
});

test('an invitation for another agency, or no invitation at all, is refused here', async () => {
  await using server = await openHubServer();
  const { hub, port } = server;
  await using applicant = await openApplicant();
  const { context, folder } = applicant;
  const other = await inviteUnit(hub, { agency: 'H17', host: '127.0.0.1', port });
  const ask = (invitation: string): Promise<void> =>
    enrol(context, { invitation, dataDirectory: folder, waitMs: 0 });
  await expect(ask(other)).rejects.toMatchObject({ code: 'NODE_INVITATION_OTHER_AGENCY' });
  await expect(ask('lienthong1.nothing')).rejects.toMatchObject({
    code: 'NODE_INVITATION_INVALID',
  });
});

test('the page of a gateway in place of an answer is a refusal with its status, not a crash', async () => {
  await using server = await openHubServer();
  const { hub } = server;
  await using applicant = await openApplicant();
  const { context, folder } = applicant;
  const { serverKeyPem, serverCertificatePem, rootPem } = hub.files;
  const gateway = createServer(
    serverTlsOptions({ keyPem: serverKeyPem, certificatePem: serverCertificatePem, rootPem }),
    (_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>');
    },
  );
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const { port } = gateway.address() as AddressInfo;
  const invitation = await inviteUnit(hub, { agency: 'H52', host: '127.0.0.1', port });
  const asking = enrol(context, { invitation, dataDirectory: folder, waitMs: 0 });
  await expect(asking).rejects.toMatchObject({
    code: 'NODE_HUB_REFUSED',
    message: expect.stringContaining('502'),
  });
  gateway.closeAllConnections();
  gateway.close();
});
