/** `init`, `migrate`, `serve`, `work`. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { announceAddress, runService } from '@lienthong/shared-schema/runtime/run-program.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import { initHub, migrateHub, openHubDatabase, runHub, type RunOptions } from '../hub.ts';

export function runCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('init')
    .description('create keys, certificate authority and tables; again: bring them up to date')
    .action(async () => {
      const config = readHubConfig(env);
      const migrations = await initHub(config);
      printAnswer(
        {
          json: { dataDirectory: config.dataDirectory, migrations },
          lines: [
            `The hub is ready: keys in ${config.dataDirectory}, ${migrations.length} migrations applied.`,
          ],
        },
        json(),
      );
    });

  program
    .command('migrate')
    .description('bring the tables and code lists up to date')
    .action(async () => {
      await using database = openHubDatabase(readHubConfig(env));
      const migrations = await migrateHub(database);
      printAnswer(
        { json: { migrations }, lines: [`${migrations.length} migrations applied.`] },
        json(),
      );
    });

  program
    .command('serve')
    .description('serve nodes over mutual TLS')
    .option('--with-worker', 'run the job process in the same process')
    .action(async (options: { withWorker?: boolean }) => {
      await run(env, { serve: true, work: options.withWorker === true });
    });

  program
    .command('work')
    .description('run the jobs: apply, totals, nightly checkpoint')
    .action(async () => run(env, { serve: false, work: true }));
}

async function run(env: Environment, options: RunOptions): Promise<void> {
  const config = readHubConfig(env);
  await runService((signal) =>
    runHub(config, { ...options, onListening: announceAddress }, signal),
  );
}
