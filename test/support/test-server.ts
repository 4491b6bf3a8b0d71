/**
 * The hub's server on loopback with real mutual TLS, and clients for it: with the certificate that
 * the hub issued, with a stranger's, or with none. A client keeps one connection.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';

import { privateKeyToPem } from '@lienthong/shared-schema/runtime/signature.ts';
import { refusal, type Refusal } from '@lienthong/shared-schema/wire/messages.ts';
import type { FastifyInstance } from 'fastify';

import { buildApp } from '../../hub/src/http/app.ts';
import type { HttpLimits } from '../../hub/src/http/limits.ts';
import { type Authority, issueNodeCertificate } from '../../hub/src/pki/authority.ts';
import { forgeRequest } from '../../hub/src/pki/request-fixture.ts';
import { createRsaKeyPair, type RsaKeyPair } from '../../hub/src/pki/rsa-key.ts';
import { serverTlsOptions } from '../../hub/src/pki/tls.ts';
import type { TestHub } from './test-hub.ts';

export type TestServer = AsyncDisposable & {
  readonly app: FastifyInstance;
  readonly port: number;
};

export async function serveTestHub(
  hub: TestHub,
  limits: Partial<HttpLimits> = {},
): Promise<TestServer> {
  const { files } = hub;
  const app = buildApp({
    hub,
    tls: serverTlsOptions({
      keyPem: files.serverKeyPem,
      certificatePem: files.serverCertificatePem,
      rootPem: files.rootPem,
    }),
    wakeTotals: async () => undefined,
    limits,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the hub has no port');
  return {
    app,
    port: address.port,
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

export type ClientCredentials = { readonly key: string; readonly cert: string };

let rsaKeys: Promise<RsaKeyPair> | undefined;

/** All clients of a test file have one TLS key: what tells them apart is the certificate. */
export async function issueTestCertificate(
  authority: Authority,
  agency: string,
  now = new Date(),
): Promise<ClientCredentials & { readonly fingerprint: string }> {
  rsaKeys ??= createRsaKeyPair();
  const pair = await rsaKeys;
  const csrPem = forgeRequest({ ...pair, subject: [{ name: 'commonName', value: agency }] });
  const issued = issueNodeCertificate(authority, { agency, csrPem, now });
  if (issued.kind === 'refused') throw new Error(issued.reason);
  return {
    key: privateKeyToPem(pair.privateKey),
    cert: issued.certificate.certificatePem,
    fingerprint: issued.certificate.fingerprint,
  };
}

/** Issues and registers, as an approval does. */
export async function certifyTestUnit(
  hub: TestHub,
  agency: string,
): Promise<ClientCredentials & { readonly fingerprint: string }> {
  const credentials = await issueTestCertificate(hub.authority, agency);
  await hub.database.pool.query(
    `insert into registry.certificate (fingerprint, agency, pem, not_after)
     values ($1, $2, $3, now() + interval '1 year')`,
    [credentials.fingerprint, agency, credentials.cert],
  );
  return credentials;
}

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  /** Whether the connection of an earlier request was used again. */
  readonly reused: boolean;
};

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
};

export class TestClient implements Disposable {
  readonly #agent: Agent;
  readonly #port: number;

  constructor(hub: TestHub, { port }: TestServer, credentials?: ClientCredentials) {
    this.#port = port;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: hub.files.rootPem,
      ...(credentials === undefined ? {} : { key: credentials.key, cert: credentials.cert }),
    });
  }

  async call({ method, path, body, headers = {} }: Call): Promise<Answer> {
    const sent = request({
      agent: this.#agent,
      host: '127.0.0.1',
      port: this.#port,
      method,
      path,
      headers: {
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/x-protobuf', 'content-length': body.length }),
        ...headers,
      },
    });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return {
      status: response.statusCode,
      headers: response.headers,
      body: await buffer(response),
      reused: sent.reusedSocket,
    };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** The refusal in an answer of `/sync`; throws where the body is none. */
export function refusalOf(answer: Answer): Refusal & { readonly status: number } {
  return { ...refusal.decode(answer.body), status: answer.status };
}
