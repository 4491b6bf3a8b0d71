/**
 * The JSON of records, derived from the catalogue: a field that is added there is in the contract. Texts,
 * dates, codes and decimals are text, integers are numbers; no value is absent in answers, and absent or
 * null in requests. What a value must be besides (codes in force, dates that exist) the rules say.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Field, FieldType, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import {
  decimalPattern,
  unitCodeMax,
  unitCodePattern,
} from '@lienthong/shared-schema/rules/value-shapes.ts';

/** A JSON schema as it stands in the OpenAPI document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const partialDatePattern = '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$';
export const pinPattern = '^[0-9]{12}$';

/** One field, with its labels in both languages, level, owner and code list. */
export function fieldSchema(field: Field): JsonSchema {
  const { vi, en, owner, restriction, type } = field;
  const list = type.kind === 'code' ? `; code of ${type.list}` : '';
  return {
    ...typeSchema(type),
    title: vi,
    description: `${en}${list}; restriction ${restriction}, owner ${owner}`,
  };
}

function typeSchema(type: FieldType): JsonSchema {
  switch (type.kind) {
    case 'text':
      return { type: ['string', 'null'], maxLength: type.max };
    case 'code':
      return { type: ['string', 'null'], maxLength: 20 };
    case 'partial-date':
      return { type: ['string', 'null'], pattern: partialDatePattern };
    case 'integer':
      return { type: ['integer', 'null'], minimum: type.min, maximum: type.max };
    case 'decimal':
      return { type: ['string', 'null'], pattern: decimalPattern(type.precision, type.scale) };
    case 'pin':
      return { type: ['string', 'null'], pattern: pinPattern };
    case 'unit-code':
      return { type: ['string', 'null'], pattern: unitCodePattern, maxLength: unitCodeMax };
  }
}

/** A section: an object, or of a list section an array of objects in their order. */
export function sectionSchema(section: Section): JsonSchema {
  const { vi, en, reach, many, fields } = section;
  const row = {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    additionalProperties: false,
  };
  const words = { title: vi, description: `${en}; reach ${reach}` };
  return many ? { ...words, type: 'array', items: row } : { ...words, ...row };
}

export const personSections = sections.filter((section) => section.kind === 'person');

/** By the name under which routes refer to them. */
export const sectionSchemas: readonly (JsonSchema & { readonly $id: string })[] =
  personSections.map((section) => ({ $id: section.name, ...sectionSchema(section) }));

export const ref = (name: string): JsonSchema => ({ $ref: `${name}#` });

/** Sections by name, each at most once. */
export const sectionsSchema: JsonSchema = {
  type: 'object',
  properties: Object.fromEntries(personSections.map(({ name }) => [name, ref(name)])),
  additionalProperties: false,
};

export const anySection: JsonSchema = { anyOf: personSections.map(({ name }) => ref(name)) };
