import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Redis as RedisClient } from 'ioredis';
import { describe, expect, test } from 'vitest';

import { redisUrl } from '../support/database.ts';
import { isRunning } from './process-identity.ts';
import { type RedisSource, redisOnPath, unpackedRedis } from './redis-binaries.ts';
import { REDIS_URL_VARIABLE, openRedis } from './redis.ts';
import { openScratch } from './scratch.ts';

const NOTHING_SET = { ...process.env, [REDIS_URL_VARIABLE]: '' };
const WORKING_SPACE = fileURLToPath(new URL('../../.data', import.meta.url));

/** The server on PATH, and the unpacked one where the global setup had to resort to it. */
async function sourcesOfThisMachine(): Promise<readonly RedisSource[]> {
  const unpacked = existsSync(join(WORKING_SPACE, 'redis')) ? [unpackedRedis()] : [];
  const onPath = await redisOnPath()
    .find({ directory: WORKING_SPACE, env: NOTHING_SET })
    .then(
      () => [redisOnPath()],
      () => [],
    );
  // The programs are looked for in the working space, while the server's own folder lies elsewhere.
  return [...onPath, ...unpacked].map((source) => ({
    origin: source.origin,
    find: ({ env }) => source.find({ directory: WORKING_SPACE, env }),
  }));
}

async function withRedis<T>(url: string, use: (client: RedisClient) => Promise<T>): Promise<T> {
  const client = new RedisClient(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

test('the Redis of this run answers', async () => {
  expect(await withRedis(redisUrl(), (client) => client.ping())).toBe('PONG');
});

describe.each(await sourcesOfThisMachine())('the $origin server', (source) => {
  test('that is killed comes back at its address, empty', async () => {
    await using scratch = await openScratch();
    await using server = await openRedis({
      directory: scratch.path,
      env: NOTHING_SET,
      sources: [source],
    });
    await withRedis(server.url, (client) => client.set('kept', '1'));
    process.kill(server.own?.pid ?? 0, 'SIGKILL');
    await server.own?.startAgain();
    expect(await withRedis(server.url, (client) => client.get('kept'))).toBeNull();
  });

  test('evicts and keeps nothing, asks for a password, and is gone after dispose', async () => {
    await using scratch = await openScratch();
    const server = await openRedis({
      directory: scratch.path,
      env: NOTHING_SET,
      sources: [source],
    });
    const pid = server.own?.pid ?? 0;
    try {
      expect(server.origin).toBe(source.origin);
      const settings = await withRedis(server.url, async (client) => [
        await client.config('GET', 'maxmemory-policy'),
        await client.config('GET', 'save'),
        await client.config('GET', 'bind'),
      ]);
      expect(settings.flat().map(String)).toEqual(
        expect.arrayContaining(['noeviction', '', '127.0.0.1']),
      );
      const open = new URL(server.url);
      open.password = '';
      await expect(withRedis(open.href, (client) => client.get('a'))).rejects.toThrow(/NOAUTH/);
      expect(isRunning(pid)).toBe(true);
    } finally {
      await server[Symbol.asyncDispose]();
    }
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(server.own?.folder ?? scratch.path)).toBe(false);
    expect(await readdir(join(scratch.path, 'services'))).toEqual([]);
  });
});

test('a server from the environment is used and not stopped', async () => {
  const url = redisUrl();
  const redis = await openRedis({ directory: 'unused', env: { [REDIS_URL_VARIABLE]: url } });
  expect(redis.origin).toBe('environment');
  expect(redis.url).toBe(url);
  await redis[Symbol.asyncDispose]();
  expect(await withRedis(url, (client) => client.ping())).toBe('PONG');
});

test('an environment URL that does not answer is an error of its own', async () => {
  const env = { [REDIS_URL_VARIABLE]: 'redis://127.0.0.1:1' };
  await expect(openRedis({ directory: 'unused', env })).rejects.toThrow(
    /LIENTHONG_TEST_REDIS_URL names a server that does not answer: .*ECONNREFUSED/,
  );
});

test('where there is no Redis at all, one error says what was tried and what mends it', async () => {
  await using scratch = await openScratch();
  const opening = openRedis({
    directory: scratch.path,
    env: { PATH: '/nonexistent' },
    sources: [redisOnPath()],
    container: () => Promise.reject(new Error('no container runtime')),
  });
  const error = await opening.catch((reason: unknown) => reason);
  expect(String(error)).toMatch(
    /No Redis could be had.*\n.*URL: not set\n.*path: neither.*\n.*container: no container runtime\n.*sudo apt-get install redis-server$/,
  );
});
