/**
 * The log: one line of JSON an event, a constant message and facts beside it. Fields that could hold
 * data of a person are removed here, whoever logs them; this list is the only one.
 */
import { type DestinationStream, type Logger, pino } from 'pino';

const redactedNames = [
  'pin',
  'full_name',
  'fullName',
  'other_names',
  'birth_date',
  'phone',
  'email',
  'row',
  'rows',
  'values',
  'body',
  'token',
  'parameters',
  'detail',
  'where',
  'query',
  'sql',
] as const;

export const redactedPaths: readonly string[] = redactedNames.flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/**
 * Errors are logged by name, code and stack without the message's first line: PostgreSQL puts values
 * of a row into `detail` and now and then into the message.
 */
function safeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const isOurs = error.name.startsWith('Hub') || error.name.startsWith('Node');
  const stack = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: error.name,
    ...code,
    ...(isOurs ? { message: error.message } : {}),
    stack: stack.slice(0, 8).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: safeError(error.cause) }),
  };
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/** The level that a setting names; anything else is `info`. */
export function logLevelOf(text: string): LogLevel {
  return logLevels.find((level) => level === text) ?? 'info';
}

/** Writes to standard error: standard output belongs to the command's own answer. */
export function openLog(name: string, level: LogLevel = 'info'): Logger {
  return logTo(pino.destination({ dest: 2, sync: true }), name, level);
}

export function logTo(destination: DestinationStream, name: string, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { name },
      redact: { paths: [...redactedPaths], remove: true },
      serializers: { err: safeError },
    },
    destination,
  );
}
