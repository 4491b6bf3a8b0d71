/**
 * The pages in docs/ and the README against the code: tables of settings, errors, exit codes, outcomes,
 * domains and limits, both ways; commands, paths and links that exist; the tests that hold the
 * invariants, by file and title; the worked example, byte by byte.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { SettingsTable } from '@lienthong/shared-schema/runtime/settings.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import * as limits from '@lienthong/shared-schema/wire/limits.ts';
import { batchContent } from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';
import { expect, test } from 'vitest';

import { hubSettings } from '../hub/src/config.ts';
import { errorKinds as hubErrors } from '../hub/src/errors.ts';
import { nodeSettings } from '../node/src/config.ts';
import { errorKinds as nodeErrors } from '../node/src/errors.ts';
import { keyScopes } from '../node/src/protocol/access-key.ts';

const pages = ['README.md', 'deploy/README.md', ...globSync('docs/*.md')].toSorted();
const textOf = (path: string): string => readFileSync(path, 'utf8');
const operating = textOf('docs/operating.md');
const protocol = textOf('docs/protocol.md');

/** The rows of the table whose first heading is given, without code marks; below `heading`, where there is one. */
function tableOf(page: string, first: string, heading = ''): readonly (readonly string[])[] {
  const [, below = ''] = heading === '' ? ['', page] : page.split(`\n${heading}\n`);
  const lines = below.split('\n');
  const start = lines.findIndex(
    (line, i) => /^\|[-| ]+\|$/u.test(lines[i + 1] ?? '') && cellsOf(line)[0] === first,
  );
  if (start === -1) throw new Error(`no table that begins with ${first} below "${heading}"`);
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  return lines.slice(start + 2, end === -1 ? undefined : end).map(cellsOf);
}

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`(?<code>[^`]*)`$/u, '$<code>'));

const settingRows = (table: SettingsTable): readonly (readonly string[])[] =>
  Object.entries(table).map(([name, { fallback, describe }]) => [
    name,
    fallback === undefined ? 'required' : fallback === '' ? 'empty' : fallback,
    describe,
  ]);

test.each([
  ['hub', '### Hub', hubSettings],
  ['node', '### Node', nodeSettings],
] as const)('the settings of the %s are those of the program', (_, heading, table) => {
  expect(tableOf(operating, 'setting', heading)).toEqual(settingRows(table));
});

test('the error codes of the hub are those of its catalogue', () => {
  const expected = Object.entries(hubErrors).map(([code, [status, sentence]]) => [
    code,
    String(status),
    sentence,
  ]);
  expect(tableOf(operating, 'code', '### Of the hub')).toEqual(expected);
});

test('the error codes of the node are those of its catalogue', () => {
  const expected = Object.entries(nodeErrors).map(([code, [kind, sentence]]) => [
    code,
    String(exitCodes[kind]),
    sentence,
  ]);
  expect(tableOf(operating, 'code', '### Of the node')).toEqual(expected);
});

test('the scopes of keys are those of the node', () => {
  expect(tableOf(operating, 'scope').map(([scope]) => scope)).toEqual(keyScopes);
});

test('the exit codes are those of the programs', () => {
  const codes = tableOf(operating, 'exit code').map(([code, name]) => [name, Number(code)]);
  expect(codes).toEqual(Object.entries(exitCodes));
  const short = tableOf(textOf('README.md'), 'exit code').map(([code]) => Number(code));
  expect(short).toEqual(Object.values(exitCodes));
});

/** Commands as `--help` lists them, with the options that they take. */
function commandsOf(side: string): readonly string[] {
  const run = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [`${side}/src/cli/main.ts`, ...args], { encoding: 'utf8' });
  const [, list = ''] = run('--help').split('Commands:\n');
  return Array.from(
    list.matchAll(/^ {2}(?<name>[a-z-]+)/gmu),
    ({ groups }) => groups?.['name'] ?? '',
  )
    .filter((name) => name !== 'help')
    .toSorted();
}

test.each(['hub', 'node'])(
  'the command tables of the %s have every command and no other',
  (side) => {
    const commands = commandsOf(side);
    for (const page of [operating, textOf('README.md')]) {
      const named = tableOf(page, side).flatMap(([cell = '']) =>
        cell
          .replaceAll('`', '')
          .split(', ')
          .map((one) => one.split(' ')[0] ?? ''),
      );
      expect(named.toSorted()).toEqual(commands);
    }
    const told = pages.flatMap((path) =>
      Array.from(
        textOf(path).matchAll(/npm run (?:--silent )?(?<side>hub|node) -- (?<command>[a-z-]+)/gu),
        ({ groups }) => groups ?? {},
      ),
    );
    const here = told.filter((one) => one['side'] === side).map((one) => one['command']);
    expect(here.length).toBeGreaterThan(3);
    expect(commands).toEqual(expect.arrayContaining(here));
  },
);

test('every script that the pages name is in package.json', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const named = pages.flatMap((path) =>
    Array.from(
      textOf(path).matchAll(/npm run (?:--silent )?(?<name>[a-z:]+)/gu),
      ({ groups }) => groups?.['name'],
    ),
  );
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test.each(pages)('%s links and points to what is there', (path) => {
  const text = textOf(path);
  const links = Array.from(
    text.matchAll(/\]\((?<to>[^)\s]+)\)/gu),
    ({ groups }) => groups?.['to'] ?? '',
  );
  const files = links
    .filter((to) => !to.startsWith('#'))
    .map((to) => join(dirname(path), to.split('#')[0] ?? ''));
  const named = Array.from(
    text.matchAll(/`(?<file>(?:hub|node|shared-schema|test|docs|deploy)\/[\w./-]*[\w/])`/gu),
    ({ groups }) => groups?.['file'] ?? '',
  );
  expect([...files, ...named].filter((file) => !existsSync(file))).toEqual([]);
});

