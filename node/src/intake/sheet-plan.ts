/** What a sheet was found to carry, and in which columns. */
import { orgPost } from '@lienthong/shared-schema/catalogue/organisation.ts';
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';

import { withDerived } from './derive-values.ts';

export type FieldColumn = { readonly field: Field; readonly column: number };

export type SectionColumns = { readonly section: Section; readonly fields: readonly FieldColumn[] };

type RecognisedSheet = {
  readonly sheet: string;
  /** Row number of the header, of its lower row where it has two, as the spreadsheet numbers it. */
  readonly headerRow: number;
  /** Folded heading by column: a row that repeats them is a header again. */
  readonly headings: readonly string[];
  /** The lower row of two, likewise; empty texts where there is one row. */
  readonly lowerHeadings: readonly string[];
  /** Column of the running number (STT). */
  readonly numberColumn: number | undefined;
  readonly sections: readonly SectionColumns[];
  /** Headings, as written, of columns that carry no field we know. */
  readonly unrecognised: readonly string[];
};

export type PersonSheet = RecognisedSheet & { readonly kind: 'person' };

/** A list section (many rows a person), keyed by the personal identification number. */
export type ListSheet = RecognisedSheet & {
  readonly kind: 'list';
  readonly section: Section;
  readonly pinColumn: number;
};

export type PostColumn = { readonly column: number; readonly postKind: string };

/** The tree of units, with a column for each kind of assigned post. */
export type UnitSheet = RecognisedSheet & {
  readonly kind: 'units';
  readonly posts: readonly PostColumn[];
  /** The year of the assigned posts. */
  readonly year: string;
};

export type UnknownSheet = {
  readonly kind: 'unknown';
  readonly sheet: string;
  /**
   * `ambiguous`: several list sections fit, and the name of the sheet does not decide. `hidden`: what
   * nobody sees in the workbook is not imported. `encoding`: its cells are not in Unicode.
   */
  readonly reason: 'empty' | 'no-header' | 'ambiguous' | 'hidden' | 'encoding';
};

export type KnownSheet = PersonSheet | ListSheet | UnitSheet;
export type SheetPlan = KnownSheet | UnknownSheet;

/** Section name → the fields that the sheet has columns for, with those that follow from them. */
export type CarriedFields = Readonly<Record<string, readonly string[]>>;

export function carriedFields(plan: SheetPlan): CarriedFields {
  if (plan.kind === 'unknown') return {};
  const carried = plan.sections.map(({ section, fields }): [string, readonly string[]] => [
    section.name,
    withDerived(fields.map((one) => one.field.name)),
  ]);
  const posts = plan.kind === 'units' && plan.posts.length > 0;
  return Object.fromEntries([
    ...carried,
    ...(posts ? [['org_post', orgPost.fields.map((field) => field.name)] as const] : []),
  ]);
}
