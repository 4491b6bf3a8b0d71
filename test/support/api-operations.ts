/** The operations of a node's API as its own OpenAPI document tells them, and records for them to find. */
import { employment } from '@lienthong/shared-schema/catalogue/person.ts';

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

export type LeftCorrection = {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly recordId: string;
  readonly field: string;
  /** Of section identity; by default what the record has. */
  readonly unitValue?: string;
  readonly sourceValue: string;
};

/** A correction as the feed brings it, from the population database. */
export async function leaveCorrection(
  { node }: Pick<TestApi, 'node'>,
  { id, recordId, field, unitValue, sourceValue }: LeftCorrection,
): Promise<void> {
  const { pool } = node.database;
  await pool.query(
    `insert into national.record (record_id, kind, version) values ($1, 2, 1) on conflict do nothing`,
    [recordId],
  );
  await pool.query(
    `insert into reference.comparison (record_id, source, state, as_of, version, hub_incarnation)
     values ($1, 'population', 'DIFFERS', '2026-11-01', 1, 1) on conflict do nothing`,
    [recordId],
  );
  await pool.query(
    `insert into reference.correction
       (id, record_id, source, section, field, unit_value, source_value, contested)
     select $1, $2, 'population', 'identity', $3,
       coalesce($4, to_jsonb(i) ->> $3, ''), $5, false
     from profile.identity i where record_id = $2`,
    [id, recordId, field, unitValue ?? null, sourceValue],
  );
}

/** Changes of a record, one a version, that were noted on a day long past and have not arrived. */
export async function leaveOverdue(
  { node }: Pick<TestApi, 'node'>,
  { recordId, versions = 1 }: { readonly recordId: string; readonly versions?: number },
): Promise<void> {
  await node.database.pool.query(
    `insert into sync.change (record_id, section, version, kind, event_on, noted_on, seq)
     select $1, $2, v, 'elsewhere', '2026-10-01', '2026-10-01', v from generate_series(1, $3) as v`,
    [recordId, employment.tag, versions],
  );
}
