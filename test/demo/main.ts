/**
 * `npm run demo`: a hub and three nodes on this machine, from nothing to proved equality. It prints
 * what happened, then stays up for looking around; `--exit` ends it, with status 1 if a check failed.
 *
 * `--json` adds one JSON object as the last line; `--queue redis` puts the queues on Redis;
 * `--empty-queues` empties them between any two steps, which must change nothing; `--people 500` makes
 * so many at each of two nodes, in place of 2000.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { openPostgres } from '../services/postgres.ts';
import { openRedis } from '../services/redis.ts';
import { stayUp, tellStory } from './story.ts';

const { values: flags } = parseArgs({
  options: {
    exit: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    queue: { type: 'string', default: 'postgres' },
    'empty-queues': { type: 'boolean', default: false },
    people: { type: 'string', default: '2000' },
  },
});

const directory = resolve('.data');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function peopleOf(text: string): number {
  const people = Number(text);
  // some of them are promoted later on
  if (Number.isSafeInteger(people) && people >= 100 && people <= 100_000) return people;
  throw new Error('--people has to be from 100 to 100000');
}

async function main(): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const stopped = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => done());
  });
  const postgres = stack.use(
    await openPostgres({ directory, env: process.env, durable: true, log: say }),
  );
  const redis =
    flags.queue === 'redis'
      ? stack.use(await openRedis({ directory, env: process.env }))
      : undefined;
  const run = `${process.pid}`;
  const story = tellStory({
    stack,
    say,
    directory: join(directory, `demo-${run}`),
    bars: process.stdout.isTTY,
    createDatabase: (name) => postgres.createDatabase(`lienthong_demo_${run}_${name}`),
    queueUrl: redis?.url,
    emptyQueues: flags['empty-queues'],
    people: peopleOf(flags.people),
  });
  const told = await Promise.race([story, stopped.then(() => undefined)]);
  if (told === undefined) return false;
  if (!flags.exit) for (const line of await stayUp(told)) say(line);
  if (flags.json) say(JSON.stringify(told.result));
  if (!flags.exit) await stopped;
  return told.result.ok;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(
    `The demo failed: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
