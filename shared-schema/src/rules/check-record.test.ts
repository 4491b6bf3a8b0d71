import { expect, test } from 'vitest';

import type { DraftRow } from '../catalogue/draft.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import { type CheckContext, checkRecord, placeOf, sectionsLookedAt } from './check-record.ts';

const base = { today: '2026-11-21', codes: shippedBook, agency: null, units: undefined } as const;

type Sections = Readonly<Record<string, readonly DraftRow[]>>;

const found = (sections: Sections, context: Partial<CheckContext> = {}): readonly string[] =>
  checkRecord({ kind: 'person', sections }, { ...base, ...context }).map((one) =>
    [one.code, one.section, one.ordinal, one.field].filter((part) => part !== undefined).join(' '),
  );

const specialist = { rank_code: '01.003', step: '4', coefficient: '3.33' } as const;
const history = [
  { from_date: '2019', to_date: '2022', rank_code: '01.003', step: '3', coefficient: '3.00' },
  { from_date: '2022', ...specialist },
] as const;

test('a part is judged together with what is stored of the rest', () => {
  const carries = { salary: ['rank_code', 'step', 'coefficient'] };
  const raised = { salary: [{ ...specialist, step: '5', coefficient: '3.66' }] };
  expect(found(raised, { carries })).toEqual([]);
  expect(found(raised, { carries, stored: { salary_history: history } })).toEqual([
    'salary_not_in_history salary step',
  ]);
  expect(found(raised, { carries, stored: { salary: [specialist] } })).toEqual([]);
});

test('what a source does not carry stays as it is stored, what it carries empty is gone', () => {
  const stored = {
    identity: [{ pin: '014085000001', birth_date: '1985-03-02', sex: '1' }],
    recruitment: [{ first_recruited_on: '2008' }],
  };
  const recruited = { recruitment: [{ first_recruited_on: '1984' }] };
  expect(found(recruited, { stored, carries: { recruitment: ['first_recruited_on'] } })).toEqual([
    'before_birth recruitment first_recruited_on',
  ]);
  const unborn = { ...recruited, identity: [{ pin: '014085000001' }] };
  const carries = { recruitment: ['first_recruited_on'], identity: ['pin', 'birth_date'] };
  expect(found(unborn, { stored, carries })).toEqual([]);
});

test('the salary of now is held against the row that holds today, not against a step that is to come', () => {
  const salary = [specialist];
  const planned = { from_date: '2027-01-01', rank_code: '01.003', step: '5', coefficient: '3.66' };
  const until = { ...history[1], to_date: '2026-12-31' };
  expect(found({ salary, salary_history: [history[0], until, planned] })).toEqual([
    'date_ahead salary_history 3 from_date',
  ]);
  // the step that has come; and where every row has ended, the one that began last
  const come = { ...planned, from_date: '2026-11-01' };
  expect(found({ salary, salary_history: [{ ...until, to_date: '2026-10' }, come] })).toEqual([
    'salary_not_in_history salary step',
  ]);
  const ended = { ...history[1], to_date: '2026-10' };
  expect(found({ salary, salary_history: [ended, history[0]] })).toEqual([]);
});

test('a list that the draft has replaces the stored one whole, also an empty one', () => {
  const stored = { salary: [specialist], salary_history: history };
  const carries = { salary_history: ['from_date', 'rank_code', 'step', 'coefficient'] };
  const lower = { ...history[0], to_date: undefined };
  const { to_date: _, ...open } = lower;
  expect(found({ salary_history: [open] }, { stored, carries })).toEqual([
    'salary_not_in_history salary step',
  ]);
  expect(found({ salary_history: [] }, { stored, carries })).toEqual([]);
});

test('rules that look at nothing that the source brings are not asked', () => {
  const stored = { salary: [{ ...specialist, coefficient: '9.99' }] };
  const identity = [{ pin: '014085000001', sex: '1' }];
  const carries = { identity: ['pin', 'sex'] };
  expect(found({ identity }, { stored, carries })).toEqual([]);
  expect(found({ identity, ...stored })).toEqual(['coefficient_off_scale salary coefficient']);
});

test('a source is not told of what it has no column for', () => {
  const employment = [{ object_class: '4', status: '1' }];
  const all = found({ employment });
  expect(all).toContain('field_expected insurance social_insurance_no');
  expect(all).toContain('list_expected work_history ');
  const carries = { employment: ['object_class', 'status'], insurance: ['social_insurance_no'] };
  expect(found({ employment, insurance: [] }, { carries })).toEqual([
    'field_expected insurance social_insurance_no',
  ]);
});

test('findings come in the order of the catalogue, with the row of a list', () => {
  const worked = [
    { from_date: '2010', to_date: '2012' },
    { from_date: '2011', to_date: '2009' },
  ];
  expect(found({ work_history: worked, salary: [{ ...specialist, step: '12' }] })).toEqual([
    'step_off_scale salary step',
    'period_overlap work_history 2 from_date',
    'period_backwards work_history 2 to_date',
  ]);
  expect(placeOf({ section: 'identity', field: 'pin' })).toBeLessThan(
    placeOf({ section: 'salary', field: 'step' }),
  );
});

test('periods that touch do not overlap, in whatever order they stand', () => {
  const touching = [
    { from_date: '2018-06', to_date: '2020' },
    { from_date: '2015-03', to_date: '2018-06-30' },
    { from_date: '2020-11-02' },
  ];
  expect(found({ work_history: touching })).toEqual([]);
  const twice = [{ from_date: '2015' }, { from_date: '2015' }];
  expect(found({ work_history: twice })).toEqual(['period_overlap work_history 2 from_date']);
  const within = [
    { from_date: '2010', to_date: '2020' },
    { from_date: '2012', to_date: '2013' },
    { from_date: '2019', to_date: '2021' },
  ];
  expect(found({ work_history: within })).toEqual([
    'period_overlap work_history 2 from_date',
    'period_overlap work_history 3 from_date',
  ]);
});

test('the percent beyond the scale cannot have grown faster than the years', () => {
  const paid = (step_since: string, over_scale_percent: string) =>
    found({ salary: [{ rank_code: '01.003', step: '9', step_since, over_scale_percent }] });
  expect(paid('2023-11', '5.00')).toEqual([]);
  expect(paid('2023-12', '5.00')).toEqual(['over_scale_percent_off salary over_scale_percent']);
  expect(paid('2020', '5.50')).toEqual(['over_scale_percent_off salary over_scale_percent']);
  expect(paid('2018', '5.00')).toEqual([]);
});

test('the sections that a source is judged together with are those its rules look at', () => {
  const looked = sectionsLookedAt(['insurance']);
  expect(looked).toContain('employment');
  expect(looked).not.toContain('family_own');
});
