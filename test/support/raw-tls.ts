/** Bytes on a TLS connection as they are, for what no HTTP client would send. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ConnectionOptions } from 'node:tls';

export type RawAnswer = {
  /** Everything that came until the other side closed, or was silent. */
  readonly text: string;
  /** The status of each answer in it, in order. */
  readonly statuses: readonly number[];
  readonly closed: boolean;
};

/** Silence after which nothing more is expected: after something came, and before anything did. */
const quietMs = { after: 100, before: 400 };

/**
 * Sends the bytes and reads until the other side closes or is silent, then says that no more will
 * come and reads to the end. `closed: false` is a connection that is still open after `deadlineMs`;
 * with `deadlineMs` 0 it is left at the first silence.
 */
export async function exchangeRaw(
  options: ConnectionOptions & { readonly deadlineMs: number },
  bytes: Uint8Array | string,
): Promise<RawAnswer> {
  const { deadlineMs, ...to } = options;
  const socket = connect({ host: '127.0.0.1', ...to });
  const chunks: Buffer[] = [];
  let heardAt = performance.now();
  const closing = Promise.withResolvers<true>();
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    heardAt = performance.now();
  });
  // an error is always followed by the close
  socket.on('error', () => undefined);
  socket.on('close', () => closing.resolve(true));
  const within = (ms: number): Promise<boolean> =>
    Promise.race([closing.promise, sleep(ms, false, { ref: false })]);
  await Promise.race([once(socket, 'secureConnect').catch(() => undefined), closing.promise]);
  socket.write(bytes);
  heardAt = performance.now();
  let closed = false;
  const isQuiet = (): boolean =>
    performance.now() - heardAt > (chunks.length > 0 ? quietMs.after : quietMs.before);
  while (!closed && !isQuiet()) closed = await within(20);
  socket.end();
  closed ||= deadlineMs > 0 && (await within(deadlineMs));
  socket.destroy();
  const text = Buffer.concat(chunks).toString('latin1');
  const statuses = Array.from(text.matchAll(/^HTTP\/1\.[01] ([0-9]{3})/gmu), ([, status]) =>
    Number(status),
  );
  return { text, statuses, closed };
}
