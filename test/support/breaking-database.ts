/**
 * A database whose connection breaks at the n-th statement of its transactions: the socket is
 * destroyed just before the statement is sent, or just after, so that its outcome is never known.
 */
import type { Socket } from 'node:net';

import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import type pg from 'pg';

export type BreakPoint = { readonly statement: number; readonly when: 'before' | 'after' };

/** The same database, with one break; what does not run in a transaction is left alone. */
export function breakingDatabase(database: Database, point: BreakPoint): Database {
  let count = 0;
  const breakable = (client: pg.PoolClient): pg.PoolClient =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== 'query') return value.bind(target);
        return (...args: readonly unknown[]): unknown => {
          count += 1;
          if (count !== point.statement) return Reflect.apply(value, target, args);
          if (point.when === 'before') socketOf(target).destroy();
          const answer: unknown = Reflect.apply(value, target, args);
          // once the statement is in the socket, but before any answer can be read
          if (point.when === 'after') setImmediate(() => socketOf(target).destroy());
          return answer;
        };
      },
    });
  const pool = new Proxy(database.pool, {
    get(target, name) {
      if (name === 'connect') return async () => breakable(await target.connect());
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...database, pool };
}

function socketOf(client: pg.PoolClient): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection
    .stream;
}
