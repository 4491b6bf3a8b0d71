/**
 * Which process a number means. A process id is used again after a while, so an id written down earlier proves nothing by
 * itself; together with the time at which the process started it does. Only Linux tells that time: elsewhere a live process
 * has no identity, and nobody may conclude that it is one of ours.
 */
import { readFileSync } from 'node:fs';

/** `pid:start`, start in clock ticks since boot; undefined if the process is gone, or where the system does not tell. */
export function processIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold spaces and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' || start === undefined ? undefined : `${pid}:${start}`;
  } catch {
    return undefined;
  }
}

/** Whether any process has this id now, ours or not. A zombie counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return process.platform !== 'linux' || processIdentity(pid) !== undefined;
}
