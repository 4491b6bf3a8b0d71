/**
 * The tree of a ministry or central agency: departments, bureaux with divisions, institutes,
 * universities and, at the Ministry of Health, hospitals. Below the ministry all names are made up.
 */
import {
  type Unit,
  departmentUnits,
  fitted,
  hospitalCareers,
  inspectionCareers,
  instituteCareers,
  mostDivisions,
  numbered,
  officeCareers,
  universityCareers,
} from './unit.ts';

export type MinistrySize = {
  readonly agency: string;
  readonly name: string;
  readonly size: number;
};

const departments: readonly string[] = [
  'Văn phòng',
  'Vụ Tổ chức cán bộ',
  'Vụ Kế hoạch - Tài chính',
  'Vụ Pháp chế',
  'Vụ Hợp tác quốc tế',
  'Thanh tra',
];
const established = '2025-03-01';
const directorPosts = { head: '23', deputy: '24', deputies: 3 } as const;

/** Parents come before their children; the first is the ministry itself. */
export function ministryTree({ agency, name, size }: MinistrySize): readonly Unit[] {
  const divisions = fitted(size / 500, { min: 0, max: mostDivisions });
  const bureaux = fitted(size / 300, { min: 2, max: 20 });
  const health = agency === 'G18';
  return [
    {
      code: agency,
      name,
      type: '1',
      weight: 0.2,
      posts: { head: '01', deputy: '02', deputies: 4 },
      careers: officeCareers,
      establishedOn: established,
    },
    ...departments.flatMap((department, i) =>
      departmentUnits({
        code: `${agency}.${numbered(i + 1)}`,
        name: department,
        parent: agency,
        weight: 20 / departments.length,
        posts: { head: '03', deputy: '04', deputies: 3 },
        careers: department === 'Thanh tra' ? inspectionCareers : officeCareers,
        divisions: 0,
        establishedOn: established,
      }),
    ),
    ...Array.from({ length: bureaux }, (_, i) =>
      departmentUnits({
        code: `${agency}.${numbered(21 + i)}`,
        name: `Cục Nghiệp vụ ${i + 1}`,
        parent: agency,
        weight: 40 / bureaux,
        posts: { head: '05', deputy: '06', deputies: 3 },
        careers: officeCareers,
        divisions,
        establishedOn: established,
      }),
    ).flat(),
    closedBureau(agency),
    ...services(agency, {
      count: fitted(size / 900, { min: 1, max: 12 }),
      weight: 20,
      kind: 'institute',
    }),
    ...services(agency, {
      count: fitted(size / 1500, { min: 1, max: 8 }),
      weight: 20,
      kind: 'university',
    }),
    ...(health
      ? services(agency, {
          count: fitted(size / 1200, { min: 1, max: 20 }),
          weight: 120,
          kind: 'hospital',
        })
      : []),
  ];
}

/** Closed when ministries were merged: nobody works there, but old records name it. */
const closedBureau = (agency: string): Unit => ({
  code: `${agency}.91`,
  name: 'Tổng cục (trước sắp xếp)',
  parent: agency,
  type: '1',
  weight: 0,
  posts: directorPosts,
  careers: officeCareers,
  establishedOn: '2008-01',
  closedOn: '2025-02-28',
});

const serviceKinds = {
  institute: {
    first: 51,
    name: 'Viện Nghiên cứu',
    posts: directorPosts,
    careers: instituteCareers,
  },
  university: {
    first: 71,
    name: 'Trường Đại học trực thuộc',
    posts: { head: '21', deputy: '22', deputies: 3 },
    careers: universityCareers,
  },
  hospital: {
    first: 101,
    name: 'Bệnh viện Trung ương',
    posts: directorPosts,
    careers: hospitalCareers,
  },
} as const;

type Services = {
  readonly count: number;
  readonly weight: number;
  readonly kind: keyof typeof serviceKinds;
};

function services(agency: string, { count, weight, kind }: Services): readonly Unit[] {
  const { first, name, posts, careers } = serviceKinds[kind];
  return Array.from({ length: count }, (_, i) => ({
    code: `${agency}.${numbered(first + i)}`,
    name: `${name} ${i + 1}`,
    parent: agency,
    type: '3',
    weight: weight / count,
    posts,
    careers,
    establishedOn: String(1960 + ((i * 11) % 50)),
  }));
}
