/**
 * What an import says of a file: each row with its verdict and findings, the units, the rows of lists
 * that are held back, the sheets and columns that nobody knew. Plain data, ready to be printed as JSON.
 */
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';

import type { IntakeEvent } from '../intake/evaluate-rows.ts';
import type { ListItem, PersonItem, UnitItem, Verdict } from '../intake/intake-item.ts';
import type { SheetPlan } from '../intake/sheet-plan.ts';

export type ReportedRow = {
  readonly sheet: string;
  readonly row: number;
  readonly stt: number | null;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
};

export type Totals = Readonly<Record<Verdict, number>>;

export type SheetSummary = {
  readonly sheet: string;
  /** `units`, `person`, the name of a list section, or null when the sheet was not read. */
  readonly carries: string | null;
  readonly headerRow: number | null;
  /** Why the sheet was not read. */
  readonly reason: 'empty' | 'no-header' | 'ambiguous' | null;
  /** Headings of columns that carry no field. */
  readonly unrecognised: readonly string[];
  /** Rows that hold something but no record: numbering, totals, signatures. */
  readonly ignoredRows: readonly number[];
};

export type ImportReport = {
  readonly file: string;
  /** The agency whose data it is, as given or as the tree says; null when neither does. */
  readonly agency: string | null;
  /** The people. */
  readonly rows: readonly ReportedRow[];
  readonly totals: Totals;
  readonly units: readonly (ReportedRow & { readonly code: string | null })[];
  readonly unitTotals: Totals;
  /** Rows of list sections that have findings; those with an error are held back. */
  readonly subRows: readonly (ReportedRow & { readonly section: string })[];
  readonly subRowTotals: Totals;
  readonly sheets: readonly SheetSummary[];
  /** Headings of recognised sheets that carry no field, by sheet. */
  readonly unrecognised: readonly {
    readonly sheet: string;
    readonly headings: readonly string[];
  }[];
};

export type GrowingReport = {
  add(event: IntakeEvent): void;
  finish(): ImportReport;
};

/** A report that grows with the events of one import. */
export function newReport(file: string, plans: readonly SheetPlan[]): GrowingReport {
  const rows: ReportedRow[] = [];
  const units: (ReportedRow & { code: string | null })[] = [];
  const subRows: (ReportedRow & { section: string })[] = [];
  const ignored = new Map<string, number[]>(plans.map((plan) => [plan.sheet, []]));
  const totals = { person: noRows(), unit: noRows(), 'list-row': noRows() };
  const managing = new Set<string>();
  let agency: string | null = null;
  return {
    add(event) {
      switch (event.kind) {
        case 'tree':
          agency = event.agency;
          return;
        case 'ignored':
          ignored.get(event.sheet)?.push(event.row);
          return;
        case 'person':
          rows.push(reported(event));
          managing.add(levelOneOf(event));
          break;
        case 'unit':
          units.push({ ...reported(event), code: event.code });
          break;
        case 'list-row':
          if (event.verdict !== 'ok') subRows.push({ ...reported(event), section: event.section });
          break;
      }
      totals[event.kind][event.verdict] += 1;
    },
    finish() {
      const sheets = plans.map((plan) => summary(plan, ignored.get(plan.sheet) ?? []));
      return {
        file,
        agency: agency ?? onlyOne(managing),
        rows,
        totals: totals.person,
        units,
        unitTotals: totals.unit,
        subRows,
        subRowTotals: totals['list-row'],
        sheets,
        unrecognised: sheets
          .filter((one) => one.unrecognised.length > 0)
          .map((one) => ({ sheet: one.sheet, headings: one.unrecognised })),
      };
    },
  };
}

/** Level 1 of the managing unit; empty when the row names none. */
function levelOneOf({ draft }: PersonItem): string {
  return draft.sections['employment']?.[0]?.['managing_unit']?.split('.')[0] ?? '';
}

/** The one agency that all people name: a list without a tree says in this way whose it is. */
function onlyOne(codes: ReadonlySet<string>): string | null {
  const [code, ...others] = Array.from(codes).filter((one) => one !== '');
  return code !== undefined && others.length === 0 ? code : null;
}

const noRows = (): Record<Verdict, number> => ({ ok: 0, warning: 0, error: 0 });

function reported(item: PersonItem | UnitItem | ListItem): ReportedRow {
  const { sheet, row, stt, verdict, findings } = item;
  return { sheet, row, stt, verdict, findings };
}

function summary(plan: SheetPlan, ignoredRows: readonly number[]): SheetSummary {
  const { sheet } = plan;
  if (plan.kind === 'unknown') {
    const { reason } = plan;
    return { sheet, carries: null, headerRow: null, reason, unrecognised: [], ignoredRows };
  }
  const { headerRow, unrecognised } = plan;
  const carries = plan.kind === 'list' ? plan.section.name : plan.kind;
  return { sheet, carries, headerRow, reason: null, unrecognised, ignoredRows };
}
