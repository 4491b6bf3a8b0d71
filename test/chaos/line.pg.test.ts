/** The line does what its faults say, to the byte; without them it changes nothing. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { type Line, openLine } from './line.ts';

type Echo = AsyncDisposable & {
  readonly line: Line;
  readonly open: () => Promise<Socket>;
  /** What reached the server on each connection, in the order of connections. */
  readonly received: Buffer[];
};

/** A server that says back what it hears, behind a line. */
async function openEcho(): Promise<Echo> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const at = received.push(Buffer.alloc(0)) - 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received[at] = Buffer.concat([received[at] ?? Buffer.alloc(0), chunk]);
      socket.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line = await openLine((server.address() as AddressInfo).port);
  return {
    line,
    received,
    async open() {
      const socket = connect(line.port, '127.0.0.1');
      sockets.add(socket);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await line[Symbol.asyncDispose]();
      server.close();
    },
  };
}

/** Sends, and collects what comes back until so many bytes are there or the connection ends. */
async function ask(socket: Socket, bytes: Buffer, withinMs = 2_000): Promise<Buffer> {
  const answer: Buffer[] = [];
  const size = (): number => answer.reduce((sum, one) => sum + one.length, 0);
  const take = (chunk: Buffer): void => void answer.push(chunk);
  socket.on('data', take);
  socket.write(bytes);
  const until = performance.now() + withinMs;
  while (size() < bytes.length && !socket.destroyed && performance.now() < until) await sleep(5);
  socket.off('data', take);
  return Buffer.concat(answer);
}

const message = Buffer.from('0123456789');

test('without a fault every byte passes both ways', async () => {
  await using echo = await openEcho();
  const big = Buffer.alloc(1_000_000, 'x');
  expect((await ask(await echo.open(), big, 10_000)).equals(big)).toBe(true);
});

test.each([
  ['up', 4, '0123', ''],
  ['down', 4, '0123456789', '0123'],
] as const)(
  'cut %s after byte %d: exactly so many arrive',
  async (direction, bytes, there, back) => {
    await using echo = await openEcho();
    const socket = await echo.open();
    echo.line.cutAfter(direction, bytes);
    const answer = (await ask(socket, message)).toString();
    expect(echo.line.cuts()).toBe(1);
    expect(echo.received[0]?.toString()).toBe(there);
    // what the server had echoed of the request may have come back before the cut
    expect(direction === 'down' ? answer : '').toBe(back);
    expect((await ask(await echo.open(), message)).toString()).toBe('0123456789');
  },
);

test('a half open connection swallows what is sent and tells nobody, until it is reset', async () => {
  await using echo = await openEcho();
  const socket = await echo.open();
  await ask(socket, message);
  const over = echo.line.halfOpen(400);
  expect(await ask(socket, message, 300)).toHaveLength(0);
  expect(socket.destroyed).toBe(false);
  expect((await ask(await echo.open(), message)).toString()).toBe('0123456789');
  await over;
  await expect.poll(() => socket.destroyed).toBe(true);
  expect(echo.received[0]?.toString()).toBe('0123456789');
});

test('a silent line delivers later what was sent meanwhile; a line that is down takes no connection', async () => {
  await using echo = await openEcho();
  const socket = await echo.open();
  await ask(socket, message);
  const silent = echo.line.stall(400);
  expect(await ask(socket, message, 200)).toHaveLength(0);
  await silent;
  await expect.poll(() => echo.received[0]?.length).toBe(20);
  const down = echo.line.goDown(300);
  expect(await ask(await echo.open(), message, 200)).toHaveLength(0);
  await down;
  expect((await ask(await echo.open(), message)).toString()).toBe('0123456789');
});

test('what a connection sent reaches the server once more on another one', async () => {
  await using echo = await openEcho();
  expect(await echo.line.replay()).toBe(false);
  await ask(await echo.open(), message);
  expect(await echo.line.replay()).toBe(true);
  expect(echo.received.map(String)).toEqual(['0123456789', '0123456789']);
});
