import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';

import { exitCodes } from './exit-codes.ts';
import type { Explanation } from './explain-error.ts';
import { runProgram } from './run-program.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

/** Runs a program whose one command fails; returns what it wrote. */
async function failing(
  args: readonly string[],
  explained: Explanation = { code: exitCodes.refused, text: 'NODE_X: the disk is full' },
): Promise<{ readonly out: string; readonly err: string; readonly exitCode: unknown }> {
  const written = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.err += String(text);
    return true;
  });
  vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', 'program', ...args]);
  const program = new Command('program').option('--json');
  program.command('fail').action(() => {
    throw new RangeError('the disk is full');
  });
  await runProgram(program, () => explained);
  return { ...written, exitCode: process.exitCode };
}

test('an error is told in words on standard error, with its exit code', async () => {
  expect(await failing(['fail'])).toEqual({
    out: '',
    err: 'NODE_X: the disk is full\n',
    exitCode: exitCodes.refused,
  });
});

test('with --json the last line of standard output is an object with the error too', async () => {
  const { out, err, exitCode } = await failing(['--json', 'fail']);
  expect(JSON.parse(out)).toEqual({
    error: 'NODE_X: the disk is full',
    exitCode: exitCodes.refused,
  });
  expect(err).toBe('NODE_X: the disk is full\n');
  expect(exitCode).toBe(exitCodes.refused);
});

test('wrong arguments are told in the object as well', async () => {
  // their words are on standard error already
  const explained = { code: exitCodes.usage, text: '' };
  const { out } = await failing(['--json', 'fail', 'too', 'many'], explained);
  expect(JSON.parse(out)).toMatchObject({ error: expect.stringContaining('too many arguments') });
});
