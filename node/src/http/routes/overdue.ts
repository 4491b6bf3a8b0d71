/** What is not at the hub although its due day is over, and what came late: a level of the tree at a time. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { dueRules } from '@lienthong/shared-schema/calendar/due-dates.ts';
import { sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DueChange } from '@lienthong/shared-schema/runtime/due-changes.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { dueTree } from '../../protocol/due-tree.ts';
import { readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { inTurn } from '../../sync/in-turn.ts';
import { countOverdue, listOverdue } from '../../sync/overdue.ts';
import { list, object, page, shapes } from '../answer-schemas.ts';
import { callerOf, requireScope } from '../authenticate.ts';
import { answer, contract } from '../contract.ts';
import { cursorShapes, pageOf, readCursor } from '../cursor.ts';
import { askedUnit, unitCode } from './asked-unit.ts';
import { asked } from './asked.ts';

const { text, textOrNull, uuid, count } = shapes;
const strict = { additionalProperties: false } as const;
const countsQuery = Type.Object({ unit: Type.Optional(unitCode) }, strict);
const listQuery = Type.Object(
  {
    state: Type.Enum(['overdue', 'late'], {
      description: 'not at the hub and the due day is over, or there and came after it',
    }),
    unit: Type.Optional(unitCode),
    ...asked.page(200),
  },
  strict,
);

const kindOfChange = { type: 'string', enum: Object.keys(dueRules) };
const totals = {
  overdue: count,
  pending: { ...count, description: 'not at the hub, and in time until now' },
  inTime: count,
  late: count,
  daysLateMax: count,
};
const counts = object({
  unit: text,
  liveSince: { ...textOrNull, description: 'null: the unit is not live, and nothing is due' },
  totals: object(totals),
  kinds: list(object({ kind: kindOfChange, section: text, ...totals })),
  below: list(object({ unit: text, ...totals })),
});
const change = object({
  recordId: uuid,
  section: text,
  unit: text,
  kind: kindOfChange,
  eventOn: text,
  notedOn: text,
  dueOn: text,
  arrivedOn: textOrNull,
  daysLate: count,
});

export function overdueRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireScope(node, 'status:read');

  routes.get(
    '/api/v1/overdue',
    {
      onRequest,
      schema: contract(
        { querystring: countsQuery },
        {
          tag: 'node',
          summary: 'Changes and their due days, in counts',
          description: 'Of a unit and all below it, and of each unit right below.',
          scope: 'status:read',
          answers: { 200: answer('The counts.', counts) },
        },
      ),
    },
    async (request) => {
      const unit = askedUnit(request, request.query.unit);
      const reader = readerOf(callerOf(request));
      const found = await inTurn(node.database, () => countOverdue(node, { unit, reader }), 'long');
      const whole = unit ?? node.agency;
      const { kinds, ...tree } = dueTree(found.counts, whole);
      const named = kinds.map((one) => ({ ...one, section: sectionName(one.section) }));
      return { unit: whole, liveSince: found.liveSince, ...tree, kinds: named };
    },
  );

  routes.get(
    '/api/v1/overdue/changes',
    {
      onRequest,
      schema: contract(
        { querystring: listQuery },
        {
          tag: 'node',
          summary: 'Changes that are overdue, or came late, one by one',
          description: 'No value of a person is in it.',
          scope: 'status:read',
          answers: { 200: answer('A page, in order of record.', page(change)) },
        },
      ),
    },
    async (request) => {
      const { state, cursor, limit = 50 } = request.query;
      const unit = askedUnit(request, request.query.unit);
      const { uuid: record, tag, day, version: number } = cursorShapes;
      const [recordId = '', section = '', notedOn = '', version = ''] =
        cursor === undefined ? [] : readCursor(cursor, [record, tag, day, number]);
      const after =
        cursor === undefined ? undefined : { recordId, section: Number(section), notedOn, version };
      const reader = readerOf(callerOf(request));
      const rows = await listOverdue(node, { state, unit, reader, after, limit: limit + 1 });
      const { items, next } = pageOf(rows, limit, (row) => [
        row.recordId,
        String(row.section),
        row.notedOn,
        row.version,
      ]);
      const shown = items.map((one) => shownOf(one));
      return { items: shown, next };
    },
  );
}

function shownOf(one: DueChange) {
  const { recordId, unit, kind, eventOn, notedOn, dueOn, arrivedOn, daysLate } = one;
  const section = sectionName(one.section);
  return { recordId, section, unit, kind, eventOn, notedOn, dueOn, arrivedOn, daysLate };
}

const sectionName = (tag: number): string => sectionByTag(tag)?.name ?? String(tag);
