/** Groups D and F of the record, sealed: personal history, and relatives (made up like the person). */
import type { DraftRow } from '../catalogue/draft.ts';
import { yearOf } from './dates.ts';
import type { Life } from './life.ts';
import { type Sex, familyName, fullName } from './names.ts';
import { chance, integerIn, oneOf } from './random.ts';
import { rowOf } from './rows.ts';

export function personalHistoryRow({ random }: Life): DraftRow {
  return rowOf({
    arrests: 'Không',
    former_regime: 'Không',
    foreign_relations: chance(random, 0.03) ? 'Có người thân học tập ở nước ngoài' : 'Không',
  });
}

type Relative = {
  /** Code of QUAN_HE_GIA_DINH. */
  readonly relationship: string;
  readonly sex: Sex;
  readonly birthYear: number;
  /** Family name; absent for those who came from another family. */
  readonly family?: string;
};

const occupations = ['Làm ruộng', 'Công nhân', 'Giáo viên', 'Kinh doanh', 'Nghỉ hưu', 'Nội trợ'];

function relativeRow(life: Life, relative: Relative): DraftRow {
  const { random, ethnicGroup, birthProvince, homeCommune, today } = life;
  const family =
    relative.family ?? familyName(random, { ethnicGroup, oldProvince: birthProvince.code });
  const young = yearOf(today) - relative.birthYear < 22;
  return rowOf({
    relationship: relative.relationship,
    full_name: fullName(random, { sex: relative.sex, ethnicGroup, family }),
    birth_year: String(relative.birthYear),
    details: `Quê quán: ${birthProvince.name}; ${young ? 'còn nhỏ hoặc đi học' : oneOf(random, occupations)}; nơi ở: ${homeCommune.name}`,
  });
}

/** Years between the birth of a parent and a child. */
const generation = { min: 20, max: 36 } as const;

const parents = (
  life: Life,
  codes: { readonly father: string; readonly mother: string; readonly family: string },
): readonly DraftRow[] => {
  const year = yearOf(life.birthDate);
  const father = year - integerIn(life.random, generation);
  const mother = year - integerIn(life.random, generation);
  return [
    relativeRow(life, {
      relationship: codes.father,
      sex: '1',
      birthYear: father,
      family: codes.family,
    }),
    relativeRow(life, { relationship: codes.mother, sex: '0', birthYear: mother }),
  ];
};

export function familyOwnRows(life: Life, spouseFamily: string): readonly DraftRow[] {
  const { random, sex, birthDate, marriedOn, children, today } = life;
  const year = yearOf(birthDate);
  const rows = [...parents(life, { father: '1', mother: '2', family: life.family })];
  if (marriedOn !== undefined) {
    rows.push(
      relativeRow(life, {
        relationship: sex === '1' ? '3' : '4',
        sex: sex === '1' ? '0' : '1',
        birthYear: year + integerIn(random, { min: -3, max: 3 }),
        family: spouseFamily,
      }),
    );
    for (let child = 0; child < children; child += 1) {
      rows.push(
        relativeRow(life, {
          relationship: '5',
          sex: chance(random, 0.52) ? '1' : '0',
          birthYear: Math.min(yearOf(marriedOn) + 1 + child * 3, yearOf(today)),
          // children bear the father's family name
          family: sex === '1' ? life.family : spouseFamily,
        }),
      );
    }
  }
  const siblings = integerIn(random, { min: 0, max: 3 });
  for (let sibling = 0; sibling < siblings; sibling += 1) {
    rows.push(
      relativeRow(life, {
        relationship: '6',
        sex: chance(random, 0.5) ? '1' : '0',
        birthYear: year + (sibling + 1) * (chance(random, 0.5) ? 2 : -2),
        family: life.family,
      }),
    );
  }
  return rows;
}

export function familySpouseRows(life: Life, spouseFamily: string): readonly DraftRow[] {
  return life.marriedOn === undefined
    ? []
    : parents(life, { father: '7', mother: '8', family: spouseFamily });
}
