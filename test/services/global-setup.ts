/**
 * Vitest's global setup of the projects `pg` and `system`: one PostgreSQL and one Redis for the run, whichever of the two projects
 * comes first. PostgreSQL must be had; where Redis cannot, only the tests that ask for it fail, with the reason and the mending
 * command. A run of the unit tests starts nothing.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import type { TestProject } from 'vitest/node';

import { dropDatabases } from './postgres-databases.ts';
import { openPostgres } from './postgres.ts';
import type { ProvidedPostgres, ProvidedRedis } from './provided.ts';
import { openRedis } from './redis.ts';
import { openScratch } from './scratch.ts';

type Services = AsyncDisposable & {
  readonly postgres: ProvidedPostgres;
  readonly redis: ProvidedRedis;
  readonly folder: string;
};

const DIRECTORY = fileURLToPath(new URL('../../.data', import.meta.url));

/**
 * Vitest loads this module once for each project, so what the projects share cannot be a variable of the module. The services end
 * with the project that is the last to let go of them.
 */
const shared = sharedOfProcess();

type Shared = { services?: Promise<Services>; users: number };

function sharedOfProcess(): Shared {
  const key = Symbol.for('lienthong.test.services');
  const existing: Shared | undefined = Reflect.get(globalThis, key);
  if (existing !== undefined) return existing;
  const made: Shared = { users: 0 };
  Reflect.set(globalThis, key, made);
  return made;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users += 1;
  const services = await (shared.services ??= openServices());
  project.provide('postgres', services.postgres);
  project.provide('redis', services.redis);
  project.provide('folder', services.folder);
  const { adminUrl, prefix } = services.postgres;
  // While watching: what the templates were prepared with may have changed.
  project.onTestsRerun(() => dropDatabases(adminUrl, `${prefix}template_`));
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete shared.services;
    await services[Symbol.asyncDispose]();
  };
}

async function openServices(): Promise<Services> {
  await using stack = new AsyncDisposableStack();
  const options = { directory: DIRECTORY, env: process.env };
  const folder = stack.use(await openScratch());
  // One after the other, so that a failure of the first leaves no second one behind.
  const postgres = stack.use(await openPostgres(options));
  const prefix = `lienthong_${randomBytes(4).toString('hex')}_`;
  // Test files that were cut short have not dropped theirs; a server of our own goes as a whole anyway.
  if (postgres.origin === 'environment') {
    stack.defer(() => dropDatabases(postgres.adminUrl, prefix));
  }
  const redis = await openRedis(options).catch((error: unknown) => ({
    unavailable: error instanceof Error ? error.message : String(error),
  }));
  if ('url' in redis) stack.use(redis);
  const { adminUrl, origin, version } = postgres;
  const owned = stack.move();
  return {
    postgres: { adminUrl, origin, version, prefix },
    redis: 'url' in redis ? { url: redis.url } : redis,
    folder: folder.path,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
