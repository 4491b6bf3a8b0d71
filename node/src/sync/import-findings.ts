/**
 * The findings workbook: the rows of the file as they were read, each faulty cell with a colour and a
 * comment, and a sheet of totals. It is mended and imported again: headers are found again, comments
 * are not read, and rows that are good already change nothing. A row waits until it has been judged:
 * the tree of units, or a chunk of people.
 */
import { type Finding, severityOf } from '@lienthong/shared-schema/rules/findings.ts';

import { cellText } from '../intake/cell-text.ts';
import type { IntakeEvent } from '../intake/evaluate-rows.ts';
import { columnsOfFinding } from '../intake/finding-columns.ts';
import type { SheetPlan } from '../intake/sheet-plan.ts';
import type { SheetRow } from '../workbook/cell.ts';
import {
  commentsMax,
  createMarkedWorkbook,
  type Mark,
  type SummaryLine,
} from '../workbook/marked-workbook.ts';
import type { Workbook } from '../workbook/read-workbook.ts';
import type { ImportSummary, Totals } from './import-report.ts';

export type Findings = AsyncDisposable & {
  /** The same rows; each is copied once it has been judged. */
  copying(rows: AsyncIterable<SheetRow>): AsyncGenerator<SheetRow>;
  see(event: IntakeEvent): Promise<void>;
  finish(summary: ImportSummary): Promise<void>;
};

export type FindingsOf = {
  readonly workbook: Workbook;
  readonly fileName: string;
  readonly plans: readonly SheetPlan[];
};

/** It throws a WorkbookError `unwritten` where it cannot be written; a half-written file is taken away. */
export async function openFindings(
  path: string,
  { workbook, fileName, plans }: FindingsOf,
): Promise<Findings> {
  const marked = await createMarkedWorkbook(path, workbook.hidden);
  const planOf = new Map(plans.map((plan) => [plan.sheet, plan]));
  const waiting: SheetRow[] = [];
  const found = new Map<string, readonly Finding[]>();
  const kinds = new Map<string, CountedFinding>();
  const copyJudged = async (): Promise<void> => {
    for (const row of waiting) {
      await marked.add(row, marksOf(planOf.get(row.sheet), row, found.get(keyOf(row)) ?? []));
    }
    waiting.length = 0;
    found.clear();
  };
  return {
    async *copying(rows) {
      for await (const row of rows) {
        waiting.push(row);
        yield row;
      }
    },
    async see(event) {
      switch (event.kind) {
        case 'judged':
          await copyJudged();
          return;
        case 'tree':
        case 'ignored':
          return;
        case 'unit':
        case 'person':
        case 'list-row':
          found.set(keyOf(event), event.findings);
          for (const finding of event.findings) count(kinds, finding);
      }
    },
    async finish(summary) {
      await copyJudged();
      for await (const row of otherRows(workbook, plans)) await marked.add(row, []);
      await marked.finish(resultSheet, resultLines(fileName, summary, Array.from(kinds.values())));
    },
    [Symbol.asyncDispose]: () => marked[Symbol.asyncDispose](),
  };
}

const keyOf = ({ sheet, row }: Pick<SheetRow, 'sheet' | 'row'>): string => `${row} ${sheet}`;

function marksOf(
  plan: SheetPlan | undefined,
  { cells }: SheetRow,
  findings: readonly Finding[],
): readonly Mark[] {
  if (plan === undefined || plan.kind === 'unknown') return [];
  return findings.flatMap((finding) =>
    columnsOfFinding(plan, cells, finding).map((column) => ({
      column,
      severity: severityOf(finding.code),
      text: `${finding.vi}\n${finding.en}`,
    })),
  );
}

const resultSheet = 'Kết quả';
/** The first cell of that sheet: such a sheet of an earlier findings workbook is not copied. */
const resultTitle = 'KẾT QUẢ KIỂM TRA / RESULT OF THE CHECK';

/** The rows of the sheets that are not imported: nothing of the file is left out of its copy. */
async function* otherRows(
  workbook: Workbook,
  plans: readonly SheetPlan[],
): AsyncGenerator<SheetRow> {
  const others = plans.filter((plan) => plan.kind === 'unknown').map((plan) => plan.sheet);
  let earlier: string | undefined;
  for await (const row of workbook.rows(others)) {
    if (row.row === 1 && cellText(row.cells[0]) === resultTitle) earlier = row.sheet;
    if (row.sheet !== earlier) yield row;
  }
}

type CountedFinding = { readonly finding: Finding; rows: number };

/** By rule and field: there are as many as the catalogue has. */
function count(kinds: Map<string, CountedFinding>, finding: Finding): void {
  const key = `${finding.code} ${finding.section ?? ''} ${finding.field ?? ''}`;
  const counted = kinds.get(key);
  if (counted === undefined) kinds.set(key, { finding, rows: 1 });
  else counted.rows += 1;
}

const howTo = [
  'Ô màu đỏ: lỗi, dòng bị từ chối. Ô màu vàng: cảnh báo, dòng vẫn được nhận. Lý do ở phần ghi chú của ô.',
  'Sửa các ô rồi nhập lại chính tệp này: dòng đã đúng không bị ghi lại lần nữa.',
  'Red cells: errors, the row is refused. Yellow cells: warnings, the row is taken. The comment of a cell says why.',
  'Mend the cells and import this very file again: rows that are good already change nothing.',
] as const;

function resultLines(
  fileName: string,
  summary: ImportSummary,
  kinds: readonly CountedFinding[],
): readonly SummaryLine[] {
  const marks = kinds.reduce((sum, one) => sum + one.rows, 0);
  const frequent = kinds.toSorted((a, b) => b.rows - a.rows);
  return [
    { cells: [resultTitle] },
    { cells: ['Tệp / File', fileName] },
    { cells: [] },
    { cells: ['', 'Đạt / good', 'Cảnh báo / warnings', 'Lỗi / errors'] },
    totalsLine('Người / people', summary.totals),
    totalsLine('Đơn vị / units', summary.unitTotals),
    totalsLine('Dòng danh sách con / list rows', summary.subRowTotals),
    { cells: [] },
    ...howTo.map((text): SummaryLine => ({ cells: [text] })),
    { cells: ['Lỗi / error'], like: 'error' },
    { cells: ['Cảnh báo / warning'], like: 'warning' },
    ...(marks > commentsMax
      ? [{ cells: [`Chỉ ${commentsMax} ô đầu có ghi chú / only the first cells have comments`] }]
      : []),
    { cells: [] },
    { cells: ['Loại / kind', 'Số lần / times', 'Mã / code'] },
    ...frequent.map(({ finding, rows }): SummaryLine => ({
      cells: [`${finding.vi} / ${finding.en}`, rows, finding.code],
      like: severityOf(finding.code),
    })),
  ];
}

function totalsLine(name: string, { ok, warning, error }: Totals): SummaryLine {
  return { cells: [name, ok, warning, error] };
}