const enumNames = (name: string): readonly string[] => {
  const [, body = ''] =
    new RegExp(`enum ${name} \\{([^}]*)\\}`, 'u').exec(textOf('shared-schema/proto/sync.proto')) ??
    [];
  return Array.from(
    body.matchAll(/^ {2}(?<name>[A-Z_]+) = [1-9]/gmu),
    ({ groups }) => groups?.['name'] ?? '',
  );
};
const firstsOf = (rows: readonly (readonly string[])[]): readonly string[] =>
  rows.map(([first = '']) => first).toSorted();

test.each([
  ['relation', 'Relation'],
  ['outcome', 'PushOutcome'],
])('the table of each %s of the protocol is complete', (first, name) => {
  const names = enumNames(name);
  expect(names.length).toBeGreaterThan(4);
  expect(firstsOf(tableOf(protocol, first))).toEqual(names.toSorted());
});

test('domains, limits and version of the protocol are those of the code', () => {
  expect(firstsOf(tableOf(protocol, 'domain'))).toEqual(Object.values(domains).toSorted());
  expect(
    Object.fromEntries(tableOf(protocol, 'limit').map(([name, value]) => [name, Number(value)])),
  ).toEqual({
    ...limits,
  });
  expect(protocol).toContain(`The version is ${protocolVersion}.`);
});

test('the routes of the protocol are those of the hub', () => {
  const routes = globSync('hub/src/http/routes/*.ts')
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) =>
      Array.from(
        textOf(path).matchAll(/\.(?<method>get|post)(?:<[^(]*>)?\(\s*'(?<url>[^']+)'/gu),
        ({ groups }) => `${groups?.['method']?.toUpperCase()} ${groups?.['url']}`,
      ),
    );
  const told = firstsOf(tableOf(protocol, 'call')).map((call) => call.split('?')[0]);
  expect(told).toEqual(routes.toSorted());
});

test('the worked example has the bytes that the page shows', () => {
  const block = (kind: string): readonly string[] =>
    Array.from(
      protocol.matchAll(new RegExp(`\`\`\`${kind}\\n([^\`]*)\`\`\``, 'gu')),
      ([, body = '']) => body,
    );
  const [manifest = '', unit = ''] = block('text');
  const [hex = ''] = block('hex');
  const bytes = Buffer.from(hex.replaceAll('\n', ''), 'hex');
  const { blocks, marker } = batchContent.decode(bytes);
  expect(protocol).toContain(`${bytes.length} bytes`);
  expect(marker).toBe('');
  expect(
    blocks.map(({ rows, section, columns }) => [section, columns, Buffer.from(rows).toString()]),
  ).toEqual([
    [0, [1, 2, 3, 4, 5, 6], manifest],
    [1, [1001, 1, 2, 3, 4, 5, 6], unit],
  ]);
});

const testFiles = globSync('{hub,node,shared-schema,test}/**/*.test.ts', {
  exclude: (path) => path.includes('node_modules'),
}).filter((path) => path !== 'test/docs.test.ts');
/** The tests that the page names: `path`: title. */
const namedTests = Array.from(
  protocol.matchAll(/^- `(?<file>[^`]+\.test\.ts)`: (?<title>.+)$/gmu),
  ({ groups }) => ({ file: groups?.['file'] ?? '', title: groups?.['title'] ?? '' }),
);

test('every test that the protocol names is there, under the title that it names', () => {
  expect(namedTests.length).toBeGreaterThan(20);
  const missing = namedTests.filter(
    ({ file, title }) => !existsSync(file) || !titlesOf(file).includes(title),
  );
  expect(missing).toEqual([]);
});

test('every test that is titled with an invariant is named under it', () => {
  const numbered = testFiles.flatMap((file) =>
    titlesOf(file)
      .filter((title) => /^I\d+(?:, I\d+)*: /u.test(title))
      .flatMap((title) => {
        const numbers = title.split(':')[0]?.split(', ') ?? [];
        return numbers.map((number) => ({ number, file, title }));
      }),
  );
  const unnamed = numbered.filter(
    ({ number, file, title }) => !sectionOf(number).includes(`- \`${file}\`: ${title}\n`),
  );
  expect(unnamed).toEqual([]);
});

/** The text below the heading of an invariant, to the next one. */
const sectionOf = (number: string): string =>
  `${protocol.split(new RegExp(`^### ${number} `, 'mu'))[1]?.split(/^### /mu)[0] ?? ''}\n`;

test('the invariants are I1 to I20, each held by a test or said not to be', () => {
  const numbers = Array.from(
    protocol.matchAll(/^### (?<number>I\d+) /gmu),
    ({ groups }) => groups?.['number'] ?? '',
  );
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => `I${i + 1}`));
  const silent = numbers.filter((number) => !/^- `|^Not /mu.test(sectionOf(number)));
  expect(silent).toEqual([]);
});

/** Titles of a test file, as they stand in its source. */
function titlesOf(file: string): readonly string[] {
  const calls = textOf(file).matchAll(
    /(?:\btest(?:\.\w+)*|\))\(\s*(?:'(?<single>(?:[^'\\\n]|\\.)+)'|"(?<double>[^"\n]+)"|`(?<back>[^`]+)`)/gu,
  );
  return Array.from(calls, ({ groups }) =>
    (groups?.['single'] ?? groups?.['double'] ?? groups?.['back'] ?? '').replaceAll("\\'", "'"),
  );
}
