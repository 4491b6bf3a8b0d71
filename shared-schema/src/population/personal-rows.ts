/** Group A of the record, the person: identity, papers, contact, origin, Party, service, health. */
import type { DraftRow } from '../catalogue/draft.ts';
import { dayBetween, earlier, monthOf, shiftMonths, shiftYears, yearOf } from './dates.ts';
import type { Life } from './life.ts';
import { fullName } from './names.ts';
import { newProvinceName } from './places.ts';
import { type Random, chance, integerIn, oneOf, weightedChoice } from './random.ts';
import { rowOf } from './rows.ts';

export function identityRow(life: Life): DraftRow {
  const { random, birthDate, birthProvince, homeCommune } = life;
  // births before about 1975 were often registered by the year alone
  const yearOnly = yearOf(birthDate) < 1975 && chance(random, 0.08);
  return rowOf({
    pin: life.pin,
    full_name: life.name,
    other_names: chance(random, 0.02)
      ? fullName(random, { sex: life.sex, ethnicGroup: life.ethnicGroup, family: life.family })
      : undefined,
    birth_date: yearOnly ? birthDate.slice(0, 4) : birthDate,
    sex: life.sex,
    ethnic_group: life.ethnicGroup,
    religion: religionOf(life),
    birth_place: birthProvince.name,
    birth_place_code: birthProvince.code,
    home_town: address(life),
    home_town_code: homeCommune.code,
  });
}

const address = ({ homeCommune, homeProvince }: Life): string =>
  `${homeCommune.name}, ${newProvinceName(homeProvince)}`;

const lowlandReligion = weightedChoice([
  ['00', 880],
  ['01', 60],
  ['02', 45],
  ['03', 6],
  ['04', 5],
  ['05', 4],
]);
const khmerReligion = weightedChoice([
  ['01', 85],
  ['00', 15],
]);
const chamReligion = weightedChoice([
  ['13', 50],
  ['06', 30],
  ['00', 20],
]);
const highlandReligion = weightedChoice([
  ['00', 90],
  ['03', 8],
  ['02', 2],
]);
const religionByGroup = new Map([
  ['01', lowlandReligion],
  ['06', lowlandReligion],
  ['05', khmerReligion],
  ['14', chamReligion],
]);

const religionOf = (life: Life): string =>
  (religionByGroup.get(life.ethnicGroup) ?? highlandReligion)(life.random);

export function idPaperRow(life: Life): DraftRow {
  // cards with a chip are issued since 2021; the ministry itself issues them since July 2024
  const issued = dayBetween(life.random, '2021-03-01', earlier(life.today, '2026-06-30'));
  return rowOf({
    issued_on: issued,
    issued_by:
      issued < '2024-07-01' ? 'Cục Cảnh sát quản lý hành chính về trật tự xã hội' : 'Bộ Công an',
    // whoever was grown up before 2016 has had a card of nine digits; a series that was never issued
    old_number: yearOf(life.birthDate) < 1998 ? `000${life.pin.slice(-6)}` : undefined,
  });
}

/** Telephone numbers begin with 0199, withdrawn in 2018; addresses end in example.vn. */
export function contactRow(life: Life): DraftRow {
  const { random } = life;
  return rowOf({
    phone: `0199${String(integerIn(random, { min: 0, max: 9_999_999 })).padStart(7, '0')}`,
    email: `${mailName(life.name)}.${life.index + 1}@${life.agency.toLowerCase()}.example.vn`,
    permanent_residence: address(life),
    permanent_residence_code: life.homeCommune.code,
    current_residence: `Số ${integerIn(random, { min: 1, max: 250 })}, ${address(life)}`,
    current_residence_code: life.homeCommune.code,
  });
}

/** The last part of a name in ASCII, as it stands in addresses. */
const mailName = (name: string): string =>
  (name.split(' ').at(-1) ?? name)
    .normalize('NFD')
    .replaceAll(/[Đđ]/gu, 'd')
    .replaceAll(/[^A-Za-z]/gu, '')
    .toLowerCase();

