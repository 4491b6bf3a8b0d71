import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { connect, createServer } from 'node:tls';

import { certificateFingerprint } from '@lienthong/shared-schema/runtime/certificate.ts';
import { privateKeyToPem, publicKeyToPem } from '@lienthong/shared-schema/runtime/signature.ts';
import { expect, test } from 'vitest';

import type { Authority } from './authority.ts';
import { createAuthority, issueNodeCertificate, issueServerCertificate } from './authority.ts';
import { buildCertificate } from './certificate-builder.ts';
import { forgeRequest } from './request-fixture.ts';
import { createRsaKeyPair } from './rsa-key.ts';
import type { ClientIdentity } from './tls.ts';
import { clientIdentity, serverTlsOptions } from './tls.ts';

const dayMs = 86_400_000;
const now = new Date();
const past = new Date(now.getTime() - 1000 * dayMs);
const [authority, strangeAuthority, hubPair, nodePair] = await Promise.all([
  createAuthority({ now: past, commonName: 'Test root' }),
  // The same name, so that only the key tells them apart.
  createAuthority({ now: past, commonName: 'Test root' }),
  createRsaKeyPair(),
  createRsaKeyPair(),
]);
const csrPem = forgeRequest({ ...nodePair, subject: [{ name: 'commonName', value: 'H52' }] });
const serverCertificate = issueServerCertificate(authority, {
  names: ['localhost', '127.0.0.1'],
  publicKeyPem: publicKeyToPem(hubPair.publicKey),
  now,
});
const options = serverTlsOptions({
  keyPem: privateKeyToPem(hubPair.privateKey),
  certificatePem: serverCertificate.certificatePem,
  rootPem: authority.certificatePem,
});
const nodeKeyPem = privateKeyToPem(nodePair.privateKey);
const nodeCertificatePem = issueNode(authority, now);

function issueNode(from: Authority, at: Date, days = 30): string {
  const outcome = issueNodeCertificate(from, { agency: 'H52', csrPem, now: at, days });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome.certificate.certificatePem;
}

type Report = { readonly resumed: boolean; readonly identity: ClientIdentity | undefined };

type TestServer = Disposable & { readonly port: number; readonly reports: readonly Report[] };

