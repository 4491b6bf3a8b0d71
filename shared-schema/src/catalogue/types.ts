/**
 * The words of the field catalogue. A field is one column of one section; several fields may
 * together make one entry of the 109-field list (an address has a text and a code).
 *
 * A section is the unit of change, of digest and of replacement: all its fields share one reach.
 */
import type { CodeListName } from './code-list-names.ts';

/** How far a section travels: `national` plain, `sealed` as ciphertext only, `unit` never. */
export type Reach = 'national' | 'sealed' | 'unit';

/** Who is the source of a field's truth; everything but `unit` is reference data. */
export type Owner = 'unit' | 'population' | 'social-insurance' | 'party';

/** 1 ordinary personnel data, 2 restricted, 3 sensitive personal data. */
export type Restriction = 1 | 2 | 3;

export type FieldType =
  | { readonly kind: 'text'; readonly max: number }
  | { readonly kind: 'code'; readonly list: CodeListName }
  | { readonly kind: 'partial-date' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'pin' }
  | { readonly kind: 'unit-code' };

export type Field = {
  /** Number on the wire, unique in the section, never reused. */
  readonly tag: number;
  /** Column name in SQL, key in imports and findings. */
  readonly name: string;
  /** Entries of the 109-field list that this field carries; empty for fields of our own. */
  readonly standard: readonly number[];
  readonly vi: string;
  readonly en: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly owner: Owner;
  readonly restriction: Restriction;
  /** Name of the field in the same section that dates the event; codes are checked as of it. */
  readonly asOf?: string;
  /** Further column headings under which units export this field. */
  readonly headings: readonly string[];
  /** Name of the field in the packets of Decision 356, as seen in public programs. */
  readonly packet?: string;
};

/** The two kinds of record: a unit of the organisation tree, and a person. */
export type RecordKind = 'org_unit' | 'person';

export type Section = {
  /** Number on the wire, never reused. */
  readonly tag: number;
  /** Table name in SQL. */
  readonly name: string;
  readonly kind: RecordKind;
  /** Group of Dispatch 639 (A–H); `O` for the organisation tree and posts. */
  readonly group: string;
  /** Group of article 5, Decree 27/2026 (1–10); 0 for organisation and posts. */
  readonly decreeGroup: number;
  readonly vi: string;
  readonly en: string;
  readonly reach: Reach;
  /** A list section has many rows a record, ordered, and is replaced whole. */
  readonly many: boolean;
  readonly fields: readonly Field[];
};
