/** Short constructors, so that a section reads as the table it is. */
import type { CodeListName } from './code-list-names.ts';
import type { Field, FieldType } from './types.ts';

type Options = Partial<
  Pick<Field, 'required' | 'owner' | 'restriction' | 'asOf' | 'headings' | 'packet'>
>;

/** tag, name, entries of the 109-field list, Vietnamese label, English label, type, options. */
export function field(
  tag: number,
  name: string,
  standard: readonly number[],
  vi: string,
  en: string,
  type: FieldType,
  options: Options = {},
): Field {
  return {
    tag,
    name,
    standard,
    vi,
    en,
    type,
    required: false,
    owner: 'unit',
    restriction: 1,
    headings: [],
    ...options,
  };
}

export const text = (max: number): FieldType => ({ kind: 'text', max });
export const code = (list: CodeListName): FieldType => ({ kind: 'code', list });
export const integer = (min: number, max: number): FieldType => ({ kind: 'integer', min, max });
export const decimal = (precision: number, scale: number): FieldType => ({
  kind: 'decimal',
  precision,
  scale,
});
export const date: FieldType = { kind: 'partial-date' };
export const pin: FieldType = { kind: 'pin' };
export const unitCode: FieldType = { kind: 'unit-code' };