/** A server that notes what it sees of each client, says a word and closes. */
async function startServer(tlsOptions: TlsOptions): Promise<TestServer> {
  const reports: Report[] = [];
  const server = createServer(tlsOptions, (socket) => {
    reports.push({ resumed: socket.isSessionReused(), identity: clientIdentity(socket) });
    socket.on('error', () => socket.destroy());
    socket.end('seen');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { port: address.port, reports, [Symbol.dispose]: () => server.close() };
}

type Visit = Report & { readonly session: Buffer | undefined };

/** One connection: what the server saw, and the session that the client could offer next time. */
async function visit(server: TestServer, client: ConnectionOptions = {}): Promise<Visit> {
  const ca = authority.certificatePem;
  // by address: where localhost has two, Node drops the offered session with the first attempt
  const socket = connect({
    host: '127.0.0.1',
    servername: 'localhost',
    port: server.port,
    ca,
    ...client,
  });
  let session: Buffer | undefined;
  let isReused: boolean | undefined;
  socket.on('session', (ticket: Buffer) => {
    session = ticket;
  });
  socket.on('secureConnect', () => {
    isReused = socket.isSessionReused();
    // Without a ticket there is only what the handshake itself left behind.
    session ??= socket.getSession();
  });
  expect(await text(socket)).toBe('seen');
  const report = server.reports.at(-1);
  assert.ok(report !== undefined);
  expect(report.resumed).toBe(isReused);
  return { ...report, session };
}

async function identityOf(cert: string | undefined): Promise<ClientIdentity | undefined> {
  using server = await startServer(options);
  const client = cert === undefined ? {} : { key: nodeKeyPem, cert };
  return (await visit(server, client)).identity;
}

test("a node's certificate makes it authorized, by name and fingerprint", async () => {
  expect(await identityOf(nodeCertificatePem)).toEqual({
    authorized: true,
    fingerprint: certificateFingerprint(nodeCertificatePem),
    subjectCn: 'H52',
  });
});

test('a client without a certificate gets its connection but has no identity', async () => {
  expect(await identityOf(undefined)).toBeUndefined();
});

test('a certificate of another authority with the same name is not authorized', async () => {
  const strange = issueNode(strangeAuthority, now);
  expect(await identityOf(strange)).toMatchObject({ authorized: false, subjectCn: 'H52' });
  const withRoot = strange + strangeAuthority.certificatePem;
  expect(await identityOf(withRoot)).toMatchObject({ authorized: false });
});

test('an expired certificate is not authorized', async () => {
  const expired = issueNode(authority, new Date(now.getTime() - 100 * dayMs));
  expect(await identityOf(expired)).toMatchObject({ authorized: false, subjectCn: 'H52' });
});

test('a certificate that is not valid yet is not authorized', async () => {
  const early = issueNode(authority, new Date(now.getTime() + 2 * dayMs));
  expect(await identityOf(early)).toMatchObject({ authorized: false });
});

test('a server certificate used by a client is not authorized', async () => {
  const { certificatePem } = issueServerCertificate(authority, {
    names: ['localhost'],
    publicKeyPem: publicKeyToPem(nodePair.publicKey),
    now,
  });
  expect(await identityOf(certificatePem)).toMatchObject({ authorized: false });
});

test('a node that acts as an authority for another agency is not believed', async () => {
  const forged = buildCertificate({
    subject: 'H01',
    issuer: 'H52',
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + dayMs),
    subjectKey: nodePair.publicKey,
    issuerPublicKey: nodePair.publicKey,
    issuerPrivateKey: nodePair.privateKey,
    use: { kind: 'client', names: [{ kind: 'uri', uri: 'urn:lienthong:agency:H01' }] },
  });
  // The forgery itself is well made: its signature holds under the leaf.
  expect(new X509Certificate(forged).verify(nodePair.publicKey)).toBe(true);
  const chain = forged + nodeCertificatePem;
  expect(await identityOf(chain)).toMatchObject({ authorized: false, subjectCn: 'H01' });
});

test('the server shows its leaf and the root', async () => {
  using server = await startServer(options);
  const { port } = server;
  const socket = connect({ host: '127.0.0.1', port, ca: [], rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const leaf = socket.getPeerX509Certificate();
  socket.destroy();
  expect(certificateFingerprint(leaf?.raw ?? '')).toBe(serverCertificate.fingerprint);
  expect(certificateFingerprint(leaf?.issuerCertificate?.raw ?? '')).toBe(
    certificateFingerprint(authority.certificatePem),
  );
});

test('TLS 1.2 is refused', async () => {
  using server = await startServer(options);
  await expect(visit(server, { maxVersion: 'TLSv1.2' })).rejects.toThrow('protocol version');
  expect((await visit(server, { minVersion: 'TLSv1.3' })).resumed).toBe(false);
});

const ticketKeys = randomBytes(48);

// The careless rows are the control: the same server with tickets does resume, so this client can.
test.each([
  ['one careless server is resumed', { secureOptions: 0 }, undefined, true],
  ['our server is not resumed', {}, undefined, false],
  [
    'two careless servers with one ticket key is resumed',
    { secureOptions: 0, ticketKeys },
    { secureOptions: 0, ticketKeys },
    true,
  ],
  [
    'a careless server and ours with its ticket key is not resumed',
    { secureOptions: 0, ticketKeys },
    { ticketKeys },
    false,
  ],
])('a session between two visits to %s', async (_, one, two, resumes) => {
  const client = { key: nodeKeyPem, cert: nodeCertificatePem };
  using first = await startServer({ ...options, ...one });
  using second = two === undefined ? undefined : await startServer({ ...options, ...two });
  const { session } = await visit(first, client);
  expect(session).toBeDefined();
  const again = await visit(second ?? first, { ...client, session });
  expect(again.resumed).toBe(resumes);
  expect(again.identity).toMatchObject({ authorized: true, subjectCn: 'H52' });
});
