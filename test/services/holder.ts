/**
 * A program for the tests of the services' end: opens PostgreSQL and Redis, says on one line of JSON what it holds, and then stays
 * until a signal comes or its standard input closes (the test is gone), or fails without catching it. It never disposes of anything.
 *
 *     node test/services/holder.ts DIRECTORY stay|throw
 */
import { openPostgres } from './postgres.ts';
import { openRedis } from './redis.ts';

export type Held = {
  readonly postgres: { readonly pid: number; readonly folder: string; readonly data: string };
  readonly redis?: { readonly pid: number; readonly folder: string };
};

const [directory = '', manner] = process.argv.slice(2);
const options = { directory, env: process.env };
const postgres = await openPostgres(options);
const redis = await openRedis(options);
process.stdout.write(`${JSON.stringify({ postgres: postgres.own, redis: redis.own })}\n`);
if (manner === 'throw') {
  setImmediate(() => {
    throw new Error('a failure that nobody catches');
  });
}
process.stdin.on('end', () => process.exit()).resume();
