/**
 * A node's line to the hub, which fails in every way that lines do: cut after any byte of a request
 * or an answer, slow, late, silent for a while, down, half open (what is sent vanishes and nobody is
 * told), and with a stranger who plays recorded bytes to the hub once more. It sees TLS records only.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Direction = 'up' | 'down';

export type Line = AsyncDisposable & {
  readonly port: number;
  /** Cuts the connection that carries the nth byte from now on in this direction, right after it. */
  readonly cutAfter: (direction: Direction, bytes: number) => void;
  /** Each of these holds for so long and ends by itself. */
  readonly delay: (ms: number, forMs: number) => Promise<void>;
  readonly stall: (forMs: number) => Promise<void>;
  readonly limit: (bytesPerSecond: number, forMs: number) => Promise<void>;
  readonly goDown: (forMs: number) => Promise<void>;
  /** Connections that are open now swallow everything; after so long they are reset. */
  readonly halfOpen: (forMs: number) => Promise<void>;
  /** A second connection to the hub with the bytes that the last one sent; false: none was seen yet. */
  readonly replay: () => Promise<boolean>;
  readonly cuts: () => number;
};

type Way = {
  readonly client: Socket;
  readonly target: Socket;
  dead: boolean;
  /** What its client has sent, up to a bound. */
  readonly recorded: Buffer[];
};

const recordedMax = 256 * 1024;
const replayMs = 1_500;

export async function openLine(targetPort: number): Promise<Line> {
  const ways = new Set<Way>();
  const toCut: Record<Direction, number | undefined> = { up: undefined, down: undefined };
  let delayMs = 0;
  let bytesPerSecond = Infinity;
  let stalled: Promise<void> | undefined;
  let isDown = false;
  let cuts = 0;
  let newest: Way | undefined;

  const reset = (way: Way): void => {
    way.client.destroy();
    way.target.destroy();
  };
  const carry = async (way: Way, direction: Direction): Promise<void> => {
    const [from, to] = direction === 'up' ? [way.client, way.target] : [way.target, way.client];
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (direction === 'up') record(way, chunk);
      if (way.dead) continue;
      await stalled;
      if (delayMs > 0) await sleep(delayMs);
      if (bytesPerSecond < Infinity) await sleep((chunk.length / bytesPerSecond) * 1_000);
      const left = toCut[direction];
      if (left !== undefined && chunk.length >= left) {
        toCut[direction] = undefined;
        cuts += 1;
        await new Promise<void>((done) => to.write(chunk.subarray(0, left), () => done()));
        reset(way);
        return;
      }
      if (left !== undefined) toCut[direction] = left - chunk.length;
      if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
  };
  const record = (way: Way, chunk: Buffer): void => {
    const size = way.recorded.reduce((sum, one) => sum + one.length, 0);
    if (size + chunk.length <= recordedMax) way.recorded.push(chunk);
  };
  const server = createServer((client) => {
    if (isDown) return void client.destroy();
    const target = connect(targetPort, '127.0.0.1');
    const way: Way = { client, target, dead: false, recorded: [] };
    ways.add(way);
    newest = way;
    const closed = (): void => {
      // neither side of a half-open connection hears of the other's end
      if (way.dead) return;
      ways.delete(way);
      reset(way);
    };
    for (const socket of [client, target]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', closed);
    }
    carry(way, 'up').catch(closed);
    carry(way, 'down').catch(closed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    cutAfter: (direction, bytes) => {
      toCut[direction] = bytes;
    },
    async delay(ms, forMs) {
      delayMs = ms;
      await sleep(forMs);
      delayMs = 0;
    },
    async stall(forMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      stalled = promise;
      await sleep(forMs);
      stalled = undefined;
      resolve();
    },
    async limit(rate, forMs) {
      bytesPerSecond = rate;
      await sleep(forMs);
      bytesPerSecond = Infinity;
    },
    async goDown(forMs) {
      isDown = true;
      for (const way of ways) reset(way);
      await sleep(forMs);
      isDown = false;
    },
    async halfOpen(forMs) {
      const victims = [...ways];
      for (const way of victims) way.dead = true;
      await sleep(forMs);
      for (const way of victims) {
        reset(way);
        ways.delete(way);
      }
    },
    async replay() {
      const bytes = Buffer.concat(newest?.recorded ?? []);
      if (bytes.length === 0) return false;
      const socket = connect(targetPort, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      socket.write(bytes);
      await sleep(replayMs);
      socket.destroy();
      return true;
    },
    async [Symbol.asyncDispose]() {
      for (const way of ways) reset(way);
      server.close();
      await once(server, 'close');
    },
  };
}
