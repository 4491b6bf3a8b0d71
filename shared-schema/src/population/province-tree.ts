/**
 * The tree of a province as it is since July 2025: departments with divisions, communes with their
 * schools, upper-secondary schools, hospitals, a college. Communes bear the names of the list DVHC;
 * schools and hospitals are made up. About 11 in 100 people work in departments, 14 in communes, 57
 * in schools and 15 in health.
 */
import { communesByProvince, mergerDay } from './places.ts';
import {
  type Unit,
  communeCareers,
  departmentUnits,
  fitted,
  hospitalCareers,
  inspectionCareers,
  mostDivisions,
  numbered,
  officeCareers,
  schoolCareers,
  siteCareers,
  universityCareers,
} from './unit.ts';

export type ProvinceSize = {
  readonly agency: string;
  readonly name: string;
  /** Code of the province in DVHC since the merger. */
  readonly seat: string;
  readonly size: number;
};

const departments: readonly string[] = [
  'Văn phòng Ủy ban nhân dân',
  'Sở Nội vụ',
  'Sở Tư pháp',
  'Sở Tài chính',
  'Sở Công Thương',
  'Sở Nông nghiệp và Môi trường',
  'Sở Xây dựng',
  'Sở Khoa học và Công nghệ',
  'Sở Văn hóa, Thể thao và Du lịch',
  'Sở Giáo dục và Đào tạo',
  'Sở Y tế',
  'Sở Dân tộc và Tôn giáo',
  'Thanh tra tỉnh',
];

const schoolPosts = { head: '21', deputy: '22', deputies: 2 } as const;
const directorPosts = { head: '23', deputy: '24', deputies: 3 } as const;

/** Parents come before their children; the first is the province itself. */
export function provinceTree(province: ProvinceSize): readonly Unit[] {
  const { agency, size } = province;
  const codeOf = (name: string): string => `${agency}.${numbered(departments.indexOf(name) + 1)}`;
  const divisions = fitted(size / 800, { min: 0, max: mostDivisions });
  return [
    {
      code: agency,
      name: province.name,
      type: '1',
      weight: 0.05,
      posts: { head: '11', deputy: '12', deputies: 3 },
      careers: officeCareers,
      establishedOn: mergerDay,
    },
    ...departments.flatMap((name) =>
      departmentUnits({
        code: codeOf(name),
        name,
        parent: agency,
        weight: 11 / departments.length,
        posts: { head: '13', deputy: '14', deputies: 3 },
        careers: name === 'Thanh tra tỉnh' ? inspectionCareers : officeCareers,
        divisions,
        establishedOn: mergerDay,
      }),
    ),
    closedBranch(codeOf('Sở Nông nghiệp và Môi trường')),
    projectBoard(codeOf('Sở Xây dựng')),
    ...communeUnits(province),
    ...upperSchools(codeOf('Sở Giáo dục và Đào tạo'), size),
    ...hospitals(codeOf('Sở Y tế'), size),
    {
      code: `${agency}.31`,
      name: 'Trường Cao đẳng Cộng đồng',
      parent: agency,
      type: '3',
      weight: 1.5,
      posts: schoolPosts,
      careers: universityCareers,
      establishedOn: '2008',
    },
  ];
}

/** Closed at the merger: nobody works there, but old records name it. */
const closedBranch = (department: string): Unit => ({
  code: `${department}.21`,
  name: 'Chi cục Thủy lợi (trước sắp xếp)',
  parent: department,
  type: '1',
  weight: 0,
  posts: directorPosts,
  careers: officeCareers,
  establishedOn: '1996-08',
  closedOn: '2025-06-30',
});

const projectBoard = (department: string): Unit => ({
  code: `${department}.31`,
  name: 'Ban Quản lý dự án đầu tư xây dựng',
  parent: department,
  type: '3',
  weight: 1.5,
  posts: directorPosts,
  careers: siteCareers,
  establishedOn: '2017-02-15',
});

function communeUnits({ agency, seat, size }: ProvinceSize): readonly Unit[] {
  const all = communesByProvince.get(seat) ?? [];
  const count = fitted(size / 120, { min: 1, max: all.length });
  const schools = fitted((size * 0.45) / count / 35, { min: 1, max: 18 });
  return all.slice(0, count).flatMap((commune, i) => {
    const code = `${agency}.${101 + i}`;
    const body: Unit = {
      code,
      name: `Ủy ban nhân dân ${commune.name.charAt(0).toLocaleLowerCase('vi')}${commune.name.slice(1)}`,
      parent: agency,
      type: '2',
      weight: 14 / count,
      posts: { head: '17', deputy: '18', deputies: 2 },
      careers: communeCareers,
      establishedOn: mergerDay,
    };
    return [
      body,
      ...Array.from({ length: schools }, (_, n) => school(body, n, 45 / count / schools)),
    ];
  });
}

const kinds = [
  { teachers: 'primary', name: 'Trường Tiểu học' },
  { teachers: 'preschool', name: 'Trường Mầm non' },
  { teachers: 'lowerSecondary', name: 'Trường Trung học cơ sở' },
] as const;

function school(commune: Unit, n: number, weight: number): Unit {
  // communes with one school begin with another kind each
  const kind = kinds[(n + Number(commune.code.slice(-1))) % kinds.length] ?? kinds[0];
  return {
    code: `${commune.code}.${numbered(n + 1)}`,
    name: `${kind.name} số ${n + 1}`,
    parent: commune.code,
    type: '3',
    weight,
    posts: schoolPosts,
    careers: schoolCareers(kind.teachers),
    establishedOn: String(1962 + ((n * 7) % 50)),
  };
}

function upperSchools(education: string, size: number): readonly Unit[] {
  const count = fitted((size * 0.12) / 70, { min: 1, max: 120 });
  return Array.from({ length: count }, (_, i) => ({
    code: `${education}.${101 + i}`,
    name: `Trường Trung học phổ thông số ${i + 1}`,
    parent: education,
    type: '3',
    weight: 12 / count,
    posts: schoolPosts,
    careers: schoolCareers('upperSecondary'),
    establishedOn: String(1965 + ((i * 5) % 45)),
  }));
}

function hospitals(health: string, size: number): readonly Unit[] {
  const count = fitted((size * 0.15) / 250, { min: 1, max: 40 });
  return Array.from({ length: count }, (_, i) => ({
    code: `${health}.${101 + i}`,
    name: i === 0 ? 'Bệnh viện Đa khoa tỉnh' : `Bệnh viện Đa khoa khu vực ${i}`,
    parent: health,
    type: '3',
    weight: 15 / count,
    posts: directorPosts,
    careers: hospitalCareers,
    establishedOn: String(1958 + ((i * 9) % 55)),
  }));
}
