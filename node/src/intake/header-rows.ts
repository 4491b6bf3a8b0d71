/**
 * The header of a sheet: one row, or two where groups of columns have a heading of their own above
 * them (merged cells: `Lương` over `Mã ngạch`, `Bậc`, `Hệ số`). A column is known by its full heading
 * (`Trình độ` and `Chuyên môn` are `Trình độ chuyên môn`). The lower heading alone counts where it says
 * of itself what it is, or where the group is known to speak of the section: `Hệ số` below `Phụ cấp` is
 * no salary coefficient.
 */
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

import type { Cell, SheetRow } from '../workbook/cell.ts';
import { cellText } from './cell-text.ts';
import { foldHeading, headingOf, isNumberHeading } from './heading.ts';

type HeaderColumn = {
  /** As written, `group: heading` where there is a group; empty for a column without heading. */
  readonly written: string;
  /** Folded, the group before it. */
  readonly full: string;
  /** Of two rows: the lower heading, folded. */
  readonly lower: string | null;
  readonly group: string | null;
};

export type Header = {
  readonly sheet: string;
  /** The lower of the two where there are two. */
  readonly headerRow: number;
  readonly columns: readonly HeaderColumn[];
  /** By column, folded: names of the columns. */
  readonly headings: readonly string[];
  /** By column, folded: the lower row as it stands, to know it again further down. */
  readonly lowerHeadings: readonly string[];
  readonly numberColumn: number | undefined;
};

export function oneRowHeader({ sheet, row, cells }: SheetRow): Header {
  const columns = cells.map((cell): HeaderColumn => {
    const full = headingOf(cell);
    return { written: writtenOf(cell), full, lower: null, group: null };
  });
  return header(sheet, row, columns);
}

/** `lower` is the row right below `upper`. */
export function twoRowHeader(upper: SheetRow, lower: SheetRow): Header {
  const width = Math.max(upper.cells.length, lower.cells.length);
  const columns: HeaderColumn[] = [];
  let group: Cell | undefined;
  for (let column = 0; column < width; column += 1) {
    const [above, below] = [upper.cells[column], lower.cells[column]];
    if (headingOf(below) === '') {
      // merged downwards, or nothing
      group = undefined;
      columns.push({
        written: writtenOf(above),
        full: headingOf(above),
        lower: null,
        group: null,
      });
      continue;
    }
    if (headingOf(above) !== '') group = above;
    columns.push(groupedColumn(group, below));
  }
  return header(lower.sheet, lower.row, columns);
}

function groupedColumn(group: Cell | undefined, below: Cell | undefined): HeaderColumn {
  const lower = headingOf(below);
  if (group === undefined) return { written: writtenOf(below), full: lower, lower, group: null };
  return {
    written: `${writtenOf(group)}: ${writtenOf(below)}`,
    full: `${headingOf(group)} ${lower}`,
    lower,
    group: headingOf(group),
  };
}

function header(sheet: string, headerRow: number, columns: readonly HeaderColumn[]): Header {
  const number = columns.findIndex(({ full }) => isNumberHeading(full));
  return {
    sheet,
    headerRow,
    columns,
    headings: columns.map(({ written }) => foldHeading(written)),
    lowerHeadings: columns.map(({ lower }) => lower ?? ''),
    numberColumn: number < 0 ? undefined : number,
  };
}

function writtenOf(cell: Cell | undefined): string {
  return headingOf(cell) === '' ? '' : tidyText(cellText(cell) ?? '');
}

/** The first column with one of these headings; a full heading goes before a lower one. */
export function columnNamed(
  { columns }: Header,
  section: Section,
  names: ReadonlySet<string>,
): number | undefined {
  const full = columns.findIndex((one) => one.full !== '' && names.has(one.full));
  if (full >= 0) return full;
  const lower = columns.findIndex(
    (one) => one.lower !== null && names.has(one.lower) && mayStandAlone(one, section),
  );
  return lower < 0 ? undefined : lower;
}

/** From this many syllables on a heading says of itself what it is. */
const telling = 3;

function mayStandAlone({ lower, group }: HeaderColumn, section: Section): boolean {
  if (group === null || (lower ?? '').split(' ').length >= telling) return true;
  const known = [section.vi, ...(groupNames[section.name] ?? []), ...anyGroup];
  return known.some((name) => foldHeading(name) === group);
}

/** Headings over columns of any kind. */
const anyGroup = ['Thông tin cá nhân', 'Thông tin chung', 'Sơ yếu lý lịch', 'Lý lịch', 'Thời gian'];

/** What offices write over the columns of a section, besides its own name. */
const groupNames: Readonly<Record<string, readonly string[]>> = {
  identity: ['Cá nhân', 'CCCD', 'Căn cước công dân', 'Căn cước'],
  id_paper: ['CCCD', 'Số CCCD', 'Căn cước công dân', 'Căn cước'],
  employment: ['Đơn vị', 'Cơ quan, đơn vị', 'Đơn vị công tác'],
  party: ['Đảng', 'Đảng viên', 'Đảng tịch'],
  education: ['Trình độ đào tạo'],
  position: ['Chức vụ', 'Chức vụ, chức danh', 'Công tác', 'Công việc'],
  salary: [
    'Lương',
    'Lương hiện hưởng',
    'Lương hiện nay',
    'Lương hiện tại',
    'Ngạch, bậc lương',
    'Ngạch lương',
    'Ngạch, lương',
    'Ngạch, bậc',
    'Mức lương hiện hưởng',
  ],
  salary_history: ['Lương', 'Ngạch, bậc lương', 'Mức lương'],
  allowance_history: ['Phụ cấp', 'Mức phụ cấp'],
};
