/**
 * The facts of one synthetic person that the sections of the record must agree on: birth, name,
 * schooling, career, post, Party, family. Every section is written from one Life. Nobody real.
 */

import { addDays } from '../text/hanoi-day.ts';
import { dayBetween, earlier, later, shiftMonths, shiftYears, yearOf } from './dates.ts';
import { ethnicGroupOf } from './ethnic-mix.ts';
import { familyName, fullName, type Sex } from './names.ts';
import type { PinSource } from './pins.ts';
import {
  communesByProvince,
  type Homeland,
  oldProvinces,
  type OldProvince,
  type Place,
} from './places.ts';
import { chance, integerIn, oneOf, type Random, weightedChoice } from './random.ts';
import { salaryCareer, type SalaryCareer } from './salary-career.ts';
import { type Schooling, type Track, tracks } from './tracks.ts';
import type { StaffedUnit } from './unit-tree.ts';

export type Post = 'head' | 'deputy' | 'none';

export type Life = {
  readonly random: Random;
  readonly agency: string;
  readonly today: string;
  /** Position in the population, from 0. */
  readonly index: number;
  readonly unit: StaffedUnit;
  readonly post: Post;
  readonly appointedOn?: string;
  readonly sex: Sex;
  readonly birthDate: string;
  /** Whole years on `today`. */
  readonly age: number;
  readonly birthProvince: OldProvince;
  readonly homeCommune: Place;
  readonly homeProvince: string;
  readonly ethnicGroup: string;
  readonly name: string;
  /** Shared with father, siblings and a man's children; empty where people bear none. */
  readonly family: string;
  readonly pin: string;
  /** Code of LOAI_HO_SO: 1 cadre, 2 civil servant, 3 public employee, 4 contract. */
  readonly objectClass: '1' | '2' | '3' | '4';
  readonly track: Track;
  readonly graduatedOn: string;
  readonly recruitedOn: string;
  readonly joinedOn: string;
  readonly career: SalaryCareer;
  /** Highest level, a code of TRINH_DO_DAO_TAO. */
  readonly level: Schooling | '5' | '6';
  readonly masterOn?: string;
  readonly doctorOn?: string;
  readonly partyOn?: string;
  readonly marriedOn?: string;
  readonly children: number;
};

export type LifeOptions = {
  readonly random: Random;
  readonly agency: string;
  readonly today: string;
  readonly index: number;
  readonly unit: StaffedUnit;
  readonly homeland: Homeland;
  readonly pins: PinSource;
};

const staffAge = weightedChoice([
  [{ min: 22, max: 30 }, 15],
  [{ min: 31, max: 40 }, 34],
  [{ min: 41, max: 50 }, 35],
  [{ min: 51, max: 61 }, 16],
]);
const deputyAge = weightedChoice([
  [{ min: 33, max: 40 }, 25],
  [{ min: 41, max: 50 }, 50],
  [{ min: 51, max: 61 }, 25],
]);
const headAge = weightedChoice([
  [{ min: 38, max: 45 }, 30],
  [{ min: 46, max: 52 }, 40],
  [{ min: 53, max: 61 }, 30],
]);
const ages = { head: headAge, deputy: deputyAge, none: staffAge } as const;

const entryAge = weightedChoice([
  [22, 26],
  [23, 26],
  [24, 17],
  [25, 11],
  [26, 8],
  [28, 6],
  [30, 4],
  [34, 2],
]);

/** Women retire at about 57 in 2026, men at about 61 and a half (Decree 135/2020/NĐ-CP). */
const oldestWoman = 57;
const pinAttempts = 40;

