/**
 * What every address of the API has in its contract: who may call it, what it answers, and the refusals
 * that are the same everywhere. The types of a route follow from what it asks; its answers are held
 * against their schemas by a test.
 */
import type { TSchema } from 'typebox';

import type { JsonSchema } from './section-schema.ts';
import { ref } from './section-schema.ts';

export type Asked = {
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly body?: TSchema;
};

export type Words = {
  readonly tag: 'records' | 'units' | 'intake' | 'node' | 'dictionary';
  readonly summary: string;
  readonly description?: string;
  /** Null: any key in force. */
  readonly scope: string | null;
  /** Status → what the answer holds. */
  readonly answers: Readonly<Record<number, JsonSchema>>;
  /** Refusals besides those of every address. */
  readonly refusals?: readonly (keyof typeof refusalWords)[];
  readonly consumes?: readonly string[];
  readonly headers?: JsonSchema;
};

const refusalWords = {
  404: 'There is no such thing, or none that the key may see.',
  409: 'It is not in the state that this needs.',
  412: 'The record was changed since it was read; ETag has its state now.',
  422: 'What was sent has errors: all of them are named.',
  428: 'If-Match is missing.',
} as const;

const everywhere = {
  400: 'The request does not fit the contract.',
  401: 'No key in force was shown.',
  403: 'The key may not do this.',
  413: 'The body is too large.',
  415: 'The body is no JSON.',
  429: 'The key asks too often: Retry-After says when to go on.',
  503: 'The node is busy: Retry-After says when to go on.',
} as const;

/** The schema of a route: `asked`, which gives it its types, and the rest of its contract. */
export function contract<const S extends Asked>(asked: S, words: Words): S {
  const { tag, summary, description, scope, answers, refusals = [], consumes, headers } = words;
  const allowed = scope === null ? 'Any key in force.' : `Scope \`${scope}\`.`;
  const more = refusals.map((status) => [status, problem(refusalWords[status])] as const);
  const common = Object.entries(everywhere).map(
    ([status, told]) => [status, problem(told)] as const,
  );
  const rest = {
    tags: [tag],
    summary,
    description: description === undefined ? allowed : `${description} ${allowed}`,
    security: [{ key: [] }],
    response: { ...answers, ...Object.fromEntries(common), ...Object.fromEntries(more) },
    ...(consumes === undefined ? {} : { consumes }),
    ...(headers === undefined ? {} : { headers }),
  };
  return { ...asked, ...rest };
}

const problem = (description: string): JsonSchema => ({
  description,
  content: { 'application/problem+json': { schema: ref('problem') } },
});

/** An answer as JSON. */
export const answer = (description: string, schema: JsonSchema): JsonSchema => ({
  description,
  content: { 'application/json': { schema } },
});
