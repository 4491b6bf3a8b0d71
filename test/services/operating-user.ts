/**
 * The OS user a server runs as. PostgreSQL refuses to run as root, so root has to lend it another user, and that user must be able
 * to reach what it works on: root's own home, where a checkout may lie, is closed to it. Creating the system user `postgres` where
 * there is none is the one lasting change that is ever made outside the checkout and the temporary folder.
 */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

export type OperatingUser = { readonly name: string; readonly uid: number; readonly gid: number };

/** Undefined for an ordinary user, who runs servers as himself. */
export async function serverUser(): Promise<OperatingUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await findUser('postgres');
  if (existing !== undefined) return existing;
  // Fails where the tool is missing or /etc is read-only; then `nobody` has to do.
  await promisify(execFile)('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]).catch(() => {});
  const user = (await findUser('postgres')) ?? (await findUser('nobody'));
  if (user === undefined) {
    throw new Error('root has no user to run PostgreSQL as: neither postgres nor nobody exists');
  }
  return user;
}

async function findUser(name: string): Promise<OperatingUser | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
  return uid === undefined || gid === undefined
    ? undefined
    : { name, uid: Number(uid), gid: Number(gid) };
}

/** Whether `user` may enter every folder on the way to `path` and `path` itself (judged by mode bits; no ACLs). */
export async function canEnter(
  path: string,
  user: { readonly uid: number; readonly gid: number },
): Promise<boolean> {
  const { uid, gid, mode } = await stat(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  if (((mode >> shift) & 1) === 0) return false;
  const parent = dirname(path);
  return parent === path || canEnter(parent, user);
}

/** The first of `directory` and the system's temporary folders that the user can enter. */
export async function placeFor(
  directory: string,
  user: OperatingUser | undefined,
): Promise<string> {
  if (user === undefined) return resolve(directory);
  for (const place of [resolve(directory), tmpdir(), '/tmp', '/var/tmp']) {
    if (await canEnter(place, user).catch(() => false)) return place;
  }
  throw new Error(`the user ${user.name} can enter neither ${directory} nor a temporary folder`);
}
