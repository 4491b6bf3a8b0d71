/** Rules on rank, step, coefficient and percent, and on the salary of now against its history. */
import type { DraftRow } from '../catalogue/draft.ts';
import {
  lastStepOf,
  monthsAtStep,
  type SalaryFacts,
  type SalaryStanding,
  salaryStanding,
} from './check-salary.ts';
import { currentRow } from './current-row.ts';
import type { RecordRule, RecordView, RuleContext, Spot } from './rule.ts';
import { sources } from './sources.ts';

const sectionsWithSalary = ['salary', 'salary_history'] as const;

const scalePaths = sectionsWithSalary.flatMap((section) =>
  ['rank_code', 'step', 'coefficient'].map((field) => `${section}.${field}`),
);

const factsOf = (row: DraftRow): SalaryFacts => ({
  rankCode: row['rank_code'] ?? null,
  step: row['step'] ?? null,
  coefficient: row['coefficient'] ?? null,
});

function offScale(
  record: RecordView,
  { codes }: RuleContext,
  off: { readonly standing: SalaryStanding; readonly field: string },
): readonly Spot[] {
  return sectionsWithSalary.flatMap((section) =>
    record.rows(section).flatMap((row, i): readonly Spot[] => {
      const isOff = salaryStanding(codes, factsOf(row)) === off.standing;
      return isOff ? [{ section, ordinal: i + 1, field: off.field }] : [];
    }),
  );
}

const differs = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other && Number(one) !== Number(other);

/** Percent at the end of the first period beyond the last step; one more each whole year. */
const firstPercent = 5;

/** The most that somebody can have come to by the day; undefined where nothing tells. */
function highestPercent(
  { step_since: since }: DraftRow,
  months: number,
  today: string,
): number | undefined {
  if (since === undefined) return undefined;
  // the year alone may mean its first day
  const [year, month = '01'] = since.split('-');
  const now = Number(today.slice(0, 4)) * 12 + Number(today.slice(5, 7));
  const served = now - (Number(year) * 12 + Number(month)) - months;
  return served < 0 ? 0 : firstPercent + Math.floor(served / 12);
}

const salaryRow = (row: DraftRow): RecordRule['accepted'] => ({ sections: { salary: [row] } });
const specialist = { rank_code: '01.003' } as const;

