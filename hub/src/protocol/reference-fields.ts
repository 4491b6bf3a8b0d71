/**
 * Which fields are compared with which reference source: those of the national plain sections whose
 * owner it is, in the catalogue. Left out is what cannot be compared by value: religion, since the
 * sources' list of religions is another one, and places in words, where the code says it.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Field, Owner, Section } from '@lienthong/shared-schema/catalogue/types.ts';

export type ReferenceName = Exclude<Owner, 'unit'>;

export const referenceNames: readonly ReferenceName[] = ['population', 'social-insurance', 'party'];

export const isReferenceName = (name: string): name is ReferenceName =>
  referenceNames.some((one) => one === name);

export type ComparedField = { readonly section: Section; readonly field: Field };

/** `pin` is how a person is found, so it is never compared. */
const incomparable: ReadonlySet<string> = new Set([
  'identity.pin',
  'identity.religion',
  'identity.birth_place',
  'identity.home_town',
]);

/** As field of an answer: `identity.full_name`. */
export const fieldPath = ({ section, field }: ComparedField): string =>
  `${section.name}.${field.name}`;

export function comparedFields(source: ReferenceName): readonly ComparedField[] {
  return sections
    .filter((section) => section.reach === 'national' && section.kind === 'person' && !section.many)
    .flatMap((section) => section.fields.map((field) => ({ section, field })))
    .filter((one) => one.field.owner === source && !incomparable.has(fieldPath(one)));
}
