import { expect, test } from 'vitest';

import { readInvitation, writeInvitation } from './invitation.ts';

const invitation = {
  host: '127.0.0.1',
  port: 8443,
  agency: 'H52',
  token: 'ab'.repeat(32),
  rootFingerprint: 'cd'.repeat(32),
  expiresAt: '2026-12-01T00:00:00.000Z',
};

test('an invitation is one line that reads back as it was written', () => {
  const line = writeInvitation(invitation);
  expect(line).toMatch(/^lienthong1\.[A-Za-z0-9_-]+$/u);
  expect(readInvitation(line)).toEqual(invitation);
});

test('line breaks and spaces that a mail program put in do no harm', () => {
  const line = writeInvitation(invitation);
  expect(readInvitation(`  ${line.slice(0, 40)}\n${line.slice(40)} `)).toEqual(invitation);
});

test.each(['', 'lienthong1.', 'lienthong1.!!!', 'lienthong2.abcd', 'hello'])(
  '%j is no invitation',
  (text) => {
    expect(readInvitation(text)).toBeUndefined();
  },
);

test('an invitation that lost its end, or names port 0, is none', () => {
  const line = writeInvitation(invitation);
  expect(readInvitation(line.slice(0, -4))).toBeUndefined();
  expect(readInvitation(writeInvitation({ ...invitation, port: 0 }))).toBeUndefined();
});
