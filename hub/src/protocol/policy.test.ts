import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Reach } from '@lienthong/shared-schema/catalogue/types.ts';
import { type ReachTable, shippedReaches } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { expect, test } from 'vitest';

import { forbiddenForms, nextPolicy } from './policy.ts';

const policyOf = (reaches: Readonly<Record<string, Reach>>): ReachTable =>
  new Map(Object.entries(reaches).map(([name, reach]) => [sectionNamed(name).tag, reach]));
const forms = (policy: ReachTable): object =>
  Object.fromEntries(
    forbiddenForms(policy).map(({ section, plain, sealed }) => [section.name, { plain, sealed }]),
  );

test('of a sealed section the plain rows go, of one kept at the unit whatever there is', () => {
  expect(forms(shippedReaches)).toEqual({});
  expect(forms(policyOf({ salary: 'sealed', training: 'unit', health: 'unit' }))).toEqual({
    salary: { plain: true, sealed: false },
    training: { plain: true, sealed: true },
    health: { plain: false, sealed: true },
  });
});

test('versions count up, and a table that says the same makes none', () => {
  const inForce = { version: 4n, hubIncarnation: 2n, reaches: policyOf({ salary: 'sealed' }) };
  expect(nextPolicy(inForce, policyOf({ salary: 'sealed' }), 2n)).toEqual({ kind: 'unchanged' });
  const shipped = { version: 0n, hubIncarnation: 1n, reaches: shippedReaches };
  expect(nextPolicy(shipped, new Map(), 1n)).toEqual({ kind: 'unchanged' });
  expect(nextPolicy(inForce, policyOf({ salary: 'unit', health: 'unit' }), 2n)).toEqual({
    kind: 'new',
    version: 5n,
    changed: [sectionNamed('salary'), sectionNamed('health')],
  });
});

test('after the incarnation was raised the same table can be signed anew', () => {
  const inForce = { version: 4n, hubIncarnation: 2n, reaches: policyOf({ salary: 'sealed' }) };
  expect(nextPolicy(inForce, inForce.reaches, 3n)).toEqual({
    kind: 'new',
    version: 5n,
    changed: [],
  });
});
