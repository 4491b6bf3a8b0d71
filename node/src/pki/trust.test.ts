import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { createServer } from 'node:tls';

import { certificateFingerprint } from '@lienthong/shared-schema/runtime/certificate.ts';
import { expect, test } from 'vitest';

import { createIssuer, createKeyFixture, issueLeaf } from './authority-fixture.ts';
import { fetchTrustedRoot } from './trust.ts';

const root = createIssuer('Test root');
// The same name as the hub's root, so that only keys and fingerprints tell them apart.
const impostor = createIssuer('Test root');
const key = createKeyFixture();
const hosts = ['127.0.0.1', 'localhost'];
const leafPlan = { commonName: 'hub', publicPem: key.publicPem, hosts };
const leaf = issueLeaf(root, leafPlan);
const fingerprint = certificateFingerprint(root.certificatePem);

type TestServer = Disposable & {
  readonly port: number;
  readonly seen: { connections: number; handshakes: number; bytes: number; closed: number };
};

async function listen(server: Server, seen: TestServer['seen']): Promise<TestServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { port: address.port, seen, [Symbol.dispose]: () => server.close() };
}

/** Presents the chain and counts what the client does. */
async function startHub(chain: string, tls: TlsOptions = {}): Promise<TestServer> {
  const seen = { connections: 0, handshakes: 0, bytes: 0, closed: 0 };
  const server = createServer({ key: key.privatePem, cert: chain, ...tls }, (socket) => {
    seen.handshakes += 1;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      seen.bytes += bytes.length;
    });
  });
  server.on('connection', (socket) => {
    seen.connections += 1;
    socket.on('close', () => {
      seen.closed += 1;
    });
  });
  return await listen(server, seen);
}

