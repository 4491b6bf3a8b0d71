/** Group B of the record: studies and courses, in the order of a life, codes valid at their end. */
import type { CodeListName } from '../catalogue/code-list-names.ts';
import type { DraftRow } from '../catalogue/draft.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import { dayBetween, monthOf, shiftMonths, yearOf } from './dates.ts';
import type { Life } from './life.ts';
import type { Levels } from './post-rows.ts';
import { type Random, type Weighted, chance, oneOf, weightedChoice } from './random.ts';
import { rowOf } from './rows.ts';

/** One of the codes of a list that were valid at the (partial) date of the event. */
function codeThen(
  random: Random,
  draw: { readonly list: CodeListName; readonly codes: Weighted<string>; readonly event: string },
): string {
  const inForce = draw.codes.filter(
    ([code]) => shippedBook.standing(draw.list, code, draw.event) === 'valid',
  );
  return weightedChoice(inForce)(random);
}

const fullTime: Weighted<string> = [
  ['1', 90],
  ['2', 8],
  ['3', 5],
];
const beside: Weighted<string> = [
  ['2', 30],
  ['3', 30],
  ['1', 20],
  ['4', 8],
  ['5', 4],
];
const gradeFirst = weightedChoice([
  ['1', 2],
  ['2', 14],
  ['3', 48],
  ['4', 22],
  ['5', 14],
]);

export function trainingRows(life: Life): readonly DraftRow[] {
  const { random, track, graduatedOn, masterOn, doctorOn } = life;
  const subject = oneOf(random, track.studies);
  const study = (course: Course): DraftRow =>
    rowOf({
      from_date: monthOf(shiftMonths(course.until, -course.months)),
      to_date: monthOf(course.until),
      institution: oneOf(random, track.institutions),
      field_of_study: subject,
      form: codeThen(random, {
        list: 'HINH_THUC_DAO_TAO',
        codes: course.forms,
        event: monthOf(course.until),
      }),
      qualification: course.qualification,
      level: course.level,
      grade: course.grade,
      country: 'Việt Nam',
    });
  return [
    study({
      until: graduatedOn,
      months: track.studyYears * 12 - 3,
      level: track.schooling,
      qualification: firstDegree[track.schooling],
      forms: fullTime,
      grade: gradeFirst(random),
    }),
    ...(masterOn === undefined
      ? []
      : [
          study({
            until: masterOn,
            months: 24,
            level: '5',
            qualification: 'Thạc sĩ',
            forms: beside,
          }),
        ]),
    ...(doctorOn === undefined
      ? []
      : [
          study({
            until: doctorOn,
            months: 38,
            level: '6',
            qualification: 'Tiến sĩ',
            forms: beside,
          }),
        ]),
  ];
}

type Course = {
  readonly until: string;
  readonly months: number;
  readonly level: string;
  readonly qualification: string;
  readonly forms: Weighted<string>;
  readonly grade?: string;
};

const firstDegree = { '2': 'Trung cấp', '3': 'Cao đẳng', '4': 'Đại học' } as const;

/** A day of the service, or undefined when the person serves too short a time for a course. */
function courseEnd(life: Life): string | undefined {
  const earliest = shiftMonths(life.recruitedOn, 14);
  return earliest < life.today ? dayBetween(life.random, earliest, life.today) : undefined;
}

export function politicalTrainingRows(life: Life, levels: Levels): readonly DraftRow[] {
  const until = courseEnd(life);
  if (levels.politicalTheory === undefined || until === undefined) return [];
  return [
    rowOf({
      from_date: monthOf(shiftMonths(until, levels.politicalTheory === '1' ? -2 : -12)),
      to_date: monthOf(until),
      institution:
        levels.politicalTheory === '3'
          ? 'Học viện Chính trị quốc gia Hồ Chí Minh'
          : `Trường Chính trị ${life.birthProvince.name}`,
      form: oneOf(life.random, ['8', '9']),
      level: levels.politicalTheory,
    }),
  ];
}

export function stateManagementRows(life: Life, levels: Levels): readonly DraftRow[] {
  const until = courseEnd(life);
  if (levels.stateManagement === undefined || until === undefined) return [];
  return [
    rowOf({
      from_date: monthOf(shiftMonths(until, -3)),
      to_date: monthOf(until),
      institution: 'Học viện Hành chính Quốc gia',
      certificate: levels.stateManagement,
    }),
  ];
}

export function defenceTrainingRows(life: Life): readonly DraftRow[] {
  const until = courseEnd(life);
  if (until === undefined || !chance(life.random, life.post === 'none' ? 0.35 : 0.9)) return [];
  return [
    rowOf({
      from_date: monthOf(shiftMonths(until, -1)),
      to_date: monthOf(until),
      institution: 'Trung tâm Giáo dục quốc phòng và an ninh',
      certificate: '1',
    }),
  ];
}

const itCodes: Weighted<string> = [
  ['A', 60],
  ['B', 60],
  ['C', 6],
  ['1', 60],
  ['2', 15],
];

export function itTrainingRows(life: Life): readonly DraftRow[] {
  const until = courseEnd(life);
  if (until === undefined || !chance(life.random, 0.7)) return [];
  const event = monthOf(until);
  return [
    rowOf({
      from_date: monthOf(shiftMonths(until, -2)),
      to_date: event,
      institution: 'Trung tâm Ngoại ngữ - Tin học',
      certificate: codeThen(life.random, { list: 'TRINH_DO_TIN_HOC', codes: itCodes, event }),
    }),
  ];
}

const foreignLanguage = weightedChoice([
  ['en', 92],
  ['fr', 2],
  ['ru', 1],
  ['zh', 4],
  ['ja', 1],
]);
const frameLevel = weightedChoice([
  ['A1', 5],
  ['A2', 35],
  ['B1', 42],
  ['B2', 14],
  ['C1', 4],
]);
const oldLevel = weightedChoice([
  ['A', 20],
  ['B', 60],
  ['C', 20],
]);

/** The language of the land, which officials of highland and Khmer provinces learn. */
const localLanguage = new Map([
  ['11', 'tai'],
  ['12', 'hmn'],
  ['14', 'tai'],
  ['02', 'hmn'],
  ['10', 'hmn'],
  ['15', 'hmn'],
  ['08', 'tyz'],
  ['64', 'jra'],
  ['66', 'rad'],
  ['84', 'km'],
  ['94', 'km'],
]);

export function languageTrainingRows(life: Life): readonly DraftRow[] {
  const { random } = life;
  const until = courseEnd(life);
  const rows: DraftRow[] = [];
  if (until !== undefined && chance(random, 0.65)) {
    // the frame of six levels came in 2014
    const framed = yearOf(until) >= 2014;
    rows.push(
      rowOf({
        from_date: monthOf(shiftMonths(until, -4)),
        to_date: monthOf(until),
        institution: 'Trung tâm Ngoại ngữ - Tin học',
        language: foreignLanguage(random),
        level: framed ? frameLevel(random) : oldLevel(random),
        score: chance(random, 0.3) ? (4 + random() * 6).toFixed(2) : undefined,
      }),
    );
  }
  const local = localLanguage.get(life.birthProvince.code);
  const localUntil = courseEnd(life);
  if (local !== undefined && localUntil !== undefined && chance(random, 0.2)) {
    rows.push(
      rowOf({
        from_date: monthOf(shiftMonths(localUntil, -6)),
        to_date: monthOf(localUntil),
        institution: 'Trung tâm Giáo dục thường xuyên',
        language: local,
      }),
    );
  }
  return rows;
}
