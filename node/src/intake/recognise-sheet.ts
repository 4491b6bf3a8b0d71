/**
 * Finds the header row of a sheet among the title rows above it, and decides what the sheet carries:
 * the list of people, the tree of units, or one list section. Headings are compared by equality with
 * the catalogue's labels and synonyms, never by likeness: a wrong guess would fill a wrong field.
 */
import { fieldNamed, headSection, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import { foldText, tidyText } from '@lienthong/shared-schema/text/fold.ts';

import type { Cell, SheetRow } from '../workbook/cell.ts';
import { foldHeading, headingOf, headingsOf, isNonField, isNumberHeading } from './heading.ts';
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
};

/** What the sheet carries; `unknown` with the reason when no row among its first is a header. */
export function recogniseSheet(top: SheetTop): SheetPlan {
  if (top.rows.every((row) => row.cells.every((cell) => cell.kind === 'empty'))) {
    return { kind: 'unknown', sheet: top.sheet, reason: 'empty' };
  }
  let ambiguous: UnknownSheet | undefined;
  for (const row of top.rows) {
    const plan = planFromHeader(top, row);
    if (plan?.kind === 'unknown') ambiguous ??= plan;
    else if (plan !== undefined) return plan;
  }
  return ambiguous ?? { kind: 'unknown', sheet: top.sheet, reason: 'no-header' };
}

type Candidate = { readonly plan: SheetPlan; readonly score: number };

function planFromHeader(top: SheetTop, row: SheetRow): SheetPlan | undefined {
  const header = readHeader(top.sheet, row);
  const candidates = [
    unitCandidate(top, header),
    personCandidate(header),
    ...listSections.map((section) => listCandidate(section, header)),
  ].filter((one) => one !== undefined);
  const best = Math.max(0, ...candidates.map((one) => one.score));
  const [first, ...others] = candidates.filter((one) => one.score === best);
  if (first === undefined) return undefined;
  // People before lists; of two lists that fit as well as one another, neither.
  if (others.length === 0 || first.plan.kind !== 'list') return first.plan;
  return { kind: 'unknown', sheet: top.sheet, reason: 'ambiguous' };
}

type Header = {
  readonly sheet: string;
  readonly headerRow: number;
  readonly headings: readonly string[];
  readonly numberColumn: number | undefined;
  readonly cells: readonly Cell[];
};

function readHeader(sheet: string, { row, cells }: SheetRow): Header {
  const headings = cells.map((cell) => headingOf(cell));
  const number = headings.findIndex((heading) => isNumberHeading(heading));
  return { sheet, headerRow: row, headings, cells, numberColumn: number < 0 ? undefined : number };
}

function columnsOf(section: Section, header: Header): SectionColumns {
  const fields = section.fields.flatMap((field): readonly FieldColumn[] => {
    const column = columnNamed(header, headingsOf(field));
    return column === undefined ? [] : [{ field, column }];
  });
  return { section, fields };
}

function columnNamed(header: Header, names: ReadonlySet<string>): number | undefined {
  const column = header.headings.findIndex((heading) => names.has(heading));
  return column < 0 ? undefined : column;
}

function personCandidate(header: Header): Candidate | undefined {
  const found = personSections
    .map((section) => columnsOf(section, header))
    .filter((one) => one.fields.length > 0);
  const columns = found.flatMap((one) => one.fields);
  if (!columns.some((one) => one.field.name === 'full_name')) return undefined;
  if (columns.length < personColumnsMin) return undefined;
  const used = columns.map((one) => one.column);
  const plan = { ...planBase(header, used), kind: 'person', sections: found } as const;
  return { plan, score: new Set(used).size };
}

function listCandidate(section: Section, header: Header): Candidate | undefined {
  const pinColumn = columnNamed(header, headingsOf(pin));
  const columns = columnsOf(section, header);
  if (pinColumn === undefined || columns.fields.length === 0) return undefined;
  const companionColumns = companions
    .map((field) => columnNamed(header, headingsOf(field)))
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

function isNameOf(section: Section, sheet: string): boolean {
  const names = [section.vi, ...(sheetNames[section.name] ?? [])];
  return names.some((name) => foldText(name.slice(0, sheetNameMax)) === foldText(sheet));
}

function unitCandidate(top: SheetTop, header: Header): Candidate | undefined {
  const columns = columnsOf(unitHead, header);
  const has = (name: string): boolean => columns.fields.some((one) => one.field.name === name);
  if (!has('code') || !has('name')) return undefined;
  const posts = codeLists.LOAI_BIEN_CHE.entries.flatMap((entry): readonly PostColumn[] => {
    const names = new Set([entry.vi, ...(entry.aliases ?? [])].map(foldHeading));
    const column = columnNamed(header, names);
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
  const unrecognised = header.cells.flatMap((cell, column) => {
    const heading = header.headings[column] ?? '';
    const known = heading === '' || used.has(column) || isNonField(heading);
    return known || (cell.kind !== 'text' && cell.kind !== 'untyped') ? [] : [tidyText(cell.text)];
  });
  const { sheet, headerRow, headings, numberColumn } = header;
  return { sheet, headerRow, headings, numberColumn, unrecognised };
}
