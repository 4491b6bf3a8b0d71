/** What the sheets of a workbook carry, by their first rows; and a refusal where none carries anything. */
import type { StoredSheet } from '../db/intake.ts';
import { recogniseSheet, type SheetTop } from '../intake/recognise-sheet.ts';
import type { SheetPlan } from '../intake/sheet-plan.ts';
import type { SheetRow } from '../workbook/cell.ts';
import { encodingError } from '../workbook/decoded-text.ts';
import { type LegacyEncoding, legacyEncodingOf } from '../workbook/legacy-encoding.ts';
import type { Workbook } from '../workbook/read-workbook.ts';
import { WorkbookError } from '../workbook/workbook-error.ts';

export type RecogniseOptions = Omit<SheetTop, 'sheet' | 'rows'>;

export type Recognised = {
  readonly plans: readonly SheetPlan[];
  /** Of each sheet that is read, the rows down to its header. */
  readonly headers: readonly StoredSheet[];
};

/** Throws a WorkbookError `no-known-sheet`, or `encoding` where that is the reason. */
export async function recogniseWorkbook(
  workbook: Workbook,
  options: RecogniseOptions,
): Promise<Recognised> {
  const tops = await readTops(workbook);
  const plans = tops.map((top) => planOf(workbook, top, options));
  if (plans.every((plan) => plan.kind === 'unknown')) throw noneKnown(tops);
  const headers = plans.flatMap((plan, i) => {
    if (plan.kind === 'unknown') return [];
    const rows = tops[i]?.rows.filter(({ row }) => row <= plan.headerRow) ?? [];
    return [{ sheet: plan.sheet, rows }];
  });
  return { plans, headers };
}

function planOf(workbook: Workbook, top: StoredSheet, options: RecogniseOptions): SheetPlan {
  const { sheet } = top;
  if (workbook.hidden.has(sheet)) return { kind: 'unknown', sheet, reason: 'hidden' };
  const plan = recogniseSheet({ ...top, ...options });
  return plan.kind === 'unknown' && plan.reason === 'no-header' && legacyEncodingOfRows(top.rows)
    ? { kind: 'unknown', sheet, reason: 'encoding' }
    : plan;
}

/** The first rows of each sheet. */
async function readTops(workbook: Workbook): Promise<readonly StoredSheet[]> {
  const tops = new Map<string, SheetRow[]>(workbook.sheets.map((sheet) => [sheet, []]));
  for await (const row of workbook.peek()) tops.get(row.sheet)?.push(row);
  return Array.from(tops, ([sheet, rows]) => ({ sheet, rows }));
}

/** From this many cells on it is no chance. */
const legacyCellsMin = 3;

function legacyEncodingOfRows(rows: readonly SheetRow[]): LegacyEncoding | undefined {
  const found = rows
    .flatMap((row) => row.cells)
    .flatMap((cell) => (cell.kind === 'text' || cell.kind === 'untyped' ? cell.text : []))
    .map((text) => legacyEncodingOf(text))
    .filter((encoding) => encoding !== undefined);
  return found.length < legacyCellsMin ? undefined : found[0];
}

function noneKnown(tops: readonly StoredSheet[]): WorkbookError {
  const legacy = legacyEncodingOfRows(tops.flatMap((top) => top.rows));
  if (legacy !== undefined) return encodingError(legacy);
  return new WorkbookError(
    'no-known-sheet',
    'Không trang tính nào có dòng tiêu đề nhận biết được: danh sách người cần một dòng tiêu đề có "Họ và tên", ' +
      '"Số định danh cá nhân" như trong tệp mẫu. / ' +
      'No sheet has a header row that is known here. A list of people needs one row with the headings ' +
      '"Họ và tên", "Số định danh cá nhân" and others of the template; a tree of units needs "Mã đơn vị" and ' +
      '"Tên đơn vị"; a list such as "Quá trình công tác" needs "Số định danh cá nhân" and its own columns. ' +
      'Other headings are taught by `npm run node -- mappings heading SOURCE "HEADING" section.field`. ' +
      `Sheets looked at: ${tops.map(({ sheet }) => `"${sheet}"`).join(', ')}.`,
  );
}
