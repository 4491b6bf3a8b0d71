/** Whether the node lives, how far it is, and what waits for people. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { ping } from '@lienthong/shared-schema/runtime/database.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { openTasks } from '../../db/code-lists.ts';
import { countNode } from '../../db/status.ts';
import { listTasks, taskKinds } from '../../db/tasks.ts';
import { NodeError } from '../../errors.ts';
import { readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { policyStatus } from '../../sync/policy-status.ts';
import { list, object, page, shapes } from '../answer-schemas.ts';
import { callerOf, requireScope } from '../authenticate.ts';
import { answer, contract } from '../contract.ts';
import { cursorShapes, pageOf, readCursor } from '../cursor.ts';
import { asked } from './asked.ts';

export function healthRoutes(app: FastifyInstance, node: NodeContext): void {
  app.get(
    '/health',
    { schema: { summary: 'Whether the node and its database answer' } },
    async () => {
      await ping(node.database.db);
      return { status: 'ok' };
    },
  );
}

const { count, number64, instant, instantOrNull, text, textOrNull, uuidOrNull } = shapes;

const codeListTask = object({
  list: text,
  version: count,
  raisedAt: instant,
  holders: { type: ['string', 'null'] },
  countedAt: instantOrNull,
});
const status = object({
  agency: text,
  people: count,
  activePeople: count,
  units: count,
  mirrored: count,
  unsealedRecords: count,
  sealedBatches: count,
  unreceiptedBatches: count,
  openVerdicts: count,
  waitingRows: count,
  refusedRows: count,
  receivedSeq: number64,
  appliedSeq: number64,
  safeSeq: number64,
  feedCursor: number64,
  proofAt: instantOrNull,
  policyVersion: text,
  narrowed: { type: 'object', additionalProperties: text },
  codeListTasks: list(codeListTask),
});

const task = object({
  kind: text,
  subject: text,
  recordId: uuidOrNull,
  importId: uuidOrNull,
  since: instant,
  due: { ...textOrNull, description: 'when it is to be done, where a law says so' },
  codes: list(text),
});
const tasksQuery = Type.Object(
  { kind: Type.Optional(Type.Enum([...taskKinds])), ...asked.page(200) },
  { additionalProperties: false },
);

export function statusRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const { db } = node.database;
  const onRequest = requireScope(node, 'status:read');

  routes.get(
    '/api/v1/status',
    {
      onRequest,
      schema: contract(
        {},
        {
          tag: 'node',
          summary: 'What waits, and how far the node is',
          description: 'For keys of the whole agency.',
          scope: 'status:read',
          answers: {
            200: answer('The node as a whole.', { ...status, additionalProperties: true }),
          },
        },
      ),
    },
    async (request) => {
      const { unit } = callerOf(request);
      if (unit !== null) throw new NodeError('NODE_UNIT_OUTSIDE', { detail: unit });
      const counts = await countNode(db);
      const policy = await policyStatus(db);
      const codeListTasks = await openTasks(db);
      return { agency: node.agency, ...counts, ...policy, codeListTasks };
    },
  );

  routes.get(
    '/api/v1/tasks',
    {
      onRequest,
      schema: contract(
        { querystring: tasksQuery },
        {
          tag: 'node',
          summary: 'What waits for people',
          description: 'No value of a person is in it.',
          scope: 'status:read',
          answers: { 200: answer('A page of tasks.', page(task)) },
        },
      ),
    },
    async (request) => {
      const { kind, cursor, limit = 50 } = request.query;
      const { text: any } = cursorShapes;
      const [lastKind, subject = ''] = cursor === undefined ? [] : readCursor(cursor, [any, any]);
      const known = taskKinds.find((one) => one === lastKind);
      if (cursor !== undefined && known === undefined) throw new NodeError('NODE_CURSOR_INVALID');
      const rows = await listTasks(db, {
        kinds: kind === undefined ? undefined : [kind],
        after: known === undefined ? undefined : { kind: known, subject },
        limit: limit + 1,
        reader: readerOf(callerOf(request)),
      });
      return pageOf(rows, limit, (row) => [row.kind, row.subject]);
    },
  );
}
