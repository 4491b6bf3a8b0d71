/**
 * A unit of the synthetic tree: what it is called, whom it employs and how many of the people are
 * its own. Office departments with their divisions are made here, for provinces and ministries.
 */
import type { Weighted } from './random.ts';
import type { TrackName } from './tracks.ts';

/** Codes of CHUC_VU for the head of a unit and the deputies, and how many deputies there are. */
export type Posts = { readonly head: string; readonly deputy: string; readonly deputies: number };

export type Unit = {
  readonly code: string;
  readonly name: string;
  readonly parent?: string;
  /** Code of LOAI_DON_VI: 1 administrative, 2 commune, 3 public service. */
  readonly type: '1' | '2' | '3';
  /** Share of the people, relative to the other units; 0 for a closed unit. */
  readonly weight: number;
  readonly posts: Posts;
  readonly careers: Weighted<TrackName>;
  readonly establishedOn: string;
  readonly closedOn?: string;
};

export const officeCareers: Weighted<TrackName> = [
  ['specialist', 70],
  ['officer', 5],
  ['accountant', 9],
  ['clerk', 6],
  ['support', 10],
];
export const inspectionCareers: Weighted<TrackName> = [
  ['inspector', 60],
  ['specialist', 30],
  ['support', 10],
];
export const communeCareers: Weighted<TrackName> = [
  ['specialist', 72],
  ['officer', 15],
  ['accountant', 8],
  ['support', 5],
];
export const hospitalCareers: Weighted<TrackName> = [
  ['doctor', 28],
  ['nurse', 52],
  ['technician', 6],
  ['accountant', 6],
  ['support', 8],
];
export const instituteCareers: Weighted<TrackName> = [
  ['researcher', 62],
  ['engineer', 18],
  ['accountant', 8],
  ['support', 12],
];
export const universityCareers: Weighted<TrackName> = [
  ['lecturer', 70],
  ['specialist', 14],
  ['accountant', 6],
  ['technician', 4],
  ['support', 6],
];
export const siteCareers: Weighted<TrackName> = [
  ['engineer', 58],
  ['technician', 14],
  ['specialist', 14],
  ['accountant', 6],
  ['support', 8],
];
export const schoolCareers = (teachers: TrackName): Weighted<TrackName> => [
  [teachers, 86],
  ['accountant', 4],
  ['clerk', 4],
  ['support', 6],
];

const divisionNames: readonly string[] = [
  'Phòng Tổ chức - Hành chính',
  'Phòng Kế hoạch - Tài chính',
  'Phòng Nghiệp vụ 1',
  'Phòng Nghiệp vụ 2',
  'Phòng Nghiệp vụ 3',
  'Phòng Nghiệp vụ 4',
];
export const mostDivisions = divisionNames.length;

export type Department = {
  readonly code: string;
  readonly name: string;
  readonly parent: string;
  readonly weight: number;
  readonly posts: Posts;
  readonly careers: Weighted<TrackName>;
  /** How many divisions it has, at most `mostDivisions`. */
  readonly divisions: number;
  readonly establishedOn: string;
};

/** A department and its divisions, which hold most of its people. */
export function departmentUnits(department: Department): readonly Unit[] {
  const { divisions, weight, ...own } = department;
  const parts = 1 + 2 * divisions;
  return [
    { ...own, type: '1', weight: weight / parts },
    ...divisionNames.slice(0, divisions).map((name, i): Unit => ({
      code: `${department.code}.${numbered(i + 1)}`,
      name,
      parent: department.code,
      type: '1',
      weight: (2 * weight) / parts,
      posts: { head: '15', deputy: '16', deputies: 2 },
      careers: department.careers,
      establishedOn: department.establishedOn,
    })),
  ];
}

/** Part of a unit code: two digits or more. */
export const numbered = (n: number): string => String(n).padStart(2, '0');

/** A count of units fitted to the number of people, within bounds. */
export const fitted = (
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): number => Math.max(min, Math.min(max, Math.round(value)));
