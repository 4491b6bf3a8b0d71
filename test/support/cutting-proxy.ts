/**
 * A TCP proxy on loopback that passes bytes on, and cuts the connection in the middle of what the
 * server sends when a test says so. It sees TLS records only, as a bad line does.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type CuttingProxy = AsyncDisposable & {
  readonly port: number;
  /**
   * Asked for each chunk from the server while it is set: how many of its bytes pass before both
   * connections are destroyed, or undefined to pass it whole.
   */
  cut: ((chunk: Buffer) => Promise<number | undefined> | number | undefined) | undefined;
  /** Connections cut so far. */
  readonly cuts: () => number;
};

export async function openCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(target);
    passOn(target, client).catch(() => client.destroy());
  });
  const passOn = async (from: Socket, to: Socket): Promise<void> => {
    for await (const chunk of from.iterator({ destroyOnReturn: true }) as AsyncIterable<Buffer>) {
      const bytes = await proxy.cut?.(chunk);
      if (bytes === undefined) {
        to.write(chunk);
        continue;
      }
      cuts += 1;
      if (bytes > 0)
        await new Promise<void>((done) => to.write(chunk.subarray(0, bytes), () => done()));
      return;
    }
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: CuttingProxy = {
    port: (server.address() as AddressInfo).port,
    cut: undefined,
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
