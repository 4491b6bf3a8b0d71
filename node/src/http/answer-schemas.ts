/** What the API answers, in the contract: pages, faults, what became of a write. */
import { type JsonSchema, ref } from './section-schema.ts';

const text: JsonSchema = { type: 'string' };
const textOrNull: JsonSchema = { type: ['string', 'null'] };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const instant: JsonSchema = { type: 'string', format: 'date-time' };
const instantOrNull: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
const number64: JsonSchema = { type: 'string', pattern: '^[0-9]+$' };
const uuid: JsonSchema = { type: 'string', format: 'uuid' };
const uuidOrNull: JsonSchema = { type: ['string', 'null'], format: 'uuid' };

export const shapes = {
  text,
  textOrNull,
  count,
  instant,
  instantOrNull,
  number64,
  uuid,
  uuidOrNull,
} as const;

/** All members are there, and no other. */
export const object = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

export const counts: JsonSchema = { type: 'object', additionalProperties: count };

/** `next` is the cursor of the page after this one; null on the last. */
export const page = (items: JsonSchema): JsonSchema =>
  object({ items: list(items), next: textOrNull });

export type NamedSchema = JsonSchema & { readonly $id: string };
const named = ($id: string, schema: JsonSchema): NamedSchema => ({ $id, ...schema });

/** Shared by several addresses; `ref` names them. */
export const sharedSchemas: readonly NamedSchema[] = [
  named('field_problem', object({ field: text, code: text, vi: text, en: text })),
  named('problem', {
    type: 'object',
    description: 'RFC 9457; `errors` where fields are at fault, each with a JSON pointer',
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: text,
      code: text,
      errors: list(ref('field_problem')),
    },
    required: ['type', 'title', 'status', 'detail', 'code'],
  }),
  named(
    'written',
    object({
      state: { type: 'string', enum: ['published', 'unchanged', 'waiting'] },
      recordId: uuidOrNull,
      row: {
        ...object({ importId: uuid, sheet: text, row: count }),
        type: ['object', 'null'],
      },
      etag: {
        ...textOrNull,
        description: 'of the record as the write left it; also the header ETag',
      },
      warnings: list(ref('field_problem')),
    }),
  ),
  named('finding', {
    type: 'object',
    properties: {
      code: text,
      section: text,
      ordinal: count,
      field: textOrNull,
      vi: text,
      en: text,
    },
    required: ['code', 'field', 'vi', 'en'],
    additionalProperties: false,
  }),
  named('row_key', object({ sheet: text, row: count })),
  named(
    'standing',
    object({
      sheet: text,
      row: count,
      state: text,
      decidedBy: textOrNull,
      decidedAt: instantOrNull,
    }),
  ),
];
