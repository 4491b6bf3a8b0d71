/** Group A of the record, the post: employment, recruitment, education, position, salary. */
import type { DraftRow } from '../catalogue/draft.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import { addDays } from '../text/hanoi-day.ts';
import { later, shiftYears, yearOf } from './dates.ts';
import type { Life } from './life.ts';
import { chance, oneOf, weightedChoice } from './random.ts';
import { hundredths, rowOf } from './rows.ts';

const statusOf = (life: Life): string => {
  const near = life.age >= (life.sex === '0' ? 56 : 60);
  if (near && chance(life.random, 0.25)) return '3';
  return laterStatus(life.random);
};
const laterStatus = weightedChoice([
  ['1', 980],
  ['2', 9],
  ['4', 9],
  ['5', 2],
]);

const active = '1';
const deceased = '5';

/** Who has left did so in the last months, after the last change of their salary. */
function closing(life: Life, status: string): Record<string, string | undefined> {
  if (status === active) return {};
  const { index, career, today, agency } = life;
  const on = later(career.current.from, addDays(today, -(index % 90)));
  const decision = `${100 + (index % 900)}/QĐ-${agency}`;
  return { status_date: on, status_decision: status === deceased ? undefined : decision };
}

export function employmentRow(life: Life): DraftRow {
  const { unit, agency } = life;
  const status = life.post === 'none' ? statusOf(life) : active;
  const managing = life.post === 'none' ? (unit.parent ?? unit.code) : agency;
  return rowOf({
    staff_number: `${agency}-${String(life.index + 1).padStart(6, '0')}`,
    object_class: life.objectClass,
    employing_unit: unit.code,
    managing_unit: managing,
    status,
    ...closing(life, status),
  });
}

export function recruitmentRow(life: Life): DraftRow {
  return rowOf({
    first_recruited_on: life.recruitedOn,
    recruiting_agency:
      life.joinedOn === life.recruitedOn
        ? life.unit.name
        : `Ủy ban nhân dân ${life.birthProvince.name}`,
    joined_agency_on: life.joinedOn,
    recruiting_unit: life.joinedOn === life.recruitedOn ? life.unit.code : undefined,
    recruited_position: life.track.job,
  });
}

const politicalTheory = (life: Life): string | undefined => {
  if (life.post === 'head') return chance(life.random, 0.6) ? '3' : '2';
  if (life.post === 'deputy') return chance(life.random, 0.3) ? '3' : '2';
  const share = life.unit.type === '3' ? 0.2 : 0.5;
  return chance(life.random, share) ? (chance(life.random, 0.55) ? '2' : '1') : undefined;
};

/** What the trainings of the person add up to, so that section and training lists agree. */
export type Levels = {
  readonly politicalTheory?: string;
  readonly stateManagement?: string;
};

export function levelsOf(life: Life): Levels {
  const political = politicalTheory(life);
  const administrative = life.unit.type !== '3' && life.track.ladder[0] !== '01.005';
  const management = administrative || life.post !== 'none';
  return {
    ...(political === undefined ? {} : { politicalTheory: political }),
    // specialists are trained for their rank: 2 specialist, 3 principal, 4 senior
    ...(management && chance(life.random, 0.8)
      ? { stateManagement: String(2 + life.career.level) }
      : {}),
  };
}

export function educationRow(life: Life, levels: Levels): DraftRow {
  const { random, masterOn, doctorOn, track } = life;
  const scholar = track.job === 'Giảng viên';
  const titled = scholar && doctorOn !== undefined && chance(random, 0.35);
  const titledOn = titled ? shiftYears(doctorOn, 4) : undefined;
  const inForce = titledOn !== undefined && titledOn <= life.today;
  const honoured = life.age >= 45 && chance(random, 0.01);
  const degreeOn = doctorOn ?? masterOn;
  return rowOf({
    general_education: generalEducation(life),
    highest_level: life.level,
    academic_title: inForce ? (chance(random, 0.12) ? '1' : '2') : undefined,
    academic_title_on: inForce ? titledOn : undefined,
    degree: degreeOn === undefined ? undefined : doctorOn === undefined ? '1' : '2',
    degree_on: degreeOn,
    state_honour: honoured ? honourOf(life) : undefined,
    political_theory: levels.politicalTheory,
    state_management: levels.stateManagement,
    minority_language: life.ethnicGroup === '01' ? undefined : life.ethnicGroup,
  });
}

/** The ten-year school of the North ended in 1993. */
function generalEducation(life: Life): string {
  const tenYears = yearOf(life.birthDate) <= 1970 && chance(life.random, 0.5);
  if (tenYears) return '10/10';
  return life.track.schooling === '2' && chance(life.random, 0.15) ? '9/12' : '12/12';
}

function honourOf({ track, random }: Life): string {
  if (track.job === 'Giáo viên' || track.job === 'Giảng viên')
    return chance(random, 0.1) ? '1' : '2';
  if (track.job === 'Bác sĩ' || track.job === 'Điều dưỡng') return chance(random, 0.1) ? '3' : '4';
  return '7';
}

export function positionRow(life: Life): DraftRow {
  const { post, unit, random, track, appointedOn, today } = life;
  const code = post === 'none' ? undefined : unit.posts[post];
  const title =
    code === undefined ? track.job : (shippedBook.withCode('CHUC_VU', code)[0]?.vi ?? track.job);
  const again = appointedOn === undefined ? undefined : shiftYears(appointedOn, 5);
  return rowOf({
    title,
    title_code: code,
    appointed_on: appointedOn,
    reappointed_on: again !== undefined && again <= today ? again : undefined,
    concurrent_title: chance(random, 0.03) ? 'Chủ tịch Công đoàn cơ sở' : undefined,
    main_work: post === 'none' ? track.work : 'Phụ trách chung, lãnh đạo đơn vị',
    strengths: chance(random, 0.4) ? `Chuyên ngành ${oneOf(random, track.studies)}` : undefined,
    job_position: post === 'none' ? track.job : title,
    position_group: post === 'none' ? track.positionGroup : '1',
    elected_term: life.objectClass === '1' ? '2026-2031' : undefined,
  });
}

export function planningRow(life: Life): DraftRow | undefined {
  if (!chance(life.random, life.post === 'none' ? 0.06 : 0.35)) return undefined;
  const code = life.post === 'none' ? life.unit.posts.deputy : life.unit.posts.head;
  const title = shippedBook.withCode('CHUC_VU', code)[0]?.vi;
  return title === undefined ? undefined : rowOf({ planned_title: title });
}

export function salaryRow(life: Life): DraftRow {
  const { career, post, random } = life;
  const { current, overScalePercent } = career;
  return rowOf({
    rank_name: shippedBook.withCode('NGACH', current.rank)[0]?.vi,
    rank_code: current.rank,
    rank_since: career.rankSince,
    step: String(current.step),
    coefficient: current.coefficient,
    step_since: career.stepSince,
    percent_paid: current.percent,
    over_scale_percent: overScalePercent === 0 ? undefined : hundredths(overScalePercent),
    position_allowance: post === 'none' ? undefined : hundredths(leadershipAllowance(life)),
    concurrent_allowance: chance(random, 0.03) ? '0.10' : undefined,
    other_allowance: chance(random, 0.2)
      ? oneOf(random, ['0.10', '0.20', '0.30', '0.50'])
      : undefined,
  });
}

/** Coefficient of the leadership allowance: heads of larger units have more. */
export const leadershipAllowance = ({ post, unit }: Life): number =>
  (unit.parent === undefined ? 1 : unit.type === '1' ? 0.7 : 0.45) + (post === 'head' ? 0.2 : 0);
