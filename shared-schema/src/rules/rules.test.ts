import { expect, test } from 'vitest';

import { fieldNamed, sectionNamed } from '../catalogue/catalogue.ts';
import { makeCodeBook, shippedBook } from '../code-lists/code-book.ts';
import { checkValues, faultOf } from './check-field.ts';
import { pinFacts } from './check-pin.ts';
import { checkRecord } from './check-record.ts';
import { lastStepOf, monthsAtStep, salaryStanding } from './check-salary.ts';
import { makeFinding } from './findings.ts';
import type { RecordExample, RecordRule, UnitTree, ValueExample } from './rule.ts';
import { findingCodes, ruleOf } from './rules.ts';

const codes = shippedBook;
const units: UnitTree = new Map<string, string | null>([
  ['H52', null],
  ['H52.01', null],
  ['H52.09', '2025-06-30'],
]);
const context = { today: '2026-11-21', codes, agency: 'H52', units } as const;

function fieldAt(path: string) {
  const [section = '', name = ''] = path.split('.');
  return fieldNamed(sectionNamed(section), name);
}

/** What a clerk is asked to do stands after the last colon. */
const stepOf = (sentence: string): string => sentence.split(': ').slice(1).at(-1) ?? '';
const vietnameseSteps =
  /(?:kiểm tra|bổ sung|ghi|chọn|sửa|gõ|giữ|rút gọn|gửi|để|chuyển|xóa|mở lại) .*\.$|kiểm tra\.$|gõ lại\.$|rút gọn\.$/u;
const englishSteps =
  /^(?:please check|if|check|fill|shorten|type|choose|look|correct|add|send|mend|write|give|keep|convert|let|clear|leave)\b.*\.$/u;

test.each(findingCodes)('%s says in two languages what to do, and names its source', (code) => {
  const { vi, en, source } = ruleOf(code);
  expect(stepOf(vi)).toMatch(vietnameseSteps);
  expect(stepOf(en)).toMatch(englishSteps);
  expect(source).not.toBe('');
  const names = (text: string): readonly string[] =>
    Array.from(text.matchAll(/\{\w+\}/gu), ([name]) => name).toSorted();
  expect(names(vi)).toEqual(names(en));
});

test.each(findingCodes)('%s names the field, or the record as a whole', (code) => {
  const rule = ruleOf(code);
  const isWhole = rule.on === 'hub' || rule.on === 'node' || rule.vi.startsWith('Hồ sơ');
  expect(rule.vi.includes('{label}') || isWhole).toBe(true);
});

const valueCodes = findingCodes.filter((code) => ruleOf(code).on === 'value');
const recordCodes = findingCodes.filter((code) => ruleOf(code).on === 'record');

const faultOfExample = ({ field, value, event }: ValueExample): string | undefined =>
  faultOf(fieldAt(field), value, { codes, event: event ?? null })?.code;

test.each(valueCodes)('%s accepts its good value, and finds just its own fault', (code) => {
  const rule = ruleOf(code);
  if (rule.on !== 'value') throw new RangeError(code);
  expect(faultOfExample(rule.accepted)).toBeUndefined();
  expect(faultOfExample(rule.refused)).toBe(code);
  expect(rule.types).toContain(fieldAt(rule.refused.field).type.kind);
});

const codesOf = ({ kind }: RecordRule, { sections }: RecordExample): readonly string[] =>
  checkRecord({ kind, sections }, context).map((finding) => finding.code);

test.each(recordCodes)('%s accepts its good record, and finds fault with the other', (code) => {
  const rule = ruleOf(code);
  if (rule.on !== 'record') throw new RangeError(code);
  expect(codesOf(rule, rule.accepted)).not.toContain(code);
  expect(codesOf(rule, rule.refused)).toContain(code);
  // the values of an example are good ones, so that nothing else is at fault
  for (const { sections } of [rule.accepted, rule.refused]) {
    const faults = checkValues({ kind: rule.kind, sections }, codes);
    expect(faults.filter((fault) => fault.code !== 'required')).toEqual([]);
  }
});

test.each(recordCodes)(
  '%s looks at fields of its kind of record, and its examples at them',
  (code) => {
    const rule = ruleOf(code);
    if (rule.on !== 'record') throw new RangeError(code);
    for (const path of rule.looksAt) {
      fieldAt(path);
      expect(sectionNamed(path.split('.')[0] ?? '').kind).toBe(rule.kind);
    }
    const sections = new Set(rule.looksAt.map((path) => path.split('.')[0]));
    for (const name of Object.keys(rule.refused.sections)) expect(sections).toContain(name);
  },
);