export function lifeOf(options: LifeOptions): Life {
  const { random, agency, today, index, unit, homeland, pins } = options;
  const post = postOf(unit, index - unit.first);
  const track = tracks[trackOf(random, unit, post)];
  const sex: Sex = chance(random, post === 'none' ? track.femaleShare : track.femaleShare * 0.75)
    ? '0'
    : '1';
  const { birthDate, age } = birthOf(random, { sex, post, today });
  const { birthProvince, pin } = bornIn(random, { sex, birthDate, homeland, pins, agency });
  const ethnicGroup = ethnicGroupOf(random, birthProvince.code);
  const family = familyName(random, { ethnicGroup, oldProvince: birthProvince.code });
  const homeProvince = homeland.seat ?? birthProvince.successor;
  const schoolEnd = shiftYears(birthDate, 18 + track.studyYears);
  const recruitedOn = recruitment(random, { birthDate, schoolEnd, today });
  const graduatedOn = earlier(
    `${yearOf(schoolEnd)}-06-${integerIn(random, { min: 10, max: 28 })}`,
    shiftMonths(recruitedOn, -1),
  );
  const service = { ladder: track.ladder, recruitedOn, today, post, age };
  const career = salaryCareer(random, {
    ladder: track.ladder,
    startedOn: recruitedOn,
    today,
    promotions: promotionDays(random, service),
  });
  const degrees = higherDegrees(random, { track, career, recruitedOn, today });
  const marriedOn = chance(random, 0.88)
    ? dayBetween(random, shiftYears(birthDate, 22), shiftYears(birthDate, 33))
    : undefined;
  const married = marriedOn !== undefined && marriedOn <= today;
  return {
    random,
    agency,
    today,
    index,
    unit,
    post,
    ...(post === 'none' ? {} : { appointedOn: appointment(random, { recruitedOn, today }) }),
    sex,
    birthDate,
    age,
    birthProvince,
    homeProvince,
    homeCommune: oneOf(random, communesByProvince.get(homeProvince) ?? []),
    ethnicGroup,
    name: fullName(random, { sex, ethnicGroup, family }),
    family,
    pin,
    objectClass: objectClass(random, unit, post),
    track,
    graduatedOn,
    recruitedOn,
    joinedOn: chance(random, 0.65) ? recruitedOn : dayBetween(random, recruitedOn, today),
    career,
    level:
      degrees.doctorOn === undefined
        ? degrees.masterOn === undefined
          ? track.schooling
          : '5'
        : '6',
    ...degrees,
    ...partyEntry(random, { birthDate, recruitedOn, today, post, unit }),
    ...(married ? { marriedOn } : {}),
    children: married ? childrenOf(random, marriedOn, today) : 0,
  };
}

const postOf = (unit: StaffedUnit, offset: number): Post => {
  if (offset === 0) return 'head';
  // a small unit has fewer deputies than it may have
  return offset <= Math.min(unit.posts.deputies, Math.floor(unit.count / 6)) ? 'deputy' : 'none';
};

/** Leaders rose from the unit's main profession. */
const trackOf = (random: Random, unit: StaffedUnit, post: Post) =>
  post === 'none' ? weightedChoice(unit.careers)(random) : (unit.careers[0]?.[0] ?? 'specialist');

function objectClass(random: Random, unit: StaffedUnit, post: Post): Life['objectClass'] {
  if (post !== 'none') {
    if (unit.type === '2' || unit.parent === undefined) return '1';
    return unit.type === '3' ? '3' : '2';
  }
  if (chance(random, 0.06)) return '4';
  return unit.type === '3' ? '3' : '2';
}

function birthOf(
  random: Random,
  person: { readonly sex: Sex; readonly post: Post; readonly today: string },
): { readonly birthDate: string; readonly age: number } {
  const drawn = integerIn(random, ages[person.post](random));
  const age = person.sex === '0' ? Math.min(drawn, oldestWoman - (drawn % 3)) : drawn;
  const last = shiftYears(person.today, -age);
  return { birthDate: dayBetween(random, addDays(shiftYears(last, -1), 4), last), age };
}

/** Most are born in the agency's own land; where its numbers are used up, in another province. */
function bornIn(
  random: Random,
  birth: {
    readonly sex: Sex;
    readonly birthDate: string;
    readonly homeland: Homeland;
    readonly pins: PinSource;
    readonly agency: string;
  },
): { readonly birthProvince: OldProvince; readonly pin: string } {
  for (let attempt = 0; attempt < pinAttempts; attempt += 1) {
    const near = attempt === 0 && chance(random, 0.82);
    const birthProvince = oneOf(random, near ? birth.homeland.provinces : oldProvinces);
    const pin = birth.pins({
      province: birthProvince.code,
      sex: birth.sex,
      year: yearOf(birth.birthDate),
    });
    if (pin !== undefined) return { birthProvince, pin };
  }
  throw new RangeError(`agency ${birth.agency} has no personal numbers left: ask for fewer people`);
}

