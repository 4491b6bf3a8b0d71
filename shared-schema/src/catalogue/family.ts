/** Group F, quan hệ gia đình: entries 96–103, personal data of third persons, always sealed. */
import { code, field, integer, text } from './define.ts';
import type { Field, Section } from './types.ts';

const common = {
  kind: 'person',
  group: 'F',
  decreeGroup: 2,
  reach: 'sealed',
  many: true,
} as const;

const sensitive = { restriction: 3 } as const;

function relative(first: number): readonly Field[] {
  return [
    field(1, 'relationship', [first], 'Mối quan hệ', 'Relationship', code('QUAN_HE_GIA_DINH'), {
      ...sensitive,
      required: true,
    }),
    field(2, 'full_name', [first + 1], 'Họ và tên', 'Name', text(120), sensitive),
    field(
      3,
      'birth_year',
      [first + 2],
      'Năm sinh',
      'Year of birth',
      integer(1800, 2200),
      sensitive,
    ),
    field(
      4,
      'details',
      [first + 3],
      'Quê quán, nghề nghiệp, chức danh, đơn vị, nơi ở',
      'Origin, job, residence',
      text(1000),
      sensitive,
    ),
  ];
}

export const familyOwn: Section = {
  ...common,
  tag: 60,
  name: 'family_own',
  vi: 'Quan hệ gia đình về bản thân',
  en: 'Own family',
  fields: relative(96),
};

export const familySpouse: Section = {
  ...common,
  tag: 61,
  name: 'family_spouse',
  vi: 'Quan hệ gia đình về bên vợ (chồng)',
  en: "Spouse's family",
  fields: relative(100),
};
