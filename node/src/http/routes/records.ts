/** Reading records: a page of people, one record, one section. What a key may not see is not there. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { unitCodePattern } from '@lienthong/shared-schema/rules/value-shapes.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import {
  listRecords,
  listRowsMax,
  readRecord,
  type RecordFilter,
  type ShownRow,
} from '../../db/records.ts';
import { NodeError } from '../../errors.ts';
import { readSearch } from '../../protocol/name-search.ts';
import { fieldsFor, readerOf } from '../../protocol/reader.ts';
import type { NodeContext } from '../../sync/context.ts';
import { object, page, shapes } from '../answer-schemas.ts';
import { callerOf, noteRead, requireScope } from '../authenticate.ts';
import { answer, contract } from '../contract.ts';
import { cursorShapes, pageOf, readCursor } from '../cursor.ts';
import { anySection, personSections, ref, sectionsSchema } from '../section-schema.ts';
import { asked, uuidPattern } from './asked.ts';

export const recordParams = Type.Object({ recordId: Type.String({ pattern: uuidPattern }) });
export const sectionParams = Type.Object({
  recordId: Type.String({ pattern: uuidPattern }),
  section: Type.Enum(personSections.map((section) => section.name)),
});

const query = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        maxLength: 100,
        description:
          'words of the name, without accents and letter case, each from its beginning; or 12 digits: ' +
          'the PIN; or a staff number',
      }),
    ),
    unit: Type.Optional(
      Type.String({
        pattern: unitCodePattern,
        maxLength: 35,
        description: 'employed in it or below it',
      }),
    ),
    status: Type.Optional(Type.String({ maxLength: 20, description: 'code of TRANG_THAI_HO_SO' })),
    objectClass: Type.Optional(Type.String({ maxLength: 20, description: 'code of LOAI_HO_SO' })),
    ...asked.page(200),
  },
  { additionalProperties: false },
);

const line = object({
  recordId: shapes.uuid,
  identity: ref('identity'),
  employment: ref('employment'),
});

const wholeRecord = object({
  recordId: shapes.uuid,
  etag: shapes.text,
  stateSecret: { type: 'boolean' },
  sections: sectionsSchema,
  truncated: {
    type: 'array',
    items: { type: 'string' },
    description: `lists of more than ${listRowsMax} rows, of which only the first came`,
  },
});

export function recordRoutes(app: FastifyInstance, node: NodeContext): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireScope(node, 'records:read');
  const { db } = node.database;

  routes.get(
    '/api/v1/records',
    {
      onRequest,
      schema: contract(
        { querystring: query },
        {
          tag: 'records',
          summary: 'People by given name, page after page',
          scope: 'records:read',
          answers: { 200: answer('A page of people.', page(line)) },
        },
      ),
    },
    async (request) => {
      const { q, unit, status, objectClass, cursor, limit = 50 } = request.query;
      const [sortKey = '', recordId = ''] =
        cursor === undefined ? [] : readCursor(cursor, [cursorShapes.text, cursorShapes.uuid]);
      const search = q === undefined ? undefined : readSearch(q);
      noteRead(request, {
        recordId: null,
        asked: narrowedBy({ search, unit, status, objectClass }),
      });
      const rows = await listRecords(
        db,
        readerOf(callerOf(request)),
        { unit, status, objectClass, search },
        { after: cursor === undefined ? undefined : { sortKey, recordId }, limit: limit + 1 },
      );
      const { items, next } = pageOf(rows, limit, (row) => [row.sortKey, row.recordId]);
      const shown = items.map((row) => ({
        recordId: row.recordId,
        identity: inOrder(identity, row.identity),
        employment: inOrder(employment, row.employment),
      }));
      return { items: shown, next };
    },
  );

  routes.get(
    '/api/v1/records/:recordId',
    {
      onRequest,
      schema: contract(
        { params: recordParams },
        {
          tag: 'records',
          summary: 'One record, section by section',
          description: 'ETag goes with If-Match of a change.',
          scope: 'records:read',
          answers: { 200: answer('The record as far as the key may see it.', wholeRecord) },
          refusals: [404],
        },
      ),
    },
    async (request, reply) => {
      const { recordId } = request.params;
      noteRead(request, { recordId, asked: {} });
      const found = await readRecord(db, readerOf(callerOf(request)), { recordId });
      if (found === undefined) throw new NodeError('NODE_RECORD_UNKNOWN');
      const { tag, stateSecret } = found;
      const there = personSections.flatMap((section) => {
        const rows = found.sections[section.name];
        return rows === undefined ? [] : [{ section, rows }];
      });
      const shown = there.map(
        ({ section, rows }) => [section.name, shownOf(section, rows)] as const,
      );
      const sections = Object.fromEntries(shown);
      const truncated = there
        .filter(({ rows }) => rows.length > listRowsMax)
        .map(({ section }) => section.name);
      void reply.header('etag', `"${tag}"`);
      return { recordId, etag: tag, stateSecret, sections, truncated };
    },
  );

  routes.get(
    '/api/v1/records/:recordId/sections/:section',
    {
      onRequest,
      schema: contract(
        { params: sectionParams },
        {
          tag: 'records',
          summary: 'One section of a record',
          description:
            'An object, or of a list an array; without a value {} or []. ETag is the record’s.',
          scope: 'records:read',
          answers: { 200: answer('The section.', anySection) },
          refusals: [404],
        },
      ),
    },
    async (request, reply) => {
      const { recordId, section: name } = request.params;
      const section = sectionNamed(name);
      noteRead(request, { recordId, asked: { section: name } });
      const reader = readerOf(callerOf(request));
      const found = await readRecord(db, reader, { recordId, of: [section] });
      if (found === undefined) throw new NodeError('NODE_RECORD_UNKNOWN');
      if (fieldsFor(reader, section).length === 0) {
        throw new NodeError('NODE_SCOPE_MISSING', { detail: 'records:read-sensitive' });
      }
      void reply.header('etag', `"${found.tag}"`);
      return shownOf(section, found.sections[name] ?? []);
    },
  );
}

/** Of what was searched the kind alone: its words may be somebody's name or number. */
function narrowedBy({ search, unit, status, objectClass }: RecordFilter): Record<string, string> {
  return {
    ...(search === undefined ? {} : { q: search.kind }),
    ...(unit === undefined ? {} : { unit }),
    ...(status === undefined ? {} : { status }),
    ...(objectClass === undefined ? {} : { objectClass }),
  };
}

/** A list as an array, and all else as one object; members in the order of the catalogue. */
function shownOf(section: Section, rows: readonly ShownRow[]): ShownRow | readonly ShownRow[] {
  const ordered = rows.slice(0, listRowsMax).map((row) => inOrder(section, row));
  return section.many ? ordered : (ordered[0] ?? {});
}

function inOrder({ fields }: Section, row: ShownRow): ShownRow {
  const there = fields.flatMap(({ name }) => {
    const value = row[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(there);
}
