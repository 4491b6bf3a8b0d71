/** What a command says of an error that both sides know, and the exit code that goes with it. */
import { CommanderError } from 'commander';

import { sqlState } from './database.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { QueueError } from './queue-error.ts';
import { SettingsError } from './settings.ts';
import { CredentialError } from './signature.ts';

export type Explanation = { readonly code: ExitCode; readonly text: string };

/** Where the side's own errors do not apply. `side` is `hub` or `node`, as in its settings. */
export function explainError(error: unknown, side: 'hub' | 'node'): Explanation {
  if (error instanceof CommanderError) {
    return { code: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage, text: '' };
  }
  if (error instanceof SettingsError) return { code: exitCodes.usage, text: error.message };
  if (error instanceof CredentialError) return { code: exitCodes.refused, text: error.message };
  if (error instanceof QueueError) return { code: exitCodes.unreachable, text: error.message };
  return explainDatabaseError(error, `${side.toUpperCase()}_DATABASE_URL`, side);
}

function explainDatabaseError(error: unknown, setting: string, side: string): Explanation {
  const state = sqlState(error);
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^E(?:CONN|HOST|NET|PIPE|TIMEDOUT|NOENT$)|^ENOTFOUND/u.test(errno)) {
    const text = `PostgreSQL does not answer at ${setting} (${errno}): is it running, and is the address right?`;
    return { code: exitCodes.unreachable, text };
  }
  switch (state ?? '') {
    case '28000':
    case '28P01':
      return {
        code: exitCodes.usage,
        text: `PostgreSQL refuses the user or password of ${setting}.`,
      };
    case '3D000':
      return {
        code: exitCodes.usage,
        text: `The database of ${setting} does not exist: create it first.`,
      };
    case '3F000':
    case '42P01':
      return {
        code: exitCodes.refused,
        text: `The database has no tables of the ${side}: run \`npm run ${side} -- init\`.`,
      };
    case '57P03':
    case '53300':
      return {
        code: exitCodes.unreachable,
        text: 'PostgreSQL takes no connections now: try again.',
      };
    default:
      break;
  }
  const code = state ?? errno;
  const stack = error instanceof Error ? (error.stack ?? error.message) : 'unknown error';
  return { code: exitCodes.failed, text: code === '' ? stack : `${code}: ${stack}` };
}
