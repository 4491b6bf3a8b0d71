/**
 * Finds the header row of a sheet among the title rows above it, and decides what the sheet carries:
 * the list of people, the tree of units, or one list section. Headings are compared by equality with
 * the catalogue's labels and synonyms, never by likeness: a wrong guess would fill a wrong field.
 */
import { fieldNamed, headSection, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { foldText } from '@lienthong/shared-schema/text/fold.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { columnNamed, type Header, oneRowHeader, twoRowHeader } from './header-rows.ts';
import { type HeadingMapping, noHeadings } from './heading-mapping.ts';
import { foldHeading, headingOf, headingsOf, isNonField } from './heading.ts';
import type {
  FieldColumn,
  PostColumn,
  SectionColumns,
  SheetPlan,
  UnknownSheet,
} from './sheet-plan.ts';

const personSections = sections.filter((one) => one.kind === 'person' && !one.many);
const listSections = sections.filter((one) => one.kind === 'person' && one.many);
const { org_unit: unitHead, person: personHead } = headSection;
const pin = fieldNamed(personHead, 'pin');
/** Columns that a list carries for its readers only: the person's own row is the source. */
const companions = ['full_name', 'birth_date', 'sex'].map((name) => fieldNamed(personHead, name));

/** Names that offices give to the sheets of list sections, besides the section's own label. */
const sheetNames: Readonly<Record<string, readonly string[]>> = {
  training: ['Đào tạo', 'Đào tạo, bồi dưỡng', 'Quá trình đào tạo', 'Văn bằng'],
  political_training: ['Đào tạo lý luận chính trị', 'LLCT'],
  state_management_training: ['Quản lý nhà nước', 'QLNN', 'Bồi dưỡng QLNN'],
  defence_training: ['Quốc phòng - an ninh', 'QPAN', 'Bồi dưỡng QPAN'],
  it_training: ['Đào tạo tin học'],
  language_training: ['Ngoại ngữ'],
  reward: ['Quá trình khen thưởng'],
  discipline: ['Quá trình kỷ luật'],
  family_own: ['Quan hệ gia đình', 'Gia đình'],
  family_spouse: ['Gia đình bên vợ (chồng)', 'Quan hệ gia đình vợ (chồng)'],
  salary_history: ['Diễn biến lương'],
  allowance_history: ['Diễn biến phụ cấp'],
  evaluation: ['Đánh giá', 'Kết quả đánh giá', 'Đánh giá, xếp loại'],
};

/** A header of people names the person and says at least this many things in all. */
const personColumnsMin = 4;

export type SheetTop = {
  readonly sheet: string;
  /** The first rows of the sheet, blank ones left out or not. */
  readonly rows: readonly SheetRow[];
  /** `YYYY-MM-DD`; the year of the posts where no title names one. */
  readonly today: string;
  readonly codes: CodeBook;
  /** What the source writes in place of our headings. */
  readonly headings?: HeadingMapping | undefined;
};

/** What the sheet carries; `unknown` with the reason when no row among its first is a header. */
export function recogniseSheet(top: SheetTop): SheetPlan {
  if (top.rows.every((row) => row.cells.every((cell) => cell.kind === 'empty'))) {
    return { kind: 'unknown', sheet: top.sheet, reason: 'empty' };
  }
  let ambiguous: UnknownSheet | undefined;
  for (const [i, row] of top.rows.entries()) {
    const plan = planOf(top, row, top.rows[i + 1]);
    if (plan?.kind === 'unknown') ambiguous ??= plan;
    else if (plan !== undefined) return plan;
  }
  return ambiguous ?? { kind: 'unknown', sheet: top.sheet, reason: 'no-header' };
}

/** A header of two rows where the second says more about the columns than the first alone. */
function planOf(top: SheetTop, row: SheetRow, next: SheetRow | undefined): SheetPlan | undefined {
  const alone = planFromHeader(top, oneRowHeader(row));
  if (next === undefined || next.row !== row.row + 1) return alone;
  const both = planFromHeader(top, twoRowHeader(row, next));
  if (both === undefined || both.kind === 'unknown') return alone;
  const below = planFromHeader(top, oneRowHeader(next));
  const others = [alone, below].map((plan) => (plan === undefined ? 0 : columnCount(plan)));
  return columnCount(both) > Math.max(...others) ? both : alone;
}

function columnCount(plan: SheetPlan): number {
  return plan.kind === 'unknown' ? 0 : plan.sections.flatMap((one) => one.fields).length;
}

type Candidate = { readonly plan: SheetPlan; readonly score: number };

function planFromHeader(top: SheetTop, header: Header): SheetPlan | undefined {
  const candidates = [
    unitCandidate(top, header),
    personCandidate(top, header),
    ...listSections.map((section) => listCandidate(top, section, header)),
  ].filter((one) => one !== undefined);
  const best = Math.max(0, ...candidates.map((one) => one.score));
  const [first, ...others] = candidates.filter((one) => one.score === best);
  if (first === undefined) return undefined;
  // People before lists; of two lists that fit as well as one another, neither.
  if (others.length === 0 || first.plan.kind !== 'list') return first.plan;
  return { kind: 'unknown', sheet: top.sheet, reason: 'ambiguous' };
}

function columnsOf(top: SheetTop, section: Section, header: Header): SectionColumns {
  const fields = section.fields.flatMap((field): readonly FieldColumn[] => {
    const column = columnOf(top, section, field, header);
    return column === undefined ? [] : [{ field, column }];
  });
  return { section, fields };
}

/** A heading that the source has mapped means that field and no other. */
function columnOf(
  { headings: mapping = noHeadings }: SheetTop,
  section: Section,
  field: Field,
  header: Header,
): number | undefined {
  const mapped = header.headings.findIndex((heading) => {
    const to = mapping.fieldOf(heading);
    return to?.section === section.name && to.field === field.name;
  });
  if (mapped >= 0) return mapped;
  const column = columnNamed(header, section, headingsOf(field));
  const isTaken = mapping.fieldOf(header.headings[column ?? -1] ?? '') !== undefined;
  return isTaken ? undefined : column;
}

function personCandidate(top: SheetTop, header: Header): Candidate | undefined {
  const found = personSections
    .map((section) => columnsOf(top, section, header))
    .filter((one) => one.fields.length > 0);
  const columns = found.flatMap((one) => one.fields);
  if (!columns.some((one) => one.field.name === 'full_name')) return undefined;
  if (columns.length < personColumnsMin) return undefined;
  const used = columns.map((one) => one.column);
  const plan = { ...planBase(header, used), kind: 'person', sections: found } as const;
  return { plan, score: new Set(used).size };
}

function listCandidate(top: SheetTop, section: Section, header: Header): Candidate | undefined {
  const pinColumn = columnOf(top, personHead, pin, header);
  const columns = columnsOf(top, section, header);
  if (pinColumn === undefined || columns.fields.length === 0) return undefined;
  const companionColumns = companions
    .map((field) => columnNamed(header, personHead, headingsOf(field)))
    .filter((column) => column !== undefined);
  const own = columns.fields.map((one) => one.column);
  const used = [pinColumn, ...companionColumns, ...own];
  const plan = {
    ...planBase(header, used),
    kind: 'list',
    sections: [columns],
    section,
    pinColumn,
  } as const;
  // The name of the sheet decides over everything else.
  const named = isNameOf(section, header.sheet) ? 1000 : 0;
  return { plan, score: named + new Set(used).size };
}

/** Excel cuts the names of sheets at 31 characters. */
const sheetNameMax = 31;
/** Offices number their sheets: `3. Ngoại ngữ`, `03_Ngoại ngữ`. */
const leadingNumber = /^\d{1,2}[.):_ -]+/u;

