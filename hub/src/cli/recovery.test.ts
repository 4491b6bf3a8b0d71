import { Command } from 'commander';
import { expect, test } from 'vitest';

import { recoveryCommands } from './recovery.ts';

test('a copy of the hub is named by a URL of PostgreSQL, and nothing is opened for anything else', async () => {
  for (const url of ['nonsense', '/backup/hub.dump', 'redis://127.0.0.1', 'postgres://h:port']) {
    const program = new Command('hub');
    recoveryCommands(program, {});
    for (const command of program.commands)
      command.exitOverride().configureOutput({ writeErr() {} });
    await expect(program.parseAsync(['safe', url], { from: 'user' })).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  }
});
