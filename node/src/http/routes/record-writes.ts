/**
 * Writing records. Every change says by If-Match which state of the record it is made on; whatever is
 * written goes through the intake, where a key without trust leaves it to a reviewer (202).
 */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { createRecord } from '../../sync/create-record.ts';
import { closeByKey, removeByKey, reopenByKey } from '../../sync/end-record.ts';
import type { Writer } from '../../sync/write-once.ts';
import { writeSection } from '../../sync/write-section.ts';
import { callerOf, requireScope } from '../authenticate.ts';
import { answer, contract, type Words } from '../contract.ts';
import { replyWrite } from '../reply-write.ts';
import { anySection, ref, sectionsSchema } from '../section-schema.ts';
import { createHeaders, ifMatchOf, onceOf, postHeaders, writeHeaders } from './asked.ts';
import { reasonText } from './decider.ts';
import { recordParams, sectionParams } from './records.ts';

export type Writing = {
  readonly node: NodeContext;
  readonly codeBook: (db: Db) => Promise<CodeBook>;
};

const correction = Type.Object(
  {
    correction: Type.Optional(
      Type.Boolean({ description: 'the record is closed, and what it says of the past was wrong' }),
    ),
  },
  { additionalProperties: false },
);
const closingBody = Type.Object(
  {
    status: Type.String({ minLength: 1, maxLength: 20, description: 'code of TRANG_THAI_HO_SO' }),
    date: Type.String({ maxLength: 10, description: 'YYYY-MM-DD, YYYY-MM or YYYY' }),
    decision: Type.Optional(Type.Union([Type.String({ maxLength: 120 }), Type.Null()])),
  },
  { additionalProperties: false },
);
const reopenBody = Type.Object(
  { reason: Type.Optional(reasonText) },
  { additionalProperties: false },
);
const removeBody = Type.Object({ reason: reasonText }, { additionalProperties: false });

const done = { 200: answer('Published, or unchanged.', ref('written')) } as const;
const waits = {
  202: answer('Waits for a reviewer; Location is its row.', ref('written')),
} as const;
const words = {
  tag: 'records',
  scope: 'records:write',
  answers: { ...done, ...waits },
  refusals: [404, 409, 412, 422, 428],
  headers: writeHeaders,
} as const satisfies Partial<Words>;

/** The form of the body is in the contract; what came is judged by the rules, with all faults at once. */
const judgedBody = Type.Unsafe<unknown>(anySection);
const newRecord = Type.Unsafe<unknown>({
  type: 'object',
  properties: { sections: sectionsSchema },
  required: ['sections'],
  additionalProperties: false,
});

export function recordWriteRoutes(app: FastifyInstance, { node, codeBook }: Writing): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireScope(node, 'records:write');
  const writerOf = (request: FastifyRequest): Writer => {
    const caller = callerOf(request);
    return { node, codeBook, source: caller.source, reader: readerOf(caller) };
  };
  const compile = app.validatorCompiler;
  const judged = {
    onRequest,
    validatorCompiler: (route: Parameters<NonNullable<typeof compile>>[0]) =>
      route.httpPart === 'body' || compile === undefined ? () => true : compile(route),
  };

  for (const [method, how] of [
    ['PUT', 'replace'],
    ['PATCH', 'merge'],
  ] as const) {
    routes.route({
      method,
      url: '/api/v1/records/:recordId/sections/:section',
      ...judged,
      schema: contract(
        { params: sectionParams, querystring: correction, body: judgedBody },
        {
          ...words,
          summary: how === 'replace' ? 'Replace a section' : 'Merge into a section (RFC 7396)',
          description:
            'A list is replaced whole. Fields that the key may not see stay as they are.',
          ...(how === 'merge'
            ? { consumes: ['application/merge-patch+json', 'application/json'] }
            : {}),
        },
      ),
      handler: async (request, reply) => {
        const { recordId, section } = request.params;
        const outcome = await writeSection(writerOf(request), {
          recordId,
          ifMatch: ifMatchOf(request),
          section: sectionNamed(section),
          how,
          json: request.body,
          correction: request.query.correction === true,
        });
        return replyWrite(reply, outcome);
      },
    });
  }

  routes.post(
    '/api/v1/records',
    {
      ...judged,
      schema: contract(
        { body: newRecord },
        {
          ...words,
          summary: 'A new person',
          answers: { 201: answer('Published; Location is the record.', ref('written')), ...waits },
          refusals: [409, 422],
          headers: createHeaders,
        },
      ),
    },
    async (request, reply) => {
      const order = { json: request.body, once: onceOf(request) };
      return replyWrite(reply, await createRecord(writerOf(request), order), { created: true });
    },
  );

  routes.post(
    '/api/v1/records/:recordId/close',
    {
      onRequest,
      schema: contract(
        { params: recordParams, body: closingBody },
        { ...words, summary: 'The person left, retired, moved or died', headers: postHeaders },
      ),
    },
    async (request, reply) => {
      const { status, date, decision } = request.body;
      const closing = {
        status,
        date,
        decision: decision === undefined || decision === null ? null : tidyText(decision) || null,
      };
      const held = expected(request.params, request);
      const outcome = await closeByKey(writerOf(request), { ...held, closing });
      return replyWrite(reply, outcome);
    },
  );

  routes.post(
    '/api/v1/records/:recordId/reopen',
    {
      onRequest,
      schema: contract(
        { params: recordParams, body: reopenBody },
        { ...words, summary: 'The person is back', answers: done, headers: postHeaders },
      ),
    },
    async (request, reply) => {
      const held = expected(request.params, request);
      const outcome = await reopenByKey(writerOf(request), {
        ...held,
        reason: request.body.reason,
      });
      return replyWrite(reply, outcome);
    },
  );

  routes.delete(
    '/api/v1/records/:recordId',
    {
      onRequest,
      schema: contract(
        { params: recordParams, body: removeBody },
        {
          ...words,
          summary: 'Take a record out of the unit’s own',
          description: 'It stays in the archive and can be put back.',
        },
      ),
    },
    async (request, reply) => {
      const { recordId } = request.params;
      const outcome = await removeByKey(writerOf(request), {
        recordId,
        ifMatch: ifMatchOf(request),
        reason: request.body.reason,
      });
      return replyWrite(reply, outcome);
    },
  );
}

const expected = ({ recordId }: { readonly recordId: string }, request: FastifyRequest) => ({
  recordId,
  ifMatch: ifMatchOf(request),
  once: onceOf(request),
});
