/** A record with one thing changed; what is not touched is shared with the old one. */
import type { DraftRow, RecordDraft } from '../../catalogue/draft.ts';

/** A value of a section that has one row; undefined where there is none. */
export function valueAt(draft: RecordDraft, path: string): string | undefined {
  const { section, field } = parts(path);
  return draft.sections[section]?.[0]?.[field];
}

export const listOf = (draft: RecordDraft, section: string): readonly DraftRow[] =>
  draft.sections[section] ?? [];

export function withList(
  draft: RecordDraft,
  section: string,
  rows: readonly DraftRow[],
): RecordDraft {
  return { ...draft, sections: { ...draft.sections, [section]: rows } };
}

/** `section.field` of sections with one row → the new value, or undefined to take it out. */
export function withValues(
  draft: RecordDraft,
  values: Readonly<Record<string, string | undefined>>,
): RecordDraft {
  const sections: Record<string, readonly DraftRow[]> = { ...draft.sections };
  for (const [path, value] of Object.entries(values)) {
    const { section, field } = parts(path);
    sections[section] = [changed(sections[section]?.[0] ?? {}, field, value)];
  }
  return { ...draft, sections };
}

/** The row with a value, or without it. */
export function changed(row: DraftRow, field: string, value: string | undefined): DraftRow {
  if (value !== undefined) return { ...row, [field]: value };
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
}

function parts(path: string): { readonly section: string; readonly field: string } {
  const [section = '', field = ''] = path.split('.');
  return { section, field };
}
