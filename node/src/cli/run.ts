/** `init`, `migrate`, `enrol`, `serve`, `work`. */
import { printAnswer } from '@lienthong/shared-schema/runtime/answer.ts';
import { announceAddress, runService } from '@lienthong/shared-schema/runtime/run-program.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError } from 'commander';

import { readNodeConfig } from '../config.ts';
import {
  initNode,
  migrateNode,
  openNodeContext,
  openNodeDatabase,
  runNode,
  type RunOptions,
} from '../node.ts';
import { enrol } from '../sync/enrol.ts';

export function seconds(text: string): number {
  if (!/^[0-9]{1,6}$/u.test(text)) throw new InvalidArgumentError('give whole seconds.');
  return Number(text);
}

export function runCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('init')
    .description('create keys and tables for NODE_AGENCY; again: bring them up to date')
    .action(async () => {
      const config = readNodeConfig(env);
      const migrations = await initNode(config);
      printAnswer(
        {
          json: { agency: config.agency, dataDirectory: config.dataDirectory, migrations },
          lines: [`Node ${config.agency} is ready: keys in ${config.dataDirectory}.`],
        },
        json(),
      );
    });

  program
    .command('migrate')
    .description('bring the tables and code lists up to date')
    .action(async () => {
      await using database = openNodeDatabase(readNodeConfig(env));
      const migrations = await migrateNode(database);
      printAnswer(
        { json: { migrations }, lines: [`${migrations.length} migrations applied.`] },
        json(),
      );
    });

  program
    .command('enrol')
    .argument('<invitation>', 'the line that the hub operator handed over')
    .option('--wait <seconds>', 'how long to wait for approval', seconds, 0)
    .description('request a certificate; run it again to fetch it after approval')
    .action(async (invitation: string, options: { wait: number }) => {
      const config = readNodeConfig(env);
      await using node = await openNodeContext(config);
      await enrol(node, {
        invitation,
        dataDirectory: config.dataDirectory,
        waitMs: options.wait * 1_000,
        onPending: (enrolment, tlsKeyId) => {
          process.stderr.write(
            `Enrolment ${enrolment} waits for approval at the hub. This node's TLS key, to be compared with the hub operator: ${tlsKeyId}\n`,
          );
        },
      });
      printAnswer(
        {
          json: { agency: node.agency, enrolled: true },
          lines: [`Node ${node.agency} is enrolled.`],
        },
        json(),
      );
    });

  program
    .command('serve')
    .description('serve people and programs of the unit')
    .option('--with-worker', 'run the job process in the same process')
    .action(async (options: { withWorker?: boolean }) => {
      await run(env, { serve: true, work: options.withWorker === true });
    });

  program
    .command('work')
    .description('run the jobs: seal, push, pull, night run')
    .action(async () => run(env, { serve: false, work: true }));
}

async function run(env: Environment, options: RunOptions): Promise<void> {
  const config = readNodeConfig(env);
  await runService((signal) =>
    runNode(config, { ...options, onListening: announceAddress }, signal),
  );
}