export const salaryRules = {
  coefficient_off_scale: {
    on: 'record',
    kind: 'person',
    ...sources.salaryScale,
    severity: 'warning',
    vi: '{label} không khớp với ngạch và bậc theo bảng lương: kiểm tra lại.',
    en: '{label} does not match rank and step in the salary scale: please check.',
    looksAt: scalePaths,
    check: (record, context) =>
      offScale(record, context, { standing: 'coefficient-off', field: 'coefficient' }),
    accepted: salaryRow({ ...specialist, step: '4', coefficient: '3.33' }),
    refused: salaryRow({ ...specialist, step: '4', coefficient: '3.34' }),
  },
  step_off_scale: {
    on: 'record',
    kind: 'person',
    ...sources.salaryScale,
    severity: 'warning',
    vi: '{label} vượt số bậc của ngạch: kiểm tra lại.',
    en: '{label} is beyond the steps of the rank: please check.',
    looksAt: scalePaths,
    check: (record, context) => offScale(record, context, { standing: 'step-off', field: 'step' }),
    accepted: salaryRow({ ...specialist, step: '9', coefficient: '4.98' }),
    refused: salaryRow({ ...specialist, step: '10', coefficient: '4.98' }),
  },
  over_scale_before_last_step: {
    on: 'record',
    kind: 'person',
    ...sources.overScale,
    severity: 'warning',
    vi: '{label} chỉ dành cho bậc cuối của ngạch: kiểm tra lại bậc lương.',
    en: '{label} is for the last step of a rank only: please check the step.',
    looksAt: ['salary.over_scale_percent', 'salary.rank_code', 'salary.step'],
    check: (record, { codes }) => {
      const [row = {}] = record.rows('salary');
      const last = lastStepOf(codes, row['rank_code']);
      const step = row['step'];
      return Number(row['over_scale_percent'] ?? 0) > 0 &&
        last !== undefined &&
        step !== undefined &&
        Number(step) < last
        ? [{ section: 'salary', field: 'over_scale_percent' }]
        : [];
    },
    accepted: salaryRow({ ...specialist, step: '9', over_scale_percent: '5.00' }),
    refused: salaryRow({ ...specialist, step: '8', over_scale_percent: '5.00' }),
  },
  over_scale_percent_off: {
    on: 'record',
    kind: 'person',
    ...sources.overScale,
    severity: 'warning',
    vi: '{label} phải là số nguyên từ 5, mỗi năm sau đó thêm 1, tính từ ngày hưởng bậc cuối: kiểm tra lại.',
    en: '{label} is a whole number from 5 on, one more each year, counted from the last step: please check.',
    looksAt: ['salary.over_scale_percent', 'salary.step_since', 'salary.rank_code', 'salary.step'],
    check: (record, { codes, today }) => {
      const [row = {}] = record.rows('salary');
      const percent = Number(row['over_scale_percent'] ?? 0);
      if (percent === 0) return [];
      const months = monthsAtStep(codes, row['rank_code'], row['step']);
      const highest = months === undefined ? undefined : highestPercent(row, months, today);
      const isOff =
        !Number.isInteger(percent) ||
        percent < firstPercent ||
        (highest !== undefined && percent > highest);
      return isOff ? [{ section: 'salary', field: 'over_scale_percent' }] : [];
    },
    accepted: salaryRow({
      ...specialist,
      step: '9',
      step_since: '2020-11-01',
      over_scale_percent: '8.00',
    }),
    refused: salaryRow({
      ...specialist,
      step: '9',
      step_since: '2020-12-01',
      over_scale_percent: '8.00',
    }),
  },
  percent_paid_unusual: {
    on: 'record',
    kind: 'person',
    ...sources.probation,
    severity: 'warning',
    vi: '{label} thường là 100, hoặc 85 khi tập sự: kiểm tra lại.',
    en: '{label} is 100 as a rule, or 85 during probation: please check.',
    looksAt: sectionsWithSalary.map((section) => `${section}.percent_paid`),
    check: (record) =>
      sectionsWithSalary.flatMap((section) =>
        record.rows(section).flatMap((row, i): readonly Spot[] => {
          const percent = row['percent_paid'];
          return percent === undefined || [85, 100].includes(Number(percent))
            ? []
            : [{ section, ordinal: i + 1, field: 'percent_paid' }];
        }),
      ),
    accepted: salaryRow({ percent_paid: '85.00' }),
    refused: salaryRow({ percent_paid: '58.00' }),
  },
  salary_not_in_history: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label} khác với dòng hiện tại của quá trình lương: sửa một trong hai.',
    en: '{label} differs from the current row of the salary history: correct one of them.',
    looksAt: [...scalePaths, 'salary_history.from_date', 'salary_history.to_date'],
    check: (record, { today }) => {
      const [now] = record.rows('salary');
      const then = currentRow(record.rows('salary_history'), today);
      if (now === undefined || then === undefined) return [];
      const field = ['rank_code', 'step', 'coefficient'].find((name) =>
        differs(now[name], then[name]),
      );
      return field === undefined ? [] : [{ section: 'salary', field }];
    },
    accepted: {
      sections: {
        salary: [{ ...specialist, step: '4', coefficient: '3.33' }],
        salary_history: [
          { from_date: '2019', to_date: '2022', ...specialist, step: '3', coefficient: '3.00' },
          { from_date: '2022', ...specialist, step: '4', coefficient: '3.33' },
        ],
      },
    },
    refused: {
      sections: {
        salary: [{ ...specialist, step: '5', coefficient: '3.66' }],
        salary_history: [{ from_date: '2022', ...specialist, step: '4', coefficient: '3.33' }],
      },
    },
  },
} as const satisfies Readonly<Record<string, RecordRule>>;
