/**
 * What a row would change in a record, field by field: the values that it speaks of against those that
 * are there. Both in canonical text as PostgreSQL renders it, so `4.4` and `4.40` are no change.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow, RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';

type Sections = RecordDraft['sections'];

export type FieldChange = {
  readonly section: string;
  readonly field: string;
  readonly vi: string;
  readonly en: string;
  /** Null where there is no value. */
  readonly old: string | null;
  readonly new: string | null;
};

/** A list is replaced whole. */
export type ListChange = {
  readonly section: string;
  readonly vi: string;
  readonly en: string;
  readonly old: readonly DraftRow[];
  readonly new: readonly DraftRow[];
};

export type Changes = {
  readonly fields: readonly FieldChange[];
  readonly lists: readonly ListChange[];
};

/** Section name to the fields that the row speaks of. */
type Carries = Readonly<Record<string, readonly string[]>>;

/** `stored` is undefined where the record is new: then all that the row has is written. */
export function changesOf(
  carries: Carries,
  filed: Sections,
  stored: Sections | undefined,
): Changes {
  const carried = sections.filter((section) => Object.hasOwn(carries, section.name));
  return {
    fields: carried
      .filter((section) => !section.many)
      .flatMap((section) => fieldChanges(section, carries, filed, stored)),
    lists: carried
      .filter((section) => section.many)
      .map((section) => listChange(section, filed, stored))
      .filter((change) => JSON.stringify(change.old) !== JSON.stringify(change.new)),
  };
}

function fieldChanges(
  section: Section,
  carries: Carries,
  filed: Sections,
  stored: Sections | undefined,
): readonly FieldChange[] {
  const [had] = stored?.[section.name] ?? [];
  const [has] = filed[section.name] ?? [];
  // a row of a section that is new is written with all that the source gives, also what follows from it
  const names = had === undefined ? Object.keys(has ?? {}) : (carries[section.name] ?? []);
  return section.fields
    .filter((field) => names.includes(field.name))
    .map((field) => ({
      section: section.name,
      field: field.name,
      vi: field.vi,
      en: field.en,
      old: had?.[field.name] ?? null,
      new: has?.[field.name] ?? null,
    }))
    .filter((change) => change.old !== change.new);
}

const listChange = (
  { name, vi, en, fields }: Section,
  filed: Sections,
  stored: Sections | undefined,
): ListChange => {
  // the same order of fields on both sides, so that rows compare as text
  const inOrder = (row: DraftRow): DraftRow =>
    Object.fromEntries(
      fields.flatMap((field): readonly [string, string][] => {
        const value = row[field.name];
        return value === undefined ? [] : [[field.name, value]];
      }),
    );
  return {
    section: name,
    vi,
    en,
    old: (stored?.[name] ?? []).map(inOrder),
    new: (filed[name] ?? []).map(inOrder),
  };
};
