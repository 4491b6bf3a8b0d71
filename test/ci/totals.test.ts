import { expect, test } from 'vitest';

import { type Report, totalsLine, totalsOf } from './totals.ts';

const GREEN: Report = {
  success: true,
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
};

test('a run in which all is well gives two numbers', () => {
  expect(totalsLine(totalsOf(GREEN, true))).toBe('5 passed, 0 failed');
});

test('skipped and planned tests are counted together and named', () => {
  const totals = totalsOf({ ...GREEN, numPendingTests: 2, numTodoTests: 1 }, true);
  expect(totalsLine(totals)).toBe('5 passed, 0 failed, 3 skipped');
});

test('a failed test is counted once, not again for its file', () => {
  const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }];
  const totals = totalsOf({ ...GREEN, success: false, numFailedTests: 1, testResults }, false);
  expect(totals).toEqual({ passed: 5, failed: 1, skipped: 0 });
});

test('a file that could not be loaded counts as a failure', () => {
  const testResults = [...GREEN.testResults, { status: 'failed', assertionResults: [] }];
  expect(totalsOf({ ...GREEN, success: false, testResults }, false).failed).toBe(1);
});

test('an error outside any test counts as a failure', () => {
  expect(totalsOf({ ...GREEN, success: false }, false).failed).toBe(1);
  expect(totalsOf(GREEN, false).failed).toBe(1);
});

test('a check that stopped before the tests counts as a failure', () => {
  expect(totalsLine(totalsOf(undefined, false))).toBe('0 passed, 1 failed');
});
