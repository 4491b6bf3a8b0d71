import { expect, test } from 'vitest';

import { sectionNamed, sections } from '../catalogue/catalogue.ts';
import type { Reach } from '../catalogue/types.ts';
import {
  changedSections,
  checkPolicy,
  effectiveReach,
  fixedReason,
  narrowedSections,
  type ReachTable,
  sectionsOfReach,
  shippedReaches,
} from './reach-policy.ts';

const tagOf = (name: string): number => sectionNamed(name).tag;
const policyOf = (reaches: Readonly<Record<string, Reach>>): ReachTable =>
  new Map(Object.entries(reaches).map(([name, reach]) => [tagOf(name), reach]));
const checked = (reaches: Readonly<Record<string, unknown>>): ReturnType<typeof checkPolicy> =>
  checkPolicy(new Map(Object.entries(reaches)));

const widths = ['unit', 'sealed', 'national'];

/** An example of each ceiling: health is sealed, salary plain, contact the unit's own. */
const ceilings = { salary: 'national', health: 'sealed', contact: 'unit' } as const;

test.each(
  Object.entries(ceilings).flatMap(([name, ceiling]) =>
    (['national', 'sealed', 'unit'] as const).map((wanted) => [name, ceiling, wanted] as const),
  ),
)(
  '%s, of ceiling %s, under a policy that says %s travels no further than both',
  (name, ceiling, wanted) => {
    const section = sectionNamed(name);
    expect(section.reach).toBe(ceiling);
    const narrower = widths.indexOf(wanted) < widths.indexOf(ceiling) ? wanted : ceiling;
    expect(effectiveReach(section, policyOf({ [name]: wanted }))).toBe(narrower);
  },
);

test('without a policy every section is at its ceiling', () => {
  for (const section of sections) {
    expect(effectiveReach(section, shippedReaches)).toBe(section.reach);
  }
  expect(narrowedSections(shippedReaches)).toEqual([]);
});

test('the three reaches share out all sections, in the order of the catalogue', () => {
  const policy = policyOf({ salary: 'sealed', training: 'unit', health: 'unit' });
  const parts = (['national', 'sealed', 'unit'] as const).map((reach) =>
    sectionsOfReach(reach, policy),
  );
  expect(parts[1]).toContain(sectionNamed('salary'));
  expect(parts[2]).toEqual(
    expect.arrayContaining([sectionNamed('training'), sectionNamed('health')]),
  );
  expect(new Set(parts.flat())).toEqual(new Set(sections));
  expect(parts.flat()).toHaveLength(sections.length);
  for (const part of parts) {
    const places = part.map((section) => sections.indexOf(section));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  }
});

test('what changes between two policies is told both ways, and what stays narrowed is not', () => {
  const before = policyOf({ salary: 'sealed', training: 'unit' });
  const after = policyOf({ salary: 'unit', training: 'unit', health: 'unit' });
  const names = (a: ReachTable, b: ReachTable): readonly string[] =>
    changedSections(a, b).map((section) => section.name);
  expect(names(before, after)).toEqual(['salary', 'health']);
  expect(names(after, before)).toEqual(['salary', 'health']);
  expect(names(after, after)).toEqual([]);
});

test('a section that this catalogue does not know, or knows narrower, changes nothing', () => {
  const newer: ReachTable = new Map([
    [9_999, 'unit'],
    [tagOf('health'), 'national'],
  ]);
  expect(changedSections(shippedReaches, newer)).toEqual([]);
});

test('a table that narrows and sets back is taken, and keeps only what differs from the ceiling', () => {
  expect(
    checked({ salary: 'sealed', training: 'national', health: 'unit', contact: 'unit' }),
  ).toEqual({
    kind: 'valid',
    reaches: policyOf({ salary: 'sealed', health: 'unit' }),
  });
  expect(checked({})).toEqual({ kind: 'valid', reaches: shippedReaches });
});

test.each([
  ['an unknown section', { wages: 'unit' }, 'wages is no section'],
  ['a name that every object has', { constructor: 'unit' }, 'constructor is no section'],
  ['an unknown reach', { salary: 'public' }, 'salary: write "national", "sealed" or "unit"'],
  ['a reach that is no text', { salary: null }, 'salary: write'],
  [
    'widening past sealed',
    { health: 'national' },
    'health cannot be national: the catalogue allows sealed at most, and only a new version',
  ],
  [
    'widening past the unit',
    { contact: 'sealed' },
    'contact cannot be sealed: the catalogue allows unit',
  ],
  [
    'the head of a person',
    { identity: 'sealed' },
    'identity cannot be narrowed: it makes a person exist',
  ],
  ['the head of the tree', { org_unit: 'unit' }, 'org_unit cannot be narrowed: it makes a unit'],
  [
    'what the checks of the hub rest on',
    { employment: 'sealed' },
    'employment cannot be narrowed: the hub checks',
  ],
])('%s is refused with its reason', (_, table, reason) => {
  const answer = checked({ ...table, training: 'unit' });
  expect(answer).toEqual({ kind: 'invalid', reasons: [expect.stringContaining(reason)] });
});

test('all faults of a table are told at once', () => {
  const answer = checked({ wages: 'unit', health: 'national', identity: 'unit', salary: 5 });
  expect(answer.kind === 'invalid' && answer.reasons).toHaveLength(4);
});

test('the sections that cannot be narrowed are those named as such', () => {
  const fixed = sections.filter((section) => fixedReason(section) !== undefined);
  expect(fixed.map((section) => section.name)).toEqual(['org_unit', 'identity', 'employment']);
});
