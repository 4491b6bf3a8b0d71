/** What the words mean: code lists in force, rules, the field catalogue. The same for every key. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { catalogueVersion, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { codeListNames } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import { isValidAsOf } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { findingCodes, ruleOf } from '@lienthong/shared-schema/rules/rules.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { listCodeLists } from '../../db/code-lists.ts';
import { NodeError } from '../../errors.ts';
import { list, object, page, shapes } from '../answer-schemas.ts';
import { requireScope } from '../authenticate.ts';
import { answer, contract } from '../contract.ts';
import { cursorShapes, pageOf, readCursor } from '../cursor.ts';
import { partialDatePattern, sectionSchema } from '../section-schema.ts';
import { asked } from './asked.ts';
import type { Writing } from './record-writes.ts';

const { text, count } = shapes;
const listParams = Type.Object({ name: Type.String({ pattern: '^[A-Z_]{1,40}$' }) });
const entriesQuery = Type.Object(
  {
    asOf: Type.Optional(
      Type.String({ pattern: partialDatePattern, description: 'only entries in force then' }),
    ),
    ...asked.page(1000),
  },
  { additionalProperties: false },
);

const overview = object({
  name: text,
  version: count,
  vi: text,
  entries: count,
  inForce: count,
  published: { type: 'boolean' },
});
const entry = {
  type: 'object',
  properties: {
    code: text,
    vi: text,
    en: text,
    from: text,
    to: text,
    status: text,
    aliases: list(text),
    parent: text,
    successor: text,
    salaryGroup: text,
    note: text,
  },
  required: ['code', 'vi', 'status'],
  additionalProperties: false,
};
const rule = object({
  code: text,
  on: text,
  severity: text,
  vi: text,
  en: text,
  source: text,
  verified: { type: 'boolean' },
  looksAt: list(text),
});
const catalogue = object({
  version: count,
  sections: list(
    object({
      name: text,
      kind: text,
      group: text,
      decreeGroup: count,
      vi: text,
      en: text,
      reach: text,
      many: { type: 'boolean' },
      fields: list({ type: 'object', required: ['name', 'vi', 'en', 'type'] }),
      schema: { type: 'object' },
    }),
  ),
});

export function dictionaryRoutes(app: FastifyInstance, { node, codeBook }: Writing): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireScope(node, null);
  const words = { tag: 'dictionary', scope: null } as const;
  const { db } = node.database;

  routes.get(
    '/api/v1/code-lists',
    {
      onRequest,
      schema: contract(
        {},
        {
          ...words,
          summary: 'All code lists',
          answers: { 200: answer('In order of name.', object({ items: list(overview) })) },
        },
      ),
    },
    async () => ({ items: await listCodeLists(db, hanoiDay(node.now().getTime())) }),
  );

  routes.get(
    '/api/v1/code-lists/:name',
    {
      onRequest,
      schema: contract(
        { params: listParams, querystring: entriesQuery },
        {
          ...words,
          summary: 'Entries of a code list',
          description: 'Over all times, or as of a date, which may be a year or a month.',
          answers: { 200: answer('A page, in order of code and first day.', page(entry)) },
          refusals: [404],
        },
      ),
    },
    async (request) => {
      const { asOf, cursor, limit = 50 } = request.query;
      const name = codeListNames.find((one) => one === request.params.name);
      if (name === undefined) throw new NodeError('NODE_CODE_LIST_UNKNOWN');
      const { text: any } = cursorShapes;
      const [code = '', from = ''] = cursor === undefined ? [] : readCursor(cursor, [any, any]);
      const isPast = (a: string, b: string): boolean => a > code || (a === code && b > from);
      const rows = (await codeBook(db))
        .entries(name)
        .filter((one) => asOf === undefined || isValidAsOf(one, asOf))
        .filter((one) => cursor === undefined || isPast(one.code, one.from ?? ''));
      return pageOf(rows.slice(0, limit + 1), limit, (one) => [one.code, one.from ?? '']);
    },
  );

  routes.get(
    '/api/v1/rules',
    {
      onRequest,
      schema: contract(
        {},
        {
          ...words,
          summary: 'Every rule, with its sentence in both languages',
          answers: { 200: answer('In the order of the table.', object({ items: list(rule) })) },
        },
      ),
    },
    async () => ({ items: findingCodes.map((code) => ({ code, ...shownRule(code) })) }),
  );

  routes.get(
    '/api/v1/catalogue',
    {
      onRequest,
      schema: contract(
        {},
        {
          ...words,
          summary: 'Sections and fields',
          answers: { 200: answer('In the order in which sections are applied.', catalogue) },
        },
      ),
    },
    async () => ({
      version: catalogueVersion,
      sections: sections.map((section) => {
        const { name, kind, group, decreeGroup, vi, en, reach, many, fields } = section;
        const schema = sectionSchema(section);
        return { name, kind, group, decreeGroup, vi, en, reach, many, fields, schema };
      }),
    }),
  );
}

function shownRule(code: (typeof findingCodes)[number]) {
  const one = ruleOf(code);
  const { on, severity, vi, en, source, verified } = one;
  return { on, severity, vi, en, source, verified, looksAt: 'looksAt' in one ? one.looksAt : [] };
}
