/**
 * Sockets that hold a server's places: each sends the head of a request one byte a second and never
 * ends it, and opens again when it is cut. They come from many addresses of the loopback network, as
 * many from one as the hub lets an address have.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import { hubHttpLimits } from '../../hub/src/http/limits.ts';

export type SlowSockets = AsyncDisposable & {
  /** Open at the moment. */
  readonly open: () => number;
  /** So often the other side has ended one. */
  readonly cuts: () => number;
};

const head = 'POST /sync/v1/batches HTTP/1.1\r\nhost: hub\r\nx-slow: ';
const byteEveryMs = 1_000;
const reopenMs = 1_000;
const openAtOnce = 50;

/** Resolves when all of them have been open once. */
export async function openSlowSockets(
  address: { readonly host: string; readonly port: number },
  count: number,
): Promise<SlowSockets> {
  const open = new Set<TLSSocket>();
  const stop = new AbortController();
  let cuts = 0;
  const hold = async (index: number, onOpen: () => void): Promise<void> => {
    const place = Math.floor(index / hubHttpLimits.callerConnectionsMax);
    const localAddress = `127.1.${Math.floor(place / 250)}.${(place % 250) + 1}`;
    while (!stop.signal.aborted) {
      const line = connect({ ...address, localAddress });
      const socket = connectTls({ socket: line, rejectUnauthorized: false });
      const closed = Promise.withResolvers<void>();
      // an error is always followed by the close
      line.on('error', () => undefined);
      socket.on('error', () => undefined);
      socket.once('close', () => closed.resolve());
      socket.once('secureConnect', () => {
        open.add(socket);
        onOpen();
        socket.write(head);
      });
      const timer = setInterval(() => {
        if (open.has(socket)) socket.write('x');
      }, byteEveryMs);
      const abort = (): void => void socket.destroy();
      stop.signal.addEventListener('abort', abort, { once: true });
      await closed.promise;
      stop.signal.removeEventListener('abort', abort);
      clearInterval(timer);
      open.delete(socket);
      if (stop.signal.aborted) return;
      cuts += 1;
      await sleep(reopenMs);
    }
  };
  const held: Promise<void>[] = [];
  for (let from = 0; from < count; from += openAtOnce) {
    const opened = Array.from({ length: Math.min(openAtOnce, count - from) }, (_, n) => {
      const first = Promise.withResolvers<void>();
      held.push(hold(from + n, first.resolve));
      return first.promise;
    });
    await Promise.all(opened);
  }
  return {
    open: () => open.size,
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(held);
    },
  };
}
