import { chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { canEnter, placeFor, serverUser } from './operating-user.ts';
import { openScratch } from './scratch.ts';

const STRANGER = { name: 'stranger', uid: 65_533, gid: 65_533 };

test('a folder below one that is closed to a user cannot be entered by that user', async () => {
  await using scratch = await openScratch();
  const closed = join(scratch.path, 'closed');
  const below = join(closed, 'below');
  await mkdir(below, { recursive: true });
  await chmod(closed, 0o700);
  expect(await canEnter(below, STRANGER)).toBe(false);
  expect(await canEnter('/usr/bin', STRANGER)).toBe(true);
});

test('the owner is judged by the owner bits alone', async () => {
  await using scratch = await openScratch();
  const odd = join(scratch.path, 'odd');
  await mkdir(odd);
  await chmod(odd, 0o077);
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  expect(await canEnter(odd, owner)).toBe(false);
});

test('a server whose user cannot enter the checkout is placed in a temporary folder', async () => {
  await using scratch = await openScratch();
  await chmod(scratch.path, 0o700);
  expect(await placeFor(scratch.path, STRANGER)).not.toBe(scratch.path);
  expect([tmpdir(), '/tmp', '/var/tmp']).toContain(await placeFor(scratch.path, STRANGER));
  expect(await placeFor(scratch.path, undefined)).toBe(scratch.path);
});

test('root lends its servers another user, an ordinary user runs them himself', async () => {
  const user = await serverUser();
  expect(user !== undefined).toBe(process.getuid?.() === 0);
  expect(user?.uid).not.toBe(0);
});
