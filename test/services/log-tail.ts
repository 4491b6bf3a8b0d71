/** The end of a server's log, for the error that says why it did not start. */
import { readFile } from 'node:fs/promises';

const LINES_MAX = 8;

export async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-LINES_MAX).join('\n');
}