/** Numbers of a series that is not issued (99…, XX…). */
export function insuranceRow(life: Life): DraftRow {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => integerIn(life.random, { min: 0, max: 9 })).join('');
  return rowOf({
    social_insurance_no: `99${digits(8)}`,
    health_card_no: `XX4${life.birthProvince.code}${digits(10)}`,
  });
}

const familyOrigin = weightedChoice([
  ['1', 62],
  ['2', 13],
  ['3', 19],
  ['4', 2],
  ['5', 2],
  ['9', 2],
]);
const policyStatus = weightedChoice([
  ['1', 15],
  ['2', 8],
  ['3', 55],
  ['4', 8],
  ['5', 6],
  ['9', 8],
]);
const priorOccupations = ['Sinh viên', 'Học sinh', 'Làm ruộng', 'Công nhân', 'Lao động tự do'];

export function originRow(life: Life): DraftRow {
  return rowOf({
    family_origin: familyOrigin(life.random),
    prior_occupation: oneOf(life.random, priorOccupations),
    policy_status: chance(life.random, 0.06) ? policyStatus(life.random) : undefined,
  });
}

const headPartyPost = weightedChoice([
  ['1', 50],
  ['2', 20],
  ['3', 10],
  ['4', 20],
]);
const memberPartyPost = weightedChoice([
  ['5', 88],
  ['4', 9],
  ['2', 3],
]);

export function partyRow(life: Life): DraftRow | undefined {
  const { partyOn, random, today } = life;
  if (partyOn === undefined) return undefined;
  // a year as a candidate member comes before the official date and the card
  const official = shiftMonths(partyOn, 12);
  const member = official <= today;
  return rowOf({
    admitted_on: partyOn,
    official_on: member ? official : undefined,
    card_no: member ? `00${String(life.index + 1).padStart(7, '0')}` : undefined,
    party_position: (life.post === 'none' ? memberPartyPost : headPartyPost)(random),
  });
}

export function associationRow(life: Life): DraftRow | undefined {
  if (!chance(life.random, 0.85)) return undefined;
  return rowOf({
    first_joined_on: `${yearOf(life.birthDate) + 16}-03-26`,
    organisation_name: 'Đoàn Thanh niên Cộng sản Hồ Chí Minh',
  });
}

const militaryRank = weightedChoice([
  ['1', 60],
  ['2', 30],
  ['3', 5],
  ['4', 3],
  ['6', 1],
  ['7', 1],
]);

export function militaryRow(life: Life): DraftRow | undefined {
  const { random, birthDate, sex } = life;
  if (!chance(random, sex === '1' ? 0.11 : 0.003)) return undefined;
  // served before the studies ended, or in the reserve; never after recruitment
  const enlisted = dayBetween(
    random,
    shiftYears(birthDate, 18),
    shiftMonths(shiftYears(birthDate, 18), 11),
  );
  const discharged = shiftMonths(enlisted, 18);
  return rowOf({
    enlisted_on: monthOf(enlisted),
    discharged_on: discharged <= life.today ? monthOf(discharged) : undefined,
    highest_rank: militaryRank(random),
  });
}

const healthClass = weightedChoice([
  ['1', 18],
  ['2', 58],
  ['3', 21],
  ['4', 3],
]);
const bloodGroup = weightedChoice([
  ['O', 42],
  ['B', 31],
  ['A', 21],
  ['AB', 6],
]);

export function healthRow(life: Life): DraftRow {
  const { random, sex } = life;
  const height = (sex === '1' ? 168 : 156) + spread(random, 12);
  return rowOf({
    condition: healthClass(random),
    height_cm: String(height),
    weight_kg: String(Math.round((height / 100) ** 2 * (21.5 + spread(random, 3)))),
    blood_group: bloodGroup(random),
  });
}

/** A whole number around 0, triangular, at most `width` away. */
const spread = (random: Random, width: number): number => Math.round((random() - random()) * width);
