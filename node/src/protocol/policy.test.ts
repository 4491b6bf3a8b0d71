import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Reach } from '@lienthong/shared-schema/catalogue/types.ts';
import { type ReachTable, shippedReaches } from '@lienthong/shared-schema/rules/reach-policy.ts';
import { expect, test } from 'vitest';

import {
  type ArrivedPolicy,
  decidePolicy,
  type HeldPolicy,
  type PolicyDecision,
} from './policy.ts';

const audience = Buffer.alloc(32, 'a');
const policyOf = (reaches: Readonly<Record<string, Reach>>): ReachTable =>
  new Map(Object.entries(reaches).map(([name, reach]) => [sectionNamed(name).tag, reach]));

const shipped: HeldPolicy = {
  hubIncarnation: 0n,
  version: 0n,
  reaches: shippedReaches,
  body: new Uint8Array(0),
};
const third: HeldPolicy = {
  hubIncarnation: 1n,
  version: 3n,
  reaches: policyOf({ salary: 'sealed', training: 'unit' }),
  body: Buffer.from('the third'),
};

const decide = (held: HeldPolicy, changes: Partial<ArrivedPolicy>): PolicyDecision =>
  decidePolicy(
    { audience, held },
    {
      hubIncarnation: 1n,
      version: 4n,
      audience,
      reaches: policyOf({ salary: 'unit', training: 'unit' }),
      body: Buffer.from('the fourth'),
      ...changes,
    },
  );

const names = (decision: PolicyDecision): readonly string[] | string =>
  decision.kind === 'take' ? decision.changed.map((section) => section.name) : decision.kind;

test('a newer policy is taken, and what differs from ours is sent again', () => {
  expect(names(decide(third, {}))).toEqual(['salary']);
  expect(names(decide(shipped, { version: 9n }))).toEqual(['salary', 'training']);
  expect(names(decide(third, { reaches: shippedReaches }))).toEqual(['salary', 'training']);
  expect(names(decide(third, { reaches: third.reaches }))).toEqual([]);
});

test('an older policy, and ours again, are ignored', () => {
  expect(decide(third, { version: 2n })).toEqual({ kind: 'ignore' });
  expect(decide(third, { version: 3n, body: Buffer.from('the third') })).toEqual({
    kind: 'ignore',
  });
});

test('another policy of the version that we have is refused', () => {
  expect(decide(third, { version: 3n })).toEqual({ kind: 'refuse', reason: 'a second policy 3' });
});

test('a hub of a newer incarnation counts on from an older version, one of an older is behind', () => {
  expect(names(decide(third, { hubIncarnation: 2n, version: 2n }))).toEqual(['salary']);
  const later = { ...third, hubIncarnation: 2n };
  expect(names(decide(later, { hubIncarnation: 1n, version: 9n }))).toBe('ignore');
});

test.each([
  ['for another hub', { audience: Buffer.alloc(32, 'b') }, 'another hub'],
  ['without a version', { version: 0n }, 'without a version'],
  ['that narrows a head', { reaches: policyOf({ identity: 'sealed' }) }, 'identity cannot be'],
  [
    'that narrows employment',
    { reaches: policyOf({ employment: 'unit' }) },
    'employment cannot be',
  ],
])('a policy %s is refused', (_, changes, reason) => {
  for (const held of [shipped, third]) {
    expect(decide(held, changes)).toEqual({
      kind: 'refuse',
      reason: expect.stringContaining(reason),
    });
  }
});

test('a policy of a newer catalogue is taken for what is known here', () => {
  const reaches: ReachTable = new Map([...third.reaches, [9_999, 'unit']]);
  expect(names(decide(third, { reaches }))).toEqual([]);
});
