/** The six measures of the unit's data: now, by night, and down to the records. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { QualityFault } from '@lienthong/shared-schema/runtime/quality.ts';
import {
  type QualityMeasureName,
  qualityMeasureNames,
} from '@lienthong/shared-schema/totals/quality-measures.ts';
import { type Shares, sharesOf, unitsBelow } from '@lienthong/shared-schema/totals/roll-up.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { readQualityDays } from '../../db/quality.ts';
import { readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { inTurn } from '../../sync/in-turn.ts';
import { quality } from '../../sync/quality.ts';
import { list, object, page, shapes } from '../answer-schemas.ts';
import { callerOf, requireScope } from '../authenticate.ts';
import { answer, contract } from '../contract.ts';
import { cursorShapes, pageOf, readCursor } from '../cursor.ts';
import { askedUnit, unitCode } from './asked-unit.ts';
import { asked } from './asked.ts';

const { text, uuid, count } = shapes;
const strict = { additionalProperties: false } as const;
const nightsMax = 400;
const nowQuery = Type.Object({ unit: Type.Optional(unitCode) }, strict);
const nightsQuery = Type.Object(
  {
    unit: Type.Optional(unitCode),
    nights: Type.Optional(
      Type.Integer({ minimum: 1, maximum: nightsMax, description: 'by default 30' }),
    ),
  },
  strict,
);
const faultsQuery = Type.Object(
  {
    measure: Type.Enum([...qualityMeasureNames]),
    unit: Type.Optional(unitCode),
    ...asked.page(1000),
  },
  strict,
);

const share = {
  ...object({ good: count, of: count }),
  description: 'where `of` is 0 there is no share, and that is not 100 %',
};
const shares = object(Object.fromEntries(qualityMeasureNames.map((name) => [name, share])));
const measured = object({
  unit: text,
  asOf: text,
  shares,
  below: list(object({ unit: text, shares })),
});
const nights = object({ unit: text, nights: list(object({ asOf: text, shares })) });
const fault = object({
  unit: text,
  section: { ...text, description: 'empty: the record as a whole' },
  field: { ...text, description: 'empty: the section as a whole; of `live` the kind of change' },
});

export function qualityRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireScope(node, 'status:read');

  routes.get(
    '/api/v1/quality',
    {
      onRequest,
      schema: contract(
        { querystring: nowQuery },
        {
          tag: 'node',
          summary: 'The quality of the data, measured now',
          description: 'Of a unit and all below it, and of each unit right below.',
          scope: 'status:read',
          answers: { 200: answer('What is good, of what is counted.', measured) },
        },
      ),
    },
    async (request) => {
      const unit = askedUnit(request, request.query.unit);
      const reader = readerOf(callerOf(request));
      const { asOf, figures } = await inTurn(
        node.database,
        () => quality(node, undefined, reader),
        'long',
      );
      const whole = unit ?? node.agency;
      const below = unitsBelow(figures, whole).map((code) => ({
        unit: code,
        shares: shown(sharesOf(figures, code)),
      }));
      return { unit: whole, asOf, shares: shown(sharesOf(figures, unit)), below };
    },
  );

  routes.get(
    '/api/v1/quality/nights',
    {
      onRequest,
      schema: contract(
        { querystring: nightsQuery },
        {
          tag: 'node',
          summary: 'How the quality was by night',
          scope: 'status:read',
          answers: { 200: answer('The newest night first.', nights) },
        },
      ),
    },
    async (request) => {
      const unit = askedUnit(request, request.query.unit);
      const days = request.query.nights ?? 30;
      const found = await readQualityDays(node.database.db, { days, unit });
      const byNight = Map.groupBy(found, ({ asOf }) => asOf);
      return {
        unit: unit ?? node.agency,
        nights: Array.from(byNight, ([asOf, of]) => ({ asOf, shares: shown(sharesOf(of)) })),
      };
    },
  );

  routes.get(
    '/api/v1/quality/faults',
    {
      onRequest,
      schema: contract(
        { querystring: faultsQuery },
        {
          tag: 'node',
          summary: 'The records that are not good, and why',
          description: 'Measured anew for each page. No value of a person is in it.',
          scope: 'status:read',
          answers: {
            200: answer(
              'A page of records, in order of id.',
              page(object({ recordId: uuid, faults: list(fault) })),
            ),
          },
        },
      ),
    },
    async (request) => {
      const { measure, cursor, limit = 50 } = request.query;
      const unit = askedUnit(request, request.query.unit);
      const [after] = cursor === undefined ? [] : readCursor(cursor, [cursorShapes.uuid]);
      const reader = readerOf(callerOf(request));
      const { faults } = await inTurn(
        node.database,
        () => quality(node, { measure, unit, after, limit: limit + 1 }, reader),
        'long',
      );
      const records = Array.from(
        Map.groupBy(faults, ({ recordId }) => recordId),
        ([recordId, of]) => ({ recordId, faults: of.map((one) => faultOf(measure, one)) }),
      );
      return pageOf(records, limit, ({ recordId }) => [recordId]);
    },
  );
}

/** Of `live` the section comes by its tag. */
function faultOf(measure: QualityMeasureName, { unit, section, field }: QualityFault) {
  const named = measure === 'live' ? sectionByTag(Number(section))?.name : undefined;
  return { unit, section: named ?? section, field };
}

/** Counts of people and changes as numbers. */
const shown = (all: Shares): Record<string, { good: number; of: number }> =>
  Object.fromEntries(
    Object.entries(all).map(([name, one]) => [
      name,
      { good: Number(one.good), of: Number(one.of) },
    ]),
  );
