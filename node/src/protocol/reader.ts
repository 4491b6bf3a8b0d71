/**
 * What a caller may see: which part of the agency, which fields, and whether records that are state
 * secrets. Records that may not be seen are absent, not forbidden: that they exist says something too.
 */
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';

export type Reader = {
  /** Code of a unit: it and what is below it. Null: the whole agency. */
  readonly unit: string | null;
  /** Fields of level 3, and the sections that travel sealed or not at all. */
  readonly sensitive: boolean;
  /** Records that are state secrets. */
  readonly secret: boolean;
};

/** The unit's own people at the machine. */
export const wholeAgency: Reader = { unit: null, sensitive: true, secret: true };

export function readerOf(key: {
  readonly unit: string | null;
  readonly scopes: readonly string[];
}): Reader {
  return {
    unit: key.unit,
    sensitive: key.scopes.includes('records:read-sensitive'),
    secret: key.scopes.includes('records:read-secret'),
  };
}

const restrictionMax = 2;

/** The fields of the section that the reader may see; none where the section as a whole is closed. */
export function fieldsFor(reader: Reader, section: Section): readonly Field[] {
  if (reader.sensitive) return section.fields;
  if (section.reach !== 'national') return [];
  return section.fields.filter((field) => field.restriction <= restrictionMax);
}

export const isUnrestricted = ({ unit, secret }: Reader): boolean => unit === null && secret;
