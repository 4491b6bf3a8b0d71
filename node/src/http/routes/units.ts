/** The organisation tree, a level at a time. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { unitCodePattern } from '@lienthong/shared-schema/rules/value-shapes.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { listUnits } from '../../db/units.ts';
import { readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { object, page, shapes } from '../answer-schemas.ts';
import { callerOf, requireScope } from '../authenticate.ts';
import { answer, contract } from '../contract.ts';
import { pageOf, readCursor } from '../cursor.ts';
import { asked } from './asked.ts';

const query = Type.Object(
  {
    parent: Type.Optional(
      Type.String({
        pattern: unitCodePattern,
        maxLength: 35,
        description: 'the units right below it; without it the top',
      }),
    ),
    ...asked.page(200),
  },
  { additionalProperties: false },
);

const { text, textOrNull, count, uuid } = shapes;
const unit = object({
  recordId: uuid,
  code: text,
  name: text,
  parentCode: textOrNull,
  unitType: textOrNull,
  establishedOn: textOrNull,
  closedOn: textOrNull,
  children: count,
  people: { ...count, description: 'active people whom it employs itself' },
  peopleBelow: { ...count, description: 'active people of it and of all below it' },
});

export function unitRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  routes.get(
    '/api/v1/units',
    {
      onRequest: requireScope(node, 'records:read'),
      schema: contract(
        { querystring: query },
        {
          tag: 'units',
          summary: 'Units below one of them, with counts',
          scope: 'records:read',
          answers: { 200: answer('A page of units, in order of their codes.', page(unit)) },
        },
      ),
    },
    async (request) => {
      const { parent, cursor, limit = 50 } = request.query;
      const [after] =
        cursor === undefined ? [] : readCursor(cursor, [new RegExp(unitCodePattern, 'u')]);
      const reader = readerOf(callerOf(request));
      const rows = await listUnits(node.database.db, reader, { parent, after, limit: limit + 1 });
      return pageOf(rows, limit, (row) => [row.code]);
    },
  );
}