async function trust(
  server: TestServer,
  change: {
    readonly host?: string;
    readonly fingerprint?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<string> {
  const { port } = server;
  return await fetchTrustedRoot({
    host: '127.0.0.1',
    port,
    fingerprint,
    timeoutMs: 5000,
    ...change,
  });
}

/** What the server saw in all, once the client has closed every connection. */
async function seenBy({ seen }: TestServer): Promise<Omit<TestServer['seen'], 'closed'>> {
  await expect.poll(() => seen.closed).toBe(seen.connections);
  const { closed, ...rest } = seen;
  expect(closed).toBeGreaterThan(0);
  return rest;
}

async function faultOf(promise: Promise<unknown>): Promise<{ fault: unknown; message: string }> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  assert.ok(error instanceof Error && 'fault' in error, 'it fails with a fault');
  expect(error.message).toContain('Nothing was sent');
  return { fault: error.fault, message: error.message };
}

test.each(hosts)('the root of the invitation is learnt from the hub at %s', async (host) => {
  using hub = await startHub(leaf + root.certificatePem);
  const pem = await trust(hub, { host });
  expect(certificateFingerprint(pem)).toBe(fingerprint);
  expect(await seenBy(hub)).toEqual({ connections: 2, handshakes: 2, bytes: 0 });
});

test('the hub of another authority is refused after one connection without a byte', async () => {
  const chain = issueLeaf(impostor, leafPlan) + impostor.certificatePem;
  using hub = await startHub(chain);
  const { fault, message } = await faultOf(trust(hub));
  expect(fault).toBe('fingerprint-differs');
  expect(message).toContain('Somebody may be in between');
  expect(message).toContain('new invitation by another way');
  expect(await seenBy(hub)).toEqual({ connections: 1, handshakes: 1, bytes: 0 });
});

test('a fingerprint that differs in its last digit is refused', async () => {
  using hub = await startHub(leaf + root.certificatePem);
  const last = fingerprint.endsWith('0') ? '1' : '0';
  const almost = fingerprint.slice(0, -1) + last;
  expect((await faultOf(trust(hub, { fingerprint: almost }))).fault).toBe('fingerprint-differs');
  expect(await seenBy(hub)).toEqual({ connections: 1, handshakes: 1, bytes: 0 });
});

test('somebody who shows a copy of the right root over a leaf of his own is refused', async () => {
  using hub = await startHub(issueLeaf(impostor, leafPlan) + root.certificatePem);
  const { fault, message } = await faultOf(trust(hub));
  expect(fault).toBe('not-verified');
  expect(message).toContain('CERT_SIGNATURE_FAILURE');
  expect(await seenBy(hub)).toMatchObject({ connections: 2, bytes: 0 });
});

test('a node that poses as the hub with its own certificate is refused', async () => {
  const nodeLeaf = issueLeaf(root, { ...leafPlan, commonName: 'H52', purpose: 'clientAuth' });
  using hub = await startHub(nodeLeaf + root.certificatePem);
  const { fault, message } = await faultOf(trust(hub));
  expect(fault).toBe('not-verified');
  expect(message).toContain('INVALID_PURPOSE');
});

test('a certificate issued by a leaf of the right root is refused', async () => {
  const leafIssuer = { ...key, commonName: 'hub' };
  const forged = issueLeaf(leafIssuer, { ...leafPlan, commonName: 'forged' });
  using hub = await startHub(forged + leaf + root.certificatePem);
  const { fault, message } = await faultOf(trust(hub));
  expect(fault).toBe('not-verified');
  expect(message).toMatch(/does not include certificate signing|invalid CA certificate/u);
});

test('an expired certificate of the hub is refused', async () => {
  const notAfter = new Date(Date.now() - 1000);
  using hub = await startHub(issueLeaf(root, { ...leafPlan, notAfter }) + root.certificatePem);
  const { fault, message } = await faultOf(trust(hub));
  expect(fault).toBe('not-verified');
  expect(message).toContain('CERT_HAS_EXPIRED');
});

test.each(hosts)('a certificate for another host than %s is refused', async (host) => {
  const others = ['hub.example.test', '127.0.0.2'];
  using hub = await startHub(issueLeaf(root, { ...leafPlan, hosts: others }) + root.certificatePem);
  const { fault, message } = await faultOf(trust(hub, { host }));
  expect(fault).toBe('not-verified');
  expect(message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('a server that shows its leaf only is not a hub', async () => {
  using hub = await startHub(leaf);
  expect((await faultOf(trust(hub))).fault).toBe('no-root');
});

test('a self-signed certificate that is no authority is not taken for a root', async () => {
  const selfSigned = issueLeaf({ ...key, commonName: 'hub' }, leafPlan);
  using hub = await startHub(selfSigned);
  const own = certificateFingerprint(selfSigned);
  expect((await faultOf(trust(hub, { fingerprint: own }))).fault).toBe('no-root');
});

test('a closed port, TLS 1.2 and a server that never answers are unreachable', async () => {
  const closed = await startHub(leaf);
  closed[Symbol.dispose]();
  using old = await startHub(leaf + root.certificatePem, { maxVersion: 'TLSv1.2' });
  const seen = { connections: 0, handshakes: 0, bytes: 0, closed: 0 };
  const held: Disposable[] = [];
  const silentServer = createTcpServer((socket) => {
    held.push({ [Symbol.dispose]: () => socket.destroy() });
  });
  using silent = await listen(silentServer, seen);
  const faults = await Promise.all([
    faultOf(trust(closed)),
    faultOf(trust(old)),
    faultOf(trust(silent, { timeoutMs: 200 })),
  ]);
  expect(faults.map(({ fault }) => fault)).toEqual(['unreachable', 'unreachable', 'unreachable']);
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringContaining('ECONNREFUSED'),
    expect.stringContaining('PROTOCOL_VERSION'),
    expect.stringContaining('no answer in 200 ms'),
  ]);
  for (const socket of held) socket[Symbol.dispose]();
});

test.each(['', 'ab', 'AA'.repeat(32), `${'aa'.repeat(32)}\n`])(
  'the fingerprint %j is a programming error',
  async (wrong) => {
    using hub = await startHub(leaf + root.certificatePem);
    await expect(trust(hub, { fingerprint: wrong })).rejects.toThrow('64 lower-case hex digits');
    expect(hub.seen.connections).toBe(0);
  },
);