function recruitment(
  random: Random,
  life: { readonly birthDate: string; readonly schoolEnd: string; readonly today: string },
): string {
  const { birthDate, schoolEnd, today } = life;
  const from = later(shiftYears(birthDate, entryAge(random)), schoolEnd);
  const day = dayBetween(random, from, shiftMonths(from, 11));
  if (day < today) return day;
  // too young for that: recruited within the last year
  return dayBetween(random, shiftMonths(today, -11), addDays(today, -1));
}

type Service = {
  readonly ladder: readonly string[];
  readonly recruitedOn: string;
  readonly today: string;
  readonly post: Post;
  readonly age: number;
};

/** Leaders are promoted more often; the highest rank is for few, and not before 45. */
function promotionDays(
  random: Random,
  { ladder, recruitedOn, post, age }: Service,
): readonly string[] {
  const leads = post !== 'none';
  const second = shiftMonths(recruitedOn, 12 * 9 + integerIn(random, { min: 0, max: 96 }));
  if (ladder.length < 2 || !chance(random, leads ? 0.9 : 0.42)) return [];
  if (ladder.length < 3 || age < 45 || !chance(random, leads ? 0.25 : 0.05)) return [second];
  return [second, shiftMonths(second, 12 * 7 + integerIn(random, { min: 0, max: 60 }))];
}

type Study = {
  readonly track: Track;
  readonly career: SalaryCareer;
  readonly recruitedOn: string;
  readonly today: string;
};

/** Higher ranks ask for higher degrees; lecturers and researchers have them soonest. */
function higherDegrees(
  random: Random,
  { track, career, recruitedOn, today }: Study,
): Pick<Life, 'masterOn' | 'doctorOn'> {
  if (track.schooling !== '4') return {};
  const scholar = track === tracks.lecturer || track === tracks.researcher;
  const share = scholar ? 0.75 : ([0.14, 0.45, 0.8][career.level] ?? 0.14);
  const masterOn = shiftMonths(recruitedOn, integerIn(random, { min: 30, max: 130 }));
  if (!chance(random, share) || masterOn > today) return {};
  const doctorOn = shiftMonths(masterOn, integerIn(random, { min: 40, max: 110 }));
  const doctor = chance(random, scholar ? 0.35 : 0.02 + 0.12 * career.level) && doctorOn <= today;
  return doctor ? { masterOn, doctorOn } : { masterOn };
}

const appointment = (
  random: Random,
  service: { readonly recruitedOn: string; readonly today: string },
): string =>
  // leaders have been in service for some years before
  dayBetween(
    random,
    earlier(
      later(shiftYears(service.recruitedOn, 6), shiftYears(service.today, -9)),
      shiftMonths(service.today, -2),
    ),
    shiftMonths(service.today, -1),
  );

function partyEntry(
  random: Random,
  life: {
    readonly birthDate: string;
    readonly recruitedOn: string;
    readonly today: string;
    readonly post: Post;
    readonly unit: StaffedUnit;
  },
): Pick<Life, 'partyOn'> {
  const share = life.post === 'none' ? (life.unit.type === '3' ? 0.42 : 0.74) : 0.97;
  const from = shiftYears(life.birthDate, 20);
  const partyOn =
    life.post === 'none'
      ? dayBetween(random, from, shiftYears(from, 18))
      : dayBetween(random, from, shiftYears(from, 10));
  return chance(random, share) && partyOn <= life.today ? { partyOn } : {};
}

function childrenOf(random: Random, marriedOn: string, today: string): number {
  const years = yearOf(today) - yearOf(marriedOn);
  const wanted = chance(random, 0.12) ? 3 : chance(random, 0.72) ? 2 : 1;
  return Math.min(wanted, Math.floor(years / 2));
}
