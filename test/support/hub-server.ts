/**
 * A test hub behind its real HTTP server: mutual TLS on loopback, every request authenticated. It
 * applies what arrives when told, and a test may interfere with an answer after the hub's own work
 * is done and committed: put another in its place, or cut the connection.
 */
import type { AddressInfo } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { buildApp } from '../../hub/src/http/app.ts';
import type { HttpLimits } from '../../hub/src/http/limits.ts';
import { serverTlsOptions } from '../../hub/src/pki/tls.ts';
import { applyBatches } from '../../hub/src/sync/apply-batches.ts';
import type { HubContext } from '../../hub/src/sync/context.ts';
import { openTestHub, type TestHub } from './test-hub.ts';

/** What is sent in place of the hub's answer; `cut`: nothing, the connection is destroyed. */
export type Interference =
  | 'cut'
  | Buffer
  | {
      readonly status: number;
      readonly body: Buffer;
      readonly headers?: Readonly<Record<string, string>>;
    };

export type Interfere = (
  path: string,
  body: Buffer,
) => Interference | undefined | Promise<Interference | undefined>;

export type HubServer = AsyncDisposable & {
  readonly hub: TestHub;
  readonly port: number;
  /** Asked for each answer while it is set. */
  interfere: Interfere | undefined;
  /** Raised by a test as an operator raises it after a restore. */
  incarnation: bigint;
  /** Whether what arrives is applied at once; else the test applies. */
  applies: boolean;
  /** Rung for each batch that was accepted, where a test opens queues. */
  ring: ((agency: string) => Promise<void>) | undefined;
  /** What went wrong while applying. */
  readonly faults: readonly unknown[];
  /** Cuts every connection and comes up again on the same port, as a process that was restarted. */
  readonly restart: () => Promise<void>;
  /** Resolves when nothing is being applied. */
  readonly settled: () => Promise<void>;
};

export async function openHubServer(
  options: Parameters<typeof openTestHub>[0] & {
    readonly applies?: boolean;
    readonly limits?: Partial<HttpLimits>;
  } = {},
): Promise<HubServer> {
  const hub = await openTestHub(options);
  const faults: unknown[] = [];
  const applying = new Set<Promise<void>>();
  const wakeApply: HubContext['wakeApply'] = async (agency) => {
    await hub.wakeApply(agency);
    await server.ring?.(agency);
    if (!server.applies) return;
    const run = applyBatches(hub, agency).then(
      () => undefined,
      (error: unknown) => void faults.push(error),
    );
    applying.add(run);
    void run.finally(() => applying.delete(run));
  };
  const { files } = hub;
  const listen = async (port: number): Promise<FastifyInstance> => {
    const app = buildApp({
      hub: {
        ...hub,
        get incarnation() {
          return server.incarnation;
        },
        wakeApply,
      },
      tls: serverTlsOptions({
        keyPem: files.serverKeyPem,
        certificatePem: files.serverCertificatePem,
        rootPem: files.rootPem,
      }),
      wakeTotals: async () => undefined,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    app.addHook('onSend', async (request, reply, payload) => {
      if (server.interfere === undefined) return payload;
      const body = payload instanceof Uint8Array ? Buffer.from(payload) : Buffer.alloc(0);
      const instead = await server.interfere(request.url, body);
      if (instead === undefined) return payload;
      if (instead === 'cut') {
        request.raw.socket.destroy();
        return payload;
      }
      if (Buffer.isBuffer(instead)) return instead;
      reply.code(instead.status).headers({ ...instead.headers });
      return instead.body;
    });
    await app.listen({ host: '127.0.0.1', port });
    return app;
  };
  const close = async (): Promise<void> => {
    app.server.closeAllConnections();
    await app.close();
  };
  const settled = async (): Promise<void> => {
    while (applying.size > 0) await Promise.all(applying);
  };
  let app = await listen(0);
  const { port } = app.server.address() as AddressInfo;
  const server: HubServer = {
    hub,
    port,
    interfere: undefined,
    incarnation: hub.incarnation,
    applies: options.applies ?? true,
    ring: undefined,
    faults,
    async restart() {
      await close();
      app = await listen(port);
    },
    settled,
    async [Symbol.asyncDispose]() {
      await close();
      await settled();
      await hub[Symbol.asyncDispose]();
    },
  };
  return server;
}
