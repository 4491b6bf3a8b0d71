import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { expect, test } from 'vitest';

import { closeRecord, type LifeState, reopenRecord } from './record-life.ts';

const active: LifeState = {
  status: '1',
  statusDate: null,
  statusDecision: null,
  birthDate: '1964-05',
};
const closing = { status: '3', date: '2026-05-31', decision: '12/QĐ' };
const known = { today: '2026-11-22', codes: shippedBook };

test.each([
  ['a day', {}, 'close'],
  ['a year alone', { date: '2026' }, 'close'],
  ['a day to come', { date: '2026-11-23' }, 'date-invalid'],
  ['a day before the birth', { date: '1964-04' }, 'date-invalid'],
  ['no date', { date: 'tháng 5' }, 'date-invalid'],
  ['the active status', { status: '1' }, 'status-invalid'],
  ['a status of no list', { status: '9' }, 'status-invalid'],
])('an active record is closed with %s: %j is %s', (_, change, kind) => {
  expect(closeRecord(active, { ...closing, ...change }, known)).toEqual({ kind });
});

test('a closed record is closed once, and otherwise where something else is true by now', () => {
  const retired = { ...active, status: '3', statusDate: '2026-05-31', statusDecision: '12/QĐ' };
  expect(closeRecord(retired, closing, known)).toEqual({ kind: 'as-it-is' });
  expect(closeRecord(retired, { ...closing, status: '5' }, known)).toEqual({ kind: 'close' });
});

test('a record is reopened while no other active one has its number', () => {
  expect(reopenRecord({ status: '3' }, false)).toEqual({ kind: 'reopen' });
  expect(reopenRecord({ status: '3' }, true)).toEqual({ kind: 'taken' });
  expect(reopenRecord({ status: '1' }, false)).toEqual({ kind: 'as-it-is' });
});
