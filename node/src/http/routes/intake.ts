/** Looking through the intake: imports, their rows, what one row would change. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { listImports, listRows, type RowLine } from '../../db/review-rows.ts';
import { NodeError } from '../../errors.ts';
import { findingsFor } from '../../intake/findings-for.ts';
import { fieldsFor, type Reader, readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { showRow, type ShownRow } from '../../sync/review.ts';
import { counts, list, object, page, shapes } from '../answer-schemas.ts';
import { callerOf, noteRead, requireScope } from '../authenticate.ts';
import { answer, contract } from '../contract.ts';
import { cursorShapes, pageOf, readCursor } from '../cursor.ts';
import { ref } from '../section-schema.ts';
import { unitCode } from './asked-unit.ts';
import { asked, uuidPattern } from './asked.ts';

const { text, textOrNull, instant, instantOrNull, uuid, uuidOrNull, count } = shapes;
const sourceName = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' });
export const rowKinds = Type.Enum(['unit', 'person', 'list-row']);
export const findingCode = Type.String({ pattern: '^[A-Za-z_]{1,60}$' });

export const importParams = Type.Object({ importId: Type.String({ pattern: uuidPattern }) });
const rowParams = Type.Object({
  importId: Type.String({ pattern: uuidPattern }),
  sheet: Type.String({ maxLength: 200 }),
  row: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
});

const importsQuery = Type.Object(
  {
    source: Type.Optional(sourceName),
    open: Type.Optional(Type.Boolean({ description: 'only with rows that wait or are refused' })),
    ...asked.page(200),
  },
  { additionalProperties: false },
);

const rowStates = [
  'waiting',
  'published',
  'refused',
  'rejected',
  'unchanged',
  'withdrawn',
] as const;
const rowsQuery = Type.Object(
  {
    state: Type.Optional(Type.Enum([...rowStates])),
    finding: Type.Optional(findingCode),
    unit: Type.Optional(unitCode),
    kind: Type.Optional(rowKinds),
    ...asked.page(200),
  },
  { additionalProperties: false },
);

const importLine = object({
  id: uuid,
  source: text,
  fileName: textOrNull,
  startedAt: instant,
  agedAt: instantOrNull,
  states: counts,
});

const lineMembers = {
  importId: uuid,
  source: text,
  sheet: text,
  row: count,
  stt: { type: ['integer', 'null'] },
  kind: text,
  section: textOrNull,
  action: text,
  verdict: text,
  state: text,
  findings: list(ref('finding')),
  recordId: uuidOrNull,
  decidedBy: textOrNull,
  decidedAt: instantOrNull,
  reason: textOrNull,
};

const change = object({
  section: text,
  field: text,
  vi: text,
  en: text,
  old: textOrNull,
  new: textOrNull,
});
const values = { type: 'object', additionalProperties: text };
const listChange = object({
  section: text,
  vi: text,
  en: text,
  old: list(values),
  new: list(values),
});
const wholeRow = object({
  ...lineMembers,
  changedSince: { type: 'boolean' },
  changes: object({ fields: list(change), lists: list(listChange) }),
});

export function intakeRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireScope(node, 'intake:read');
  const { db } = node.database;

  routes.get(
    '/api/v1/intake',
    {
      onRequest,
      schema: contract(
        { querystring: importsQuery },
        {
          tag: 'intake',
          summary: 'What came in, newest first',
          scope: 'intake:read',
          answers: { 200: answer('A page of imports with rows by state.', page(importLine)) },
        },
      ),
    },
    async (request) => {
      const { source, open, cursor, limit = 50 } = request.query;
      const [before] = cursor === undefined ? [] : readCursor(cursor, [cursorShapes.uuid]);
      const reader = readerOf(callerOf(request));
      const rows = await listImports(db, { source, open, reader, before, limit: limit + 1 });
      return pageOf(rows, limit, (row) => [row.id]);
    },
  );

  routes.get(
    '/api/v1/intake/:importId/rows',
    {
      onRequest,
      schema: contract(
        { params: importParams, querystring: rowsQuery },
        {
          tag: 'intake',
          summary: 'Rows of an import, with their findings',
          scope: 'intake:read',
          answers: { 200: answer('A page of rows.', page(object(lineMembers))) },
        },
      ),
    },
    async (request) => {
      const { importId } = request.params;
      const { state, finding, unit, kind, cursor, limit = 50 } = request.query;
      const [sheet = '', row = ''] =
        cursor === undefined ? [] : readCursor(cursor, [cursorShapes.text, cursorShapes.row]);
      const reader = readerOf(callerOf(request));
      // what is found in a row may quote it
      noteRead(request, { recordId: null, asked: { importId } });
      const states = state === undefined ? undefined : [state];
      const after = cursor === undefined ? undefined : { importId, sheet, row: Number(row) };
      const rows = await listRows(
        db,
        { importId, states, finding, unit, kind, reader },
        { after, limit: limit + 1 },
      );
      const { items, next } = pageOf(rows, limit, (one) => [one.sheet, String(one.row)]);
      return { items: items.map((one) => lineOf(one, reader)), next };
    },
  );

  routes.get(
    '/api/v1/intake/:importId/rows/:sheet/:row',
    {
      onRequest,
      schema: contract(
        { params: rowParams },
        {
          tag: 'intake',
          summary: 'One row, with what it would change',
          scope: 'intake:read',
          answers: { 200: answer('The row.', wholeRow) },
          refusals: [404],
        },
      ),
    },
    async (request) => {
      const { importId, sheet, row } = request.params;
      const reader = readerOf(callerOf(request));
      const filter = { importId, rows: [{ sheet, row }], reader };
      const [seen] = await listRows(db, filter, { limit: 1 });
      const place = { importId, sheet, row: String(row) };
      noteRead(request, { recordId: seen?.recordId ?? null, asked: place });
      if (seen === undefined) throw new NodeError('NODE_ROW_UNKNOWN');
      const shown = await showRow(node.database, importId, { sheet, row });
      const { changedSince } = shown;
      return { ...lineOf(shown, reader), changedSince, changes: changesFor(shown, reader) };
    },
  );
}

function lineOf(row: RowLine, reader: Reader) {
  const { importId, source, sheet, stt, kind, section, action, verdict, state } = row;
  const { recordId, decidedBy, decidedAt, reason } = row;
  const findings = findingsFor(reader, row.findings);
  return {
    importId,
    source,
    sheet,
    row: row.row,
    stt,
    kind,
    section,
    action,
    verdict,
    state,
    findings,
    recordId,
    decidedBy,
    decidedAt,
    reason,
  };
}

/** Only fields that the reader may see. */
function changesFor({ changes }: ShownRow, reader: Reader): ShownRow['changes'] {
  const isOpen = (section: string, field: string): boolean =>
    fieldsFor(reader, sectionNamed(section)).some((one) => one.name === field);
  return {
    fields: changes.fields.filter((one) => isOpen(one.section, one.field)),
    lists: changes.lists.filter((one) => {
      const section = sectionNamed(one.section);
      return section.fields.length === fieldsFor(reader, section).length;
    }),
  };
}
