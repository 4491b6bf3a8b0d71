/**
 * A port of 127.0.0.1 for a server that is to be started. Between finding a port free and taking it another program may be quicker,
 * so starting is repeated on another port when it failed for that reason.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const ATTEMPTS_MAX = 5;
const PORT_TAKEN = /address already in use/i;

/** Calls `start` with one port after another until it succeeds, or fails for any other reason than a taken port. */
export async function startOnFreePort<T>(
  start: (port: number) => Promise<T>,
  pickPort: () => Promise<number> = freePort,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await pickPort());
    } catch (error) {
      const taken = error instanceof Error && PORT_TAKEN.test(error.message);
      if (!taken || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
