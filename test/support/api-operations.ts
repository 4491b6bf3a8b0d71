/** The operations of a node's API as its own OpenAPI document tells them, with references put in place. */
import { resolved, type Schema, schemaOf } from './json-arbitrary.ts';
import type { Call, TestApi } from './test-api.ts';

export type Operation = {
  readonly path: string;
  readonly method: NonNullable<Call['method']>;
  readonly contract: Schema;
};

export async function readDocument({ call }: Pick<TestApi, 'call'>): Promise<Schema> {
  return (await call({ as: null, url: '/openapi.json' })).json;
}

export function operationsOf(document: Schema): readonly Operation[] {
  return Object.entries(schemaOf(document['paths']))
    .filter(([path]) => path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(schemaOf(methods)).map(([method, contract]): Operation => ({
        path,
        method: method.toUpperCase() as Operation['method'],
        contract: schemaOf(resolved(contract, document)),
      })),
    );
}

/** A change of a person's other names by a key whose data is reviewed: an import with one row that waits. */
export async function leaveChange(
  { call }: Pick<TestApi, 'call'>,
  { as, recordId }: { readonly as: string; readonly recordId: string },
): Promise<string> {
  const { headers } = await call({ as, url: `/api/v1/records/${recordId}` });
  const waiting = await call({
    as,
    method: 'PATCH',
    url: `/api/v1/records/${recordId}/sections/identity`,
    body: { other_names: 'Chờ' },
    headers: { 'if-match': String(headers['etag']) },
  });
  return (waiting.json['row'] as { readonly importId: string }).importId;
}