function isNameOf(section: Section, sheet: string): boolean {
  const folded = foldText(sheet);
  const bare = folded.replace(leadingNumber, '');
  const max = sheetNameMax - (folded.length - bare.length);
  const names = [section.vi, ...(sheetNames[section.name] ?? [])];
  return names.some((name) => foldText(name.slice(0, max)) === bare);
}

function unitCandidate(top: SheetTop, header: Header): Candidate | undefined {
  const columns = columnsOf(top, unitHead, header);
  const has = (name: string): boolean => columns.fields.some((one) => one.field.name === name);
  if (!has('code') || !has('name')) return undefined;
  const posts = top.codes.entries('LOAI_BIEN_CHE').flatMap((entry): readonly PostColumn[] => {
    const names = new Set([entry.vi, ...(entry.aliases ?? [])].map(foldHeading));
    const column = columnNamed(header, unitHead, names);
    return column === undefined ? [] : [{ column, postKind: entry.code }];
  });
  const used = [...columns.fields, ...posts].map((one) => one.column);
  const plan = {
    ...planBase(header, used),
    kind: 'units',
    sections: [columns],
    posts,
    year: yearOfTitle(top, header.headerRow),
  } as const;
  return { plan, score: new Set(used).size };
}

/** The year that a row above the header names, such as `BIÊN CHẾ GIAO NĂM 2026`. */
function yearOfTitle({ rows, today }: SheetTop, headerRow: number): string {
  for (const { row, cells } of rows) {
    if (row >= headerRow) break;
    for (const cell of cells) {
      const year = /(?:^|\s)năm (\d{4})(?:\D|$)/u.exec(headingOf(cell))?.[1];
      if (year !== undefined) return year;
    }
  }
  return today.slice(0, 4);
}

function planBase(header: Header, usedColumns: readonly number[]) {
  const used = new Set(usedColumns);
  const unrecognised = header.columns.flatMap(({ written, full }, column) => {
    const known = full === '' || used.has(column) || isNonField(full);
    return known ? [] : [written];
  });
  const { sheet, headerRow, headings, lowerHeadings, numberColumn } = header;
  return { sheet, headerRow, headings, lowerHeadings, numberColumn, unrecognised };
}
