/** Deciding about rows of the intake: publish, reject, take up again, judge again. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { NodeError } from '../../errors.ts';
import { readerOf } from '../../protocol/reader.ts';
import type { ReviewAction } from '../../protocol/review.ts';
import type { NodeContext } from '../../sync/context.ts';
import { inTurn } from '../../sync/in-turn.ts';
import { recheckImport } from '../../sync/recheck-import.ts';
import { mustSeeImport, seenSelection } from '../../sync/review-as.ts';
import {
  publishReviewed,
  rejectReviewed,
  type Selection,
  takeUpReviewed,
} from '../../sync/review.ts';
import { counts, list, object, shapes } from '../answer-schemas.ts';
import { callerOf, requireScope } from '../authenticate.ts';
import { answer, contract, type Words } from '../contract.ts';
import { ref } from '../section-schema.ts';
import { unitCode } from './asked-unit.ts';
import { byPerson, deciderOf, reasonText } from './decider.ts';
import { findingCode, importParams, rowKinds } from './intake.ts';

const rowsMax = 1000;

/** Rows by name, or those that the filter lets through; one of them, or `all`, must be there. */
const selection = {
  rows: Type.Optional(
    Type.Array(
      Type.Object({
        sheet: Type.String({ maxLength: 200 }),
        row: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
      }),
      { minItems: 1, maxItems: rowsMax },
    ),
  ),
  unit: Type.Optional(unitCode),
  finding: Type.Optional(findingCode),
  kind: Type.Optional(rowKinds),
  all: Type.Optional(Type.Boolean()),
};

const strict = { additionalProperties: false } as const;
const publishBody = Type.Object(
  {
    ...selection,
    by: byPerson,
    reason: Type.Optional(reasonText),
    correctsClosed: Type.Optional(Type.Boolean()),
    ifUnchanged: Type.Optional(Type.Boolean()),
  },
  strict,
);
const rejectBody = Type.Object({ ...selection, by: byPerson, reason: reasonText }, strict);
const takeUpBody = Type.Object(
  { ...selection, by: byPerson, reason: Type.Optional(reasonText) },
  strict,
);
const recheckBody = Type.Object({ by: byPerson }, strict);

const { count } = shapes;
const past = list(ref('standing'));
const published = object({
  published: count,
  unchanged: count,
  held: counts,
  changedSince: count,
  past,
});
const decided = object({ rows: count, past });
const open = object({ waiting: count, refused: count });

type Asked = {
  readonly rows?: readonly { readonly sheet: string; readonly row: number }[];
  readonly unit?: string;
  readonly finding?: string;
  readonly kind?: 'unit' | 'person' | 'list-row';
  readonly all?: boolean;
  readonly by?: string;
};

export function reviewRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireScope(node, 'intake:review');
  const { database } = node;
  const words = {
    tag: 'intake',
    scope: 'intake:review',
    description:
      'Rows by name, or a filter, or all. Rows that somebody else has decided are in `past`.',
    refusals: [404, 409],
  } as const satisfies Partial<Words>;

  /** What the use cases are given, narrowed to what the key may see just now: ask in the turn. */
  const orderOf = async (
    request: FastifyRequest,
    {
      action,
      importId,
      asked,
    }: {
      readonly action: ReviewAction;
      readonly importId: string;
      readonly asked: Asked;
    },
  ): Promise<{ importId: string; selection: Selection; by: string }> => {
    const { rows, unit, finding, kind, all } = asked;
    const isNamed = [rows, unit, finding, kind].some((one) => one !== undefined);
    if (!isNamed && all !== true) throw new NodeError('NODE_SELECTION_EMPTY');
    const wanted: Selection = { rows, unit, finding, kind };
    const reader = readerOf(callerOf(request));
    const seen = await seenSelection(database.db, reader, { action, importId, selection: wanted });
    return { importId, selection: seen, by: deciderOf(request, asked.by) };
  };

  routes.post(
    '/api/v1/intake/:importId/publish',
    {
      onRequest,
      schema: contract(
        { params: importParams, body: publishBody },
        {
          ...words,
          summary: 'Publish rows that wait',
          answers: { 200: answer('What came of it.', published) },
        },
      ),
    },
    async (request) => {
      const { body } = request;
      const { importId } = request.params;
      const { reason, correctsClosed, ifUnchanged } = body;
      return await inTurn(database, async () => {
        const order = await orderOf(request, { action: 'publish', importId, asked: body });
        return await publishReviewed(database, { ...order, reason, correctsClosed, ifUnchanged });
      });
    },
  );

  routes.post(
    '/api/v1/intake/:importId/reject',
    {
      onRequest,
      schema: contract(
        { params: importParams, body: rejectBody },
        {
          ...words,
          summary: 'Set rows aside, with a reason',
          answers: { 200: answer('How many.', decided) },
        },
      ),
    },
    async (request) => {
      const { body } = request;
      const { importId } = request.params;
      return await inTurn(database, async () => {
        const order = await orderOf(request, { action: 'reject', importId, asked: body });
        return await rejectReviewed(database, { ...order, reason: body.reason });
      });
    },
  );

  routes.post(
    '/api/v1/intake/:importId/take-up',
    {
      onRequest,
      schema: contract(
        { params: importParams, body: takeUpBody },
        {
          ...words,
          summary: 'Take rejected rows up again',
          answers: { 200: answer('How many.', decided) },
        },
      ),
    },
    async (request) => {
      const { body } = request;
      const { importId } = request.params;
      return await inTurn(database, async () => {
        const order = await orderOf(request, { action: 'take-up', importId, asked: body });
        return await takeUpReviewed(database, { ...order, reason: body.reason });
      });
    },
  );

  routes.post(
    '/api/v1/intake/:importId/recheck',
    {
      onRequest,
      schema: contract(
        { params: importParams, body: recheckBody },
        {
          ...words,
          summary: 'Judge the open rows of a file again',
          description: 'With the code lists and mappings of today. For keys of the whole agency.',
          answers: {
            200: answer('Open rows before and after.', object({ before: open, after: open })),
          },
        },
      ),
    },
    async (request) => {
      const { importId } = request.params;
      const reader = readerOf(callerOf(request));
      await mustSeeImport(database.db, reader, importId);
      if (reader.unit !== null) throw new NodeError('NODE_UNIT_OUTSIDE', { detail: reader.unit });
      const today = hanoiDay(node.now().getTime());
      const by = deciderOf(request, request.body.by);
      const { agency } = node;
      const recheck = { importId, agency, today, by };
      return await inTurn(database, () => recheckImport(database, recheck));
    },
  );
}
