/** A node with a synthetic population and its HTTP server, called by keys of several scopes without a socket. */
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { logTo } from '@lienthong/shared-schema/runtime/log.ts';
import type { FastifyInstance } from 'fastify';

import { buildApp } from '../../node/src/http/app.ts';
import type { NodeContext } from '../../node/src/sync/context.ts';
import { issueKey, type KeyOrder } from '../../node/src/sync/keys.ts';
import { loadPopulation } from '../constellation/load-population.ts';
import { openNodePlace } from './test-node.ts';

export type Call = {
  /** Name of a key; null: none. */
  readonly as: string | null;
  readonly method?: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  readonly url: string;
  /** As JSON. */
  readonly body?: unknown;
  /** In place of it, as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The text as JSON; tests look into it with matchers. */
  readonly json: Record<string, unknown>;
};

export type TestApi = AsyncDisposable & {
  readonly node: NodeContext;
  readonly app: FastifyInstance;
  readonly call: (call: Call) => Promise<Answered>;
  /** The rows of a query at the node's database. */
  readonly rowsOf: (
    text: string,
    ...values: readonly unknown[]
  ) => Promise<readonly Record<string, unknown>[]>;
  /** The key of this name, for a server of one's own. */
  readonly keyOf: (name: string) => string;
  readonly logged: () => string;
};

export async function openTestApi(
  keys: readonly Partial<KeyOrder>[],
  { size }: { readonly size: number },
): Promise<TestApi> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await openNodePlace('H52'));
  const database = stack.use(openDatabase(place.url, { max: 10, applicationName: 'test api' }));
  await loadPopulation(place.url, { seed: 11, agency: 'H52', size, today: '2026-11-21' });
  const lines: string[] = [];
  const log = logTo({ write: (line) => void lines.push(line) }, 'node', 'debug');
  const node = { database, agency: 'H52', now: () => new Date('2026-11-22T03:00:00Z'), log };
  const shown = new Map<string, string>();
  for (const { name = '', scopes = [], review = false, unit } of keys) {
    shown.set(name, (await issueKey(node, { name, scopes, review, unit })).key);
  }
  const app = buildApp(node, { limits: { requestsPerMinute: 1_000_000 } });
  stack.defer(() => app.close());
  const call = async ({ as, method = 'GET', url, body, raw, headers }: Call): Promise<Answered> => {
    const key = as === null ? {} : { authorization: `Bearer ${shown.get(as) ?? ''}` };
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const sent = payload === undefined ? {} : { payload };
    const typed = payload === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await app.inject({
      method,
      url,
      headers: { ...typed, ...key, ...headers },
      ...sent,
    });
    const json = answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, json };
  };
  const open = stack.move();
  return {
    node,
    app,
    call,
    async rowsOf(text, ...values) {
      const { rows } = await database.pool.query<Record<string, unknown>>(text, [...values]);
      return rows;
    },
    keyOf: (name) => shown.get(name) ?? '',
    logged: () => lines.join(''),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
