/** `keys`: who may use the node's HTTP interface. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readNodeConfig } from '../config.ts';
import { allKeys, type ListedKey } from '../db/keys.ts';
import { openNodeContext } from '../node.ts';
import { keyScopes } from '../protocol/access-key.ts';
import { issueKey, revokeKey } from '../sync/keys.ts';

const collected = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(',').map((one) => one.trim()),
];

export function keyCommands(program: Command, env: Environment): void {
  const keys = program
    .command('keys')
    .description('keys of programs that send packets or use the API');
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  keys
    .command('issue')
    .argument(
      '<name>',
      'small letters, digits and hyphens; also the name of its source in the intake',
    )
    .option(
      '--scope <scope>',
      `${keyScopes.join(', ')}; repeat it or separate by commas`,
      collected,
    )
    .option('--unit <code>', 'a unit: the key sees and writes only it and what is below it')
    .option('--review', 'what it sends waits for a reviewer, even without errors')
    .description('make a key and print it, once')
    .action(
      async (
        name: string,
        options: { scope?: readonly string[]; unit?: string; review?: boolean },
      ) => {
        await using node = await openNodeContext(readNodeConfig(env));
        const issued = await issueKey(node, {
          name,
          scopes: options.scope ?? ['packets'],
          review: options.review === true,
          unit: options.unit,
        });
        const lines = [
          issued.key,
          `Give it to the program ${name} now: it is not kept here and cannot be shown again.`,
        ];
        printAnswer({ json: issued, lines }, json());
      },
    );

  keys
    .command('list')
    .description('all keys with their scopes and last use')
    .action(async () => {
      await using node = await openNodeContext(readNodeConfig(env));
      const listed = await allKeys(node.database.db);
      printAnswer({ json: { keys: listed }, lines: keyLines(listed) }, json());
    });

  keys
    .command('revoke')
    .argument('<name>')
    .description('refuse the key from its next request on; its source and mappings stay')
    .action(async (name: string) => {
      await using node = await openNodeContext(readNodeConfig(env));
      await revokeKey(node, name);
      printAnswer(
        { json: { name, revoked: true }, lines: [`The key ${name} is revoked.`] },
        json(),
      );
    });
}

function keyLines(keys: readonly ListedKey[]): readonly string[] {
  if (keys.length === 0) return ['There is no key: npm run node -- keys issue NAME'];
  const head = ['NAME', 'KEY', 'SCOPES', 'UNIT', 'PUBLISHES', 'ISSUED', 'LAST USE', 'REQUESTS'];
  const rows = keys.map((key) => [
    key.name,
    `ltk_${key.id}…`,
    key.scopes.join(','),
    key.unit ?? 'all',
    key.trusted ? 'at once' : 'after review',
    key.issuedAt.toISOString(),
    key.revokedAt === null
      ? (key.usedAt?.toISOString() ?? 'never')
      : `revoked ${key.revokedAt.toISOString()}`,
    Object.entries(key.requests)
      .map(([outcome, requests]) => `${outcome} ${requests}`)
      .join(', '),
  ]);
  return table([head, ...rows]);
}
