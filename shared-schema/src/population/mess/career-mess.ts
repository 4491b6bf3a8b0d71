/** Mess in a career: salaries beside the scale, periods that run into each other, codes out of force. */
import type { DraftRow, RecordDraft } from '../../catalogue/draft.ts';
import { shippedBook } from '../../code-lists/code-book.ts';
import { lastStepOf } from '../../rules/check-salary.ts';
import { shiftMonths, yearOf } from '../dates.ts';
import { hundredths } from '../rows.ts';
import { changed, listOf, valueAt, withList, withValues } from './amend.ts';
import type { Planted, RecordMess, SpoiltRecord } from './mess.ts';

/** The current salary, and the last row of its history, which says the same. */
function withSalary(
  draft: RecordDraft,
  field: string,
  { value, code }: { readonly value: string; readonly code: Planted['code'] },
): SpoiltRecord | undefined {
  const history = listOf(draft, 'salary_history');
  const last = history.at(-1);
  if (last === undefined || valueAt(draft, 'salary.rank_code') === undefined) return undefined;
  const changedNow = withValues(draft, { [`salary.${field}`]: value });
  const rows = [...history.slice(0, -1), changed(last, field, value)];
  return {
    draft: withList(changedNow, 'salary_history', rows),
    planted: [
      { code, at: `salary.${field}` },
      { code, at: `salary_history.${field}`, ordinal: history.length },
    ],
  };
}

/** A list with one row more, which has one fault. */
function withRow(
  draft: RecordDraft,
  section: string,
  { row, code, field }: { readonly row: DraftRow; readonly code: Planted['code']; field: string },
): SpoiltRecord {
  const rows = [...listOf(draft, section), row];
  return {
    draft: withList(draft, section, rows),
    planted: [{ code, at: `${section}.${field}`, ordinal: rows.length }],
  };
}

/** Not due for the next step for months: who is due may have a percent already. */
const freshMonths = 20;

export const careerMess = {
  coefficient_off: {
    on: 'record',
    spoil: (draft) => {
      const coefficient = valueAt(draft, 'salary.coefficient');
      if (coefficient === undefined) return undefined;
      const value = hundredths(Number(coefficient) + 0.01);
      return withSalary(draft, 'coefficient', { value, code: 'coefficient_off_scale' });
    },
  },
  step_beyond_scale: {
    on: 'record',
    spoil: (draft) => {
      const last = lastStepOf(shippedBook, valueAt(draft, 'salary.rank_code'));
      // the twelfth is the highest of all groups
      if (last === undefined || last >= 12) return undefined;
      const spoilt = withSalary(draft, 'step', { value: String(last + 1), code: 'step_off_scale' });
      const percent = valueAt(draft, 'salary.over_scale_percent');
      return percent === undefined ? spoilt : undefined;
    },
  },
  over_scale_too_soon: {
    on: 'record',
    spoil: (draft, { today }) => {
      const step = Number(valueAt(draft, 'salary.step'));
      const last = lastStepOf(shippedBook, valueAt(draft, 'salary.rank_code')) ?? 0;
      const since = valueAt(draft, 'salary.step_since') ?? '';
      if (!(step < last) || since < shiftMonths(today, -freshMonths)) return undefined;
      const at = 'salary.over_scale_percent';
      return {
        draft: withValues(draft, { [at]: '5.00' }),
        planted: [
          { code: 'over_scale_before_last_step', at },
          { code: 'over_scale_percent_off', at },
        ],
      };
    },
  },
  percent_digits_swapped: {
    on: 'record',
    spoil: (draft) => {
      const at = 'salary.percent_paid';
      if (valueAt(draft, at) === undefined) return undefined;
      return {
        draft: withValues(draft, { [at]: '58.00' }),
        planted: [{ code: 'percent_paid_unusual', at }],
      };
    },
  },
  history_lacks_raise: {
    on: 'record',
    spoil: (draft) => {
      const history = listOf(draft, 'salary_history');
      const [before, now] = history.slice(-2);
      if (before === undefined || now === undefined) return undefined;
      const field = ['rank_code', 'step', 'coefficient'].find((one) => before[one] !== now[one]);
      if (field === undefined) return undefined;
      const open = changed(before, 'to_date', undefined);
      return {
        draft: withList(draft, 'salary_history', [...history.slice(0, -2), open]),
        planted: [
          { code: 'salary_not_in_history', at: `salary.${field}`, against: 'salary_history' },
        ],
      };
    },
  },
  post_never_ended: {
    on: 'record',
    spoil: (draft) => {
      const [first, ...later] = listOf(draft, 'work_history');
      if (first?.['to_date'] === undefined || later.length === 0) return undefined;
      return {
        draft: withList(draft, 'work_history', [changed(first, 'to_date', undefined), ...later]),
        planted: later.map((_, i) => ({
          code: 'period_overlap',
          at: 'work_history.from_date',
          ordinal: i + 2,
        })),
      };
    },
  },
  training_backwards: {
    on: 'record',
    spoil: (draft, { today }) => {
      const [first, ...later] = listOf(draft, 'training');
      const until = first?.['to_date'];
      if (first === undefined || until === undefined) return undefined;
      if (yearOf(until) > yearOf(today) - 3) return undefined;
      const from = `${yearOf(until) + 2}-09`;
      return {
        draft: withList(draft, 'training', [changed(first, 'from_date', from), ...later]),
        planted: [{ code: 'period_backwards', at: 'training.to_date', ordinal: 1 }],
      };
    },
  },
  degree_without_training: {
    on: 'record',
    spoil: (draft) => {
      const levels = listOf(draft, 'training').map((row) => row['level']);
      if (levels.length === 0 || levels.includes('6')) return undefined;
      const at = 'education.highest_level';
      return {
        draft: withValues(draft, { [at]: '6' }),
        planted: [{ code: 'highest_level_not_in_training', at, against: 'training' }],
      };
    },
  },
  evaluation_twice: {
    on: 'record',
    spoil: (draft) => {
      const row = listOf(draft, 'evaluation').at(-1);
      return row === undefined
        ? undefined
        : withRow(draft, 'evaluation', { row, code: 'evaluation_repeated', field: 'year' });
    },
  },
  evaluation_before_service: {
    on: 'record',
    spoil: (draft) => {
      const recruited = valueAt(draft, 'recruitment.first_recruited_on');
      if (recruited === undefined) return undefined;
      const row = { year: String(yearOf(recruited) - 3), grade: '2' };
      const code = 'evaluation_before_recruitment';
      return withRow(draft, 'evaluation', { row, code, field: 'year' });
    },
  },
  discipline_form_abolished: {
    on: 'record',
    spoil: (draft) => {
      // two forms went with Decree 172/2025 on 1 July 2025
      const row = { from_date: '2025-08-04', form: '4', violation: 'Vi phạm quy chế chuyên môn' };
      return withRow(draft, 'discipline', { row, code: 'code_not_valid_then', field: 'form' });
    },
  },
  allowance_kind_unknown: {
    on: 'record',
    spoil: (draft) => {
      const row = { from_date: '2025-01-01', allowance_kind: '77', payment_form: '1' };
      return withRow(draft, 'allowance_history', {
        row,
        code: 'code_unknown',
        field: 'allowance_kind',
      });
    },
  },
} as const satisfies Readonly<Record<string, RecordMess>>;
