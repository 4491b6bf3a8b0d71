import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import { expect, test } from 'vitest';

import { nextCodeList } from './code-list.ts';

const list = codeLists.HINH_THUC_KY_LUAT;

test('the list in force again is no new version, and under the next number it is one', () => {
  expect(nextCodeList(list, list)).toEqual({ kind: 'unchanged' });
  expect(nextCodeList(list, { ...list, version: 2 })).toEqual({
    kind: 'new',
    changes: { added: [], closed: [], changed: [] },
  });
});

test.each([1, 3])('version %i does not follow version 1 with other contents', (version) => {
  expect(nextCodeList(list, { ...list, version, en: 'Other' })).toEqual({
    kind: 'faulty',
    faults: ['version 1 is in force: the next one is "version": 2'],
  });
});

test('a list that was not there begins with version 1', () => {
  expect(nextCodeList(undefined, list)).toMatchObject({ kind: 'new' });
  expect(nextCodeList(undefined, { ...list, version: 2 })).toMatchObject({ kind: 'faulty' });
});
