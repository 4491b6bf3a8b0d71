/**
 * The unit tree of a level-1 agency, and its records: each unit with the posts assigned to it this
 * year and last. Units are few, so that the tree may stand in memory.
 */
import type { DraftRow, RecordDraft } from '../catalogue/draft.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import { yearOf } from './dates.ts';
import { ministryTree } from './ministry-tree.ts';
import { homelandOf } from './places.ts';
import { provinceTree } from './province-tree.ts';
import { rowOf } from './rows.ts';
import type { Unit } from './unit.ts';

/** A unit and the people in it, by their index in the population: from `first`, `count` of them. */
export type StaffedUnit = Unit & { readonly first: number; readonly count: number };

/** Parents come before their children; the counts add up to `size`. */
export function staffedTree(agency: string, size: number): readonly StaffedUnit[] {
  const { seat } = homelandOf(agency);
  const name = shippedBook.withCode('CO_QUAN', agency).at(-1)?.vi ?? agency;
  const units =
    seat === undefined
      ? ministryTree({ agency, name, size })
      : provinceTree({ agency, name, seat, size });
  const total = units.reduce((sum, unit) => sum + unit.weight, 0);
  let weight = 0;
  let first = 0;
  return units.map((unit) => {
    weight += unit.weight;
    const end = Math.round((size * weight) / total);
    const staffed = { ...unit, first, count: end - first };
    first = end;
    return staffed;
  });
}

export function unitDraft(unit: StaffedUnit, today: string): RecordDraft {
  const posts = [yearOf(today) - 1, yearOf(today)].flatMap((year) => postRows(unit, year));
  return {
    kind: 'org_unit',
    sections: {
      org_unit: [
        rowOf({
          code: unit.code,
          name: unit.name,
          parent_code: unit.parent,
          unit_type: unit.type,
          established_on: unit.establishedOn,
          closed_on: unit.closedOn,
        }),
      ],
      ...(unit.count === 0 ? {} : { org_post: posts }),
    },
  };
}

/** A few posts more than people: some are always vacant. */
function postRows(unit: StaffedUnit, year: number): readonly DraftRow[] {
  const post = (kind: string, assigned: number): DraftRow =>
    rowOf({ year: String(year), post_kind: kind, assigned: String(assigned) });
  const contracts = Math.round(unit.count * 0.08);
  const regular = Math.ceil(unit.count * 1.04);
  return [
    post(unit.type === '3' ? '2' : '1', regular),
    ...(contracts > 0 ? [post('3', contracts)] : []),
  ];
}
