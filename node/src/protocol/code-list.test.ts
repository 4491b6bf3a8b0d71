import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import { expect, test } from 'vitest';

import { type ArrivedCodeList, decideCodeList, type HeldCodeList } from './code-list.ts';

const audience = Buffer.alloc(32, 1);
const shipped = codeLists.HINH_THUC_KY_LUAT;

const arrived = (hubIncarnation: bigint, version: number, text = 'bytes'): ArrivedCodeList => ({
  hubIncarnation,
  audience,
  list: { ...shipped, version },
  body: Buffer.from(text),
});
const held = (hubIncarnation: bigint, version: number): HeldCodeList => ({
  hubIncarnation,
  version,
  body: Buffer.from('bytes'),
});

test.each<readonly [string, HeldCodeList | undefined, ArrivedCodeList, string]>([
  ['the first one', undefined, arrived(1n, 2), 'take'],
  ['a newer one', held(1n, 2), arrived(1n, 3), 'take'],
  ['a newer one behind some that were never told', held(1n, 2), arrived(1n, 9), 'take'],
  ['an older one', held(1n, 3), arrived(1n, 2), 'ignore'],
  ['the same again', held(1n, 3), arrived(1n, 3), 'ignore'],
  ['the same version with other bytes', held(1n, 3), arrived(1n, 3, 'other'), 'refuse'],
  ['a lower one of a hub that was restored', held(1n, 5), arrived(2n, 4), 'take'],
  ['a higher one of a hub before its restore', held(2n, 4), arrived(1n, 5), 'ignore'],
  ['one of another hub', undefined, { ...arrived(1n, 2), audience: Buffer.alloc(32, 2) }, 'refuse'],
  ['one without a version', undefined, arrived(1n, 0), 'refuse'],
  [
    'one with two meanings of one code',
    undefined,
    {
      ...arrived(1n, 2),
      list: { ...shipped, version: 2, entries: [...shipped.entries, ...shipped.entries] },
    },
    'refuse',
  ],
])('%s', (_, before, one, kind) => {
  expect(decideCodeList({ audience, held: before, shipped }, one).kind).toBe(kind);
});

test('of what is published and what came with the software the higher version is in force', () => {
  const inForce = (version: number, ofSoftware: number) => {
    const here = {
      audience,
      held: undefined,
      shipped: { ...shipped, version: ofSoftware, en: 'S' },
    };
    const decision = decideCodeList(here, arrived(1n, version));
    return decision.kind === 'take' ? [decision.inForce.version, decision.inForce.en] : [];
  };
  expect(inForce(3, 2)).toEqual([3, shipped.en]);
  expect(inForce(3, 3)).toEqual([3, shipped.en]);
  expect(inForce(3, 4)).toEqual([4, 'S']);
});
