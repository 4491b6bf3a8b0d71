/**
 * Redis in a container, for a machine that has Docker but neither a Redis nor Debian's packages. The image is pulled if it is not
 * there. Testcontainers' own reaper removes the container if the calling process is killed.
 */
import { randomBytes } from 'node:crypto';

import { GenericContainer, Wait } from 'testcontainers';

const IMAGE = 'redis:7-alpine';
const PORT = 6379;

export async function startRedisContainer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const password = randomBytes(18).toString('base64url');
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(PORT)
    .withCommand([
      'redis-server',
      '--requirepass',
      password,
      '--save',
      '',
      '--appendonly',
      'no',
      '--maxmemory-policy',
      'noeviction',
    ])
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .start();
  return {
    url: `redis://:${password}@${container.getHost()}:${container.getMappedPort(PORT)}`,
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}
