/** Corrections: where a reference source has another value than the unit. Looking at them, and deciding. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { listCorrections } from '../../db/corrections.ts';
import { readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { showCorrection } from '../../sync/corrections.ts';
import { acceptByKey, contestByKey, type Decider } from '../../sync/decide-correction.ts';
import { object, page, shapes } from '../answer-schemas.ts';
import { callerOf, noteRead, requireScope } from '../authenticate.ts';
import { answer, contract, type Words } from '../contract.ts';
import { cursorShapes, pageOf, readCursor } from '../cursor.ts';
import { asked, createHeaders, onceOf } from './asked.ts';
import { byPerson, deciderOf } from './decider.ts';

const { text, textOrNull, uuid, instant, instantOrNull, number64 } = shapes;
const params = Type.Object({ correctionId: Type.String({ pattern: '^[0-9a-f]{16}$' }) });
const strict = { additionalProperties: false } as const;
const query = Type.Object(
  {
    all: Type.Optional(
      Type.Boolean({ description: 'also those that were decided on and are not settled yet' }),
    ),
    ...asked.page(200),
  },
  strict,
);
const acceptBody = Type.Object({ by: byPerson }, strict);
const contestBody = Type.Object(
  { by: byPerson, reason: Type.String({ minLength: 1, maxLength: 1000 }) },
  strict,
);

const standings = ['open', 'accepted', 'contested'] as const;
const lineMembers = {
  id: text,
  recordId: uuid,
  source: text,
  section: text,
  field: text,
  asOf: { ...text, description: 'the day of the source’s data' },
  version: { ...number64, description: 'of the record, as it was compared' },
  since: instant,
  standing: { type: 'string', enum: standings },
};
const whole = object({
  ...lineMembers,
  unitValue: { ...text, description: 'as it was compared; empty: none' },
  currentValue: { ...text, description: 'what the unit has now; empty: none' },
  sourceValue: text,
  decidedBy: textOrNull,
  decidedAt: instantOrNull,
  reason: textOrNull,
});
const decided = object({
  id: text,
  recordId: uuid,
  standing: { type: 'string', enum: standings },
  changed: { type: 'boolean', description: 'whether the record has another value now' },
});

export function correctionRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const reading = requireScope(node, 'records:read');
  const deciding = requireScope(node, 'intake:review');
  const { db } = node.database;
  const decider = (request: FastifyRequest): Decider => {
    const caller = callerOf(request);
    return { node, source: caller.source, reader: readerOf(caller) };
  };
  const decisionWords = {
    tag: 'records',
    scope: 'intake:review',
    answers: { 200: answer('How it stands now.', decided) },
    refusals: [404, 409, 422],
    headers: createHeaders,
  } as const satisfies Partial<Words>;

  routes.get(
    '/api/v1/corrections',
    {
      onRequest: reading,
      schema: contract(
        { querystring: query },
        {
          tag: 'records',
          summary: 'Values of which a reference source has another, without the values',
          scope: 'records:read',
          answers: { 200: answer('A page, in order of id.', page(object(lineMembers))) },
        },
      ),
    },
    async (request) => {
      const { all = false, cursor, limit = 50 } = request.query;
      const [after] = cursor === undefined ? [] : readCursor(cursor, [cursorShapes.text]);
      const reader = readerOf(callerOf(request));
      const rows = await listCorrections(db, { all, after, limit: limit + 1, reader });
      return pageOf(rows, limit, (row) => [row.id]);
    },
  );

  routes.get(
    '/api/v1/corrections/:correctionId',
    {
      onRequest: reading,
      schema: contract(
        { params },
        {
          tag: 'records',
          summary: 'One correction, with the values of both sides',
          scope: 'records:read',
          answers: { 200: answer('The correction.', whole) },
          refusals: [404],
        },
      ),
    },
    async (request) => {
      const { correctionId } = request.params;
      noteRead(request, { recordId: null, asked: { correctionId } });
      const shown = await showCorrection(node.database, correctionId, readerOf(callerOf(request)));
      noteRead(request, { recordId: shown.recordId, asked: { correctionId } });
      return shown;
    },
  );

  routes.post(
    '/api/v1/corrections/:correctionId/accept',
    {
      onRequest: deciding,
      schema: contract(
        { params, body: acceptBody },
        {
          ...decisionWords,
          summary: 'Take the source’s value over',
          description: 'It is published at once and travels like any change: a person has decided.',
        },
      ),
    },
    async (request) => {
      const by = deciderOf(request, request.body.by);
      const order = { id: request.params.correctionId, by, once: onceOf(request) };
      return await acceptByKey(decider(request), order);
    },
  );

  routes.post(
    '/api/v1/corrections/:correctionId/contest',
    {
      onRequest: deciding,
      schema: contract(
        { params, body: contestBody },
        {
          ...decisionWords,
          summary: 'Keep the unit’s value, and tell the hub why',
        },
      ),
    },
    async (request) => {
      const { by: person, reason } = request.body;
      const by = deciderOf(request, person);
      const order = { id: request.params.correctionId, by, reason, once: onceOf(request) };
      return await contestByKey(decider(request), order);
    },
  );
}
