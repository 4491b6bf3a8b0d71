/** Groups C, E and H of the record: work history, rewards, discipline, evaluation. */
import type { DraftRow } from '../catalogue/draft.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import { dayBetween, monthOf, shiftMonths, yearOf } from './dates.ts';
import type { Life } from './life.ts';
import { chance, integerIn, oneOf, weightedChoice } from './random.ts';
import { rowOf } from './rows.ts';

/** From recruitment to today without a gap: earlier unit, this unit, the leading post. */
export function workHistoryRows(life: Life): readonly DraftRow[] {
  const { unit, track, recruitedOn, joinedOn, appointedOn, post } = life;
  const leading =
    post === 'none' ? undefined : shippedBook.withCode('CHUC_VU', unit.posts[post])[0]?.vi;
  const former = `Ủy ban nhân dân ${life.birthProvince.name}`;
  const stages = [
    ...(joinedOn > recruitedOn
      ? [{ from: recruitedOn, unitName: former, unitCode: undefined, position: track.job }]
      : []),
    { from: joinedOn, unitName: unit.name, unitCode: unit.code, position: track.job },
    ...(appointedOn !== undefined && appointedOn > joinedOn && leading !== undefined
      ? [{ from: appointedOn, unitName: unit.name, unitCode: unit.code, position: leading }]
      : []),
  ];
  return stages.map(({ from, unitName, unitCode, position }, i) => {
    const next = stages[i + 1];
    return rowOf({
      from_date: monthOf(from),
      to_date: next === undefined ? undefined : monthOf(next.from),
      unit_name: unitName,
      unit_code: unitCode,
      position,
    });
  });
}

const emulation = weightedChoice([
  ['1', 80],
  ['2', 17],
  ['3', 2.7],
  ['4', 0.3],
]);
const rewardForm = weightedChoice([
  ['7', 78],
  ['6', 18],
  ['5', 3],
  ['2', 0.8],
  ['1', 0.2],
]);

/** Rewards of the last twelve complete years of service. */
export function rewardRows(life: Life): readonly DraftRow[] {
  const { random } = life;
  return completeYears(life, 12)
    .filter(() => chance(random, 0.3))
    .map((year) =>
      rowOf({
        year: String(year),
        grading: chance(random, 0.5) ? oneOf(random, ['1', '2', '2']) : undefined,
        emulation: emulation(random),
        form: chance(random, 0.45) ? rewardForm(random) : undefined,
      }),
    );
}

const formBeforeReform = weightedChoice([
  ['1', 62],
  ['2', 24],
  ['3', 6],
  ['4', 3],
  ['5', 5],
]);
const formSinceReform = weightedChoice([
  ['1', 68],
  ['2', 27],
  ['5', 5],
]);
const violations = [
  'Vi phạm quy định về giờ giấc làm việc',
  'Vi phạm quy chế chuyên môn',
  'Chậm hoàn thành nhiệm vụ được giao',
  'Vi phạm quy định về chính sách dân số',
];

/** Two forms were abolished on 1 July 2025 (Decree 172/2025/NĐ-CP). */
export function disciplineRows(life: Life): readonly DraftRow[] {
  const { random, today } = life;
  const earliest = shiftMonths(life.recruitedOn, 6);
  if (earliest >= today || !chance(random, 0.012)) return [];
  const from = dayBetween(random, earliest, today);
  const until = shiftMonths(from, 12);
  return [
    rowOf({
      from_date: from,
      to_date: until <= today ? until : undefined,
      form: (from < '2025-07-01' ? formBeforeReform : formSinceReform)(random),
      violation: oneOf(random, violations),
      decided_by: life.unit.name,
    }),
  ];
}

const gradeNow = weightedChoice([
  ['1', 19],
  ['2', 73],
  ['3', 7],
  ['4', 1],
]);
const gradeUntil2020 = weightedChoice([
  ['1', 18],
  ['2', 70],
  ['3', 7],
  ['4', 1],
  ['5', 4],
]);
const comments = [
  'Chấp hành tốt đường lối, chủ trương; có tinh thần trách nhiệm.',
  'Hoàn thành công việc được giao, phối hợp tốt với đồng nghiệp.',
  'Có năng lực chuyên môn, cần chủ động hơn trong công việc.',
];

/** Evaluations of a few last years; for a third of the people of seven. */
export function evaluationRows(life: Life): readonly DraftRow[] {
  const { random } = life;
  const years = chance(random, 0.33) ? 7 : integerIn(random, { min: 2, max: 4 });
  return completeYears(life, years).map((year) =>
    rowOf({
      year: String(year),
      grade: (year <= 2020 ? gradeUntil2020 : gradeNow)(random),
      authority: life.unit.name,
      comments: chance(random, 0.3) ? oneOf(random, comments) : undefined,
    }),
  );
}

/** The last complete years of service, at most `most`, oldest first. */
function completeYears(life: Life, most: number): readonly number[] {
  const last = yearOf(life.today) - 1;
  const first = Math.max(yearOf(life.recruitedOn) + 1, last - most + 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