test('a finding is a whole sentence without holes', () => {
  const finding = makeFinding('code_unknown', 'ethnic_group', {
    label: { vi: 'Dân tộc', en: 'Ethnic group' },
    value: 'Kihn',
    limit: 'DAN_TOC',
  });
  expect(finding.en).toBe(
    'Ethnic group "Kihn" is not in code list DAN_TOC: choose a value of the list or map it.',
  );
  expect(finding.vi).not.toMatch(/[{}]/u);
});

test.each([
  ['identity.pin', '35094812781', 'pin_format'],
  ['identity.pin', '', 'required'],
  ['identity.birth_date', '1975', undefined],
  ['org_unit.code', 'H52..1', 'unit_code_format'],
  ['salary.step', '1e3', 'number_format'],
  ['salary.step', '12', undefined],
  ['salary.coefficient', '4.321', 'number_format'],
] as const)('%s of %j gives %s', (path, value, code) => {
  expect(faultOf(fieldAt(path), value, { codes, event: null })?.code).toBe(code);
});

test('every fault of a draft is told, each with its place', () => {
  const found = checkValues(
    {
      kind: 'person',
      sections: {
        work_history: [{ from_date: '2010' }, { from_date: '2010-13', to_date: 'nay' }],
        discipline: [{ from_date: '2025-07-01', form: '4' }],
      },
    },
    codes,
  );
  expect(found.map((one) => [one.section, one.ordinal, one.field, one.code])).toEqual([
    ['work_history', 2, 'from_date', 'date_format'],
    ['work_history', 2, 'to_date', 'date_format'],
    ['discipline', 1, 'form', 'code_not_valid_then'],
  ]);
});

test('the personal number tells sex and year of birth', () => {
  expect(pinFacts('035094812781')).toEqual({ sex: '1', birthYear: 1994 });
  expect(pinFacts('049300397731')).toEqual({ sex: '0', birthYear: 2000 });
  expect(pinFacts('268833285')).toBeUndefined();
});

// Decree 204/2004/NĐ-CP, tables 2 and 3: steps, first and last coefficient, months a step
test.each([
  ['A3.1', 6, 6.2, 8, 36],
  ['A3.2', 6, 5.75, 7.55, 36],
  ['A2.1', 8, 4.4, 6.78, 36],
  ['A2.2', 8, 4, 6.38, 36],
  ['A1', 9, 2.34, 4.98, 36],
  ['A0', 10, 2.1, 4.89, 36],
  ['B', 12, 1.86, 4.06, 24],
  ['C1', 12, 1.65, 3.63, 24],
  ['C2', 12, 1.5, 3.48, 24],
  ['C3', 12, 1.35, 3.33, 24],
] as const)(
  'group %s has %i equal steps from %d to %d, of %i months',
  (salaryGroup, steps, first, last, months) => {
    const rank = { code: '99.001', vi: 'Ngạch thử', status: 'verified', salaryGroup };
    const book = makeCodeBook([{ name: 'NGACH', entries: [rank] }]);
    expect(lastStepOf(book, rank.code)).toBe(steps);
    for (let step = 1; step <= steps; step += 1) {
      const coefficient = (first + ((last - first) / (steps - 1)) * (step - 1)).toFixed(2);
      const facts = { rankCode: rank.code, step: String(step), coefficient };
      expect([step, salaryStanding(book, facts)]).toEqual([step, 'fits']);
      expect(monthsAtStep(book, rank.code, String(step))).toBe(months);
    }
  },
);

test('the coefficient is checked against rank and step', () => {
  const standing = (rankCode: string | null, step: string, coefficient: string) =>
    salaryStanding(codes, { rankCode, step, coefficient });
  expect(standing('01.003', '4', '3.33')).toBe('fits');
  expect(standing('01.001', '6', '8')).toBe('fits');
  expect(standing('01.003', '9', '5.29')).toBe('coefficient-off');
  expect(standing('01.003', '10', '5.29')).toBe('step-off');
  expect(standing('01.003', '0', '5.29')).toBe('step-off');
  expect(standing(null, '9', '5.29')).toBe('not-checked');
  expect(lastStepOf(codes, '01.003')).toBe(9);
  expect(monthsAtStep(codes, '01.005', '12')).toBe(24);
  expect(monthsAtStep(codes, '01.005', undefined)).toBeUndefined();
});
