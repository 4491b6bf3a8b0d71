/**
 * A TCP proxy on loopback that is as slow as a bad line: each direction carries so many bytes a
 * second, shared by all connections chunk by chunk, and every byte arrives a fixed time after it has
 * gone through. What does not fit waits with the sender, as on a real line whose buffer is small.
 * It does not model loss, nor the slow start of a new connection.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type SlowProxy = AsyncDisposable & {
  readonly port: number;
  /** Connections that were opened so far. */
  readonly connections: () => number;
  /** Bytes that have gone into the line from the clients so far. */
  readonly sent: () => number;
  /** Destroys every connection, with what is on the way in it. */
  readonly cut: () => void;
};

export type SlowLine = {
  readonly delayMs: number;
  /** Bytes a second in each direction; without it the line has only its delay. */
  readonly bytesPerSecond?: number;
};

const chunkBytes = 16_384;
/** A timer that fires late does not make the line slower; nor does a pause so short make it faster. */
const catchUpMs = 20;

export async function openSlowProxy(targetPort: number, line: SlowLine): Promise<SlowProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  const up = openDirection(line);
  const down = openDirection(line);
  const server = createServer((client) => {
    connections += 1;
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      socket.setNoDelay(true);
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
    }
    up.carry(client, target);
    down.carry(target, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    sent: up.bytes,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

type Direction = {
  readonly carry: (from: Socket, to: Socket) => void;
  readonly bytes: () => number;
};

function openDirection({ delayMs, bytesPerSecond }: SlowLine): Direction {
  let bytes = 0;
  /** When the line has carried all that was given to it so far. */
  let freeAt = 0;
  const carryOn = async (from: Socket, to: Socket): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += chunkBytes) {
        const part = chunk.subarray(at, at + chunkBytes);
        const now = performance.now();
        const takesMs = bytesPerSecond === undefined ? 0 : (part.length / bytesPerSecond) * 1_000;
        freeAt = Math.max(freeAt, now - catchUpMs) + takesMs;
        bytes += part.length;
        if (freeAt - now >= 1) await sleep(freeAt - now);
        setTimeout(() => to.write(part), delayMs);
      }
    }
  };
  return {
    bytes: () => bytes,
    // the end of a connection takes the way of its bytes, in order behind them
    carry: (from, to) => {
      const end = (): void => void setTimeout(() => to.destroySoon(), delayMs);
      carryOn(from, to).then(end, end);
    },
  };
}
