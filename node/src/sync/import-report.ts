/**
 * What an import says of a file: each row with its verdict and findings, the units, the rows of lists
 * that are held back, the sheets and columns that nobody knew. Plain data, ready to be printed as JSON.
 * The rows are handed out one by one, so that a file of any length takes the same memory; units stay,
 * as their tree does, and so do the numbers of the rows that are no records.
 */
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';

import type { IntakeEvent } from '../intake/evaluate-rows.ts';
import type { ListItem, PersonItem, UnitItem, Verdict } from '../intake/intake-item.ts';
import type { SheetPlan, UnknownSheet } from '../intake/sheet-plan.ts';

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
  readonly reason: UnknownSheet['reason'] | null;
  /** Headings of columns that carry no field. */
  readonly unrecognised: readonly string[];
  /** Rows that hold something but no record: numbering, totals, signatures. */
  readonly ignoredRows: readonly number[];
};

export type ReportedListRow = ReportedRow & { readonly section: string };

/** Takes the rows of a report in the order of the file. */
export type RowSink = {
  /** Every person. */
  readonly person: (row: ReportedRow) => void;
  /** Rows of list sections that have findings; those with an error are held back. */
  readonly list: (row: ReportedListRow) => void;
};

export type ImportSummary = {
  readonly file: string;
  /** The agency whose data it is, as given or as the tree says; null when neither does. */
  readonly agency: string | null;
  /** Of the people. */
  readonly totals: Totals;
  readonly units: readonly (ReportedRow & { readonly code: string | null })[];
  readonly unitTotals: Totals;
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
  finish(): ImportSummary;
};

/** A report that grows with the events of one import. */
export function newReport(
  file: string,
  plans: readonly SheetPlan[],
  rows?: RowSink,
): GrowingReport {
  const units: (ReportedRow & { code: string | null })[] = [];
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
        case 'judged':
          return;
        case 'ignored':
          ignored.get(event.sheet)?.push(event.row);
          return;
        case 'person':
          rows?.person(reported(event));
          managing.add(levelOneOf(event));
          break;
        case 'unit':
          units.push({ ...reported(event), code: event.code });
          break;
        case 'list-row':
          if (event.verdict !== 'ok') rows?.list({ ...reported(event), section: event.section });
          break;
      }
      totals[event.kind][event.verdict] += 1;
    },
    finish() {
      const sheets = plans.map((plan) => summary(plan, ignored.get(plan.sheet) ?? []));
      return {
        file,
        agency: agency ?? onlyOne(managing),
        totals: totals.person,
        units,
        unitTotals: totals.unit,
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
