/**
 * Style as a test: what docs/style.md says and no linter can check. It reads the sources as text and
 * knows nothing of how they run. An exception stands in a list with its reason, and the test of the
 * rule fails as soon as an exception is not needed any more.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';

import { expect, test } from 'vitest';

const sides = ['hub', 'node', 'shared-schema'] as const;
const sources = globSync('{hub,node,shared-schema}/src/**/*.ts').toSorted();
const programs = globSync('test/**/*.ts').toSorted();
const texts = new Map([...sources, ...programs].map((path) => [path, readFileSync(path, 'utf8')]));

const textOf = (path: string): string => texts.get(path) ?? '';
const isTest = (path: string): boolean => path.endsWith('.test.ts');
/** Files in src that only tests import: they have no place in the order of the layers. */
const isForTests = (path: string): boolean =>
  isTest(path) || path.endsWith('-fixture.ts') || /\/queue-test-[a-z]+\.ts$/u.test(path);
const products = sources.filter((path) => !isForTests(path));

/** What a file imports: paths of ours, names of Node's modules, names of packages. */
function importsOf(path: string): readonly string[] {
  const specifiers = textOf(path).matchAll(/\b(?:from|import|import\()\s*'(?<name>[^'\n]+)'/gu);
  return Array.from(specifiers, ({ groups }) => resolved(path, groups?.['name'] ?? ''));
}

function resolved(importer: string, specifier: string): string {
  if (specifier.startsWith('.')) return normalize(`${dirname(importer)}/${specifier}`);
  const ours = /^@lienthong\/(?<side>[a-z-]+)\/(?<rest>.+)$/u.exec(specifier)?.groups;
  return ours === undefined ? specifier : `${ours['side']}/src/${ours['rest']}`;
}

const importsByFile = new Map([...sources, ...programs].map((path) => [path, importsOf(path)]));
const edges = (paths: readonly string[]): readonly { from: string; to: string }[] =>
  paths.flatMap((from) => (importsByFile.get(from) ?? []).map((to) => ({ from, to })));
const sideOf = (path: string): string => path.split('/')[0] ?? '';
const shown = ({ from, to }: { from: string; to: string }): string => `${from} imports ${to}`;

/** The higher may import the lower, never the same or the other way round; a folder its own files. */
const ranks: Readonly<Record<(typeof sides)[number], Readonly<Record<string, number>>>> = {
  hub: {
    'errors.ts': 0,
    'config.ts': 0,
    protocol: 1,
    outside: 2,
    reference: 2,
    pki: 2,
    db: 2,
    'hub-files.ts': 3,
    sync: 3,
    http: 4,
    jobs: 4,
    'hub.ts': 5,
    cli: 6,
  },
  node: {
    'errors.ts': 0,
    'config.ts': 0,
    protocol: 1,
    workbook: 1,
    intake: 2,
    packet: 3,
    pki: 3,
    link: 3,
    db: 3,
    sync: 4,
    http: 5,
    jobs: 5,
    'node.ts': 6,
    cli: 7,
  },
  'shared-schema': {
    protocol: 0,
    text: 0,
    enrolment: 0,
    catalogue: 1,
    totals: 2,
    'code-lists': 2,
    calendar: 3,
    rules: 3,
    'sql/names.ts': 3,
    population: 4,
    'dictionary.ts': 4,
    'rules-page.ts': 4,
    'quality-page.ts': 4,
    wire: 4,
    sql: 5,
    runtime: 6,
  },
};

/** `db` or `errors.ts`: the layer of a file; a file with a rank of its own is its own layer. */
function layerOf(path: string): string {
  const [, , first = '', second] = path.split('/');
  const own = `${first}/${second}`;
  const table = ranks[sides.find((side) => side === sideOf(path)) ?? 'hub'];
  return own in table ? own : first;
}

function rankOf(path: string): number {
  const table = ranks[sides.find((side) => side === sideOf(path)) ?? 'hub'];
  const rank = table[layerOf(path)];
  if (rank === undefined) throw new Error(`${path}: give its folder a rank in test/tidy.test.ts`);
  return rank;
}

const isSource = (path: string): boolean => /^[a-z-]+\/src\//u.test(path);

test('imports point downwards only', () => {
  const upward = edges(products)
    .filter(({ from, to }) => sideOf(from) === sideOf(to) && isSource(to))
    .filter(({ from, to }) => layerOf(from) !== layerOf(to) && rankOf(from) <= rankOf(to));
  expect(upward.map(shown)).toEqual([]);
});

const across = (paths: readonly string[]): readonly string[] =>
  edges(paths)
    .filter(({ from, to }) => isSource(to) && ![sideOf(from), 'shared-schema'].includes(sideOf(to)))
    .map(shown);

test('hub and node never import each other, and shared-schema imports nothing of ours', () => {
  expect(across(products)).toEqual([]);
});

test('only a test on real servers imports the other side, to have it work for real', () => {
  const others = sources.filter(
    (path) => isForTests(path) && !/^node\/.*\.pg\.test\.ts$/u.test(path),
  );
  expect(across(others)).toEqual([]);
});

test('only tests import what is made for tests', () => {
  const strays = edges(products).filter(({ to }) => isForTests(to));
  expect(strays.map(shown)).toEqual([]);
});

/** What tests of the workspaces share; the comparison of both sides is the demo's as well. */
const sharedByTests = /^test\/(?:support\/|constellation\/compare\.ts$|services\/scratch\.ts$)/u;

/** The servers of the queue's tests, in a file of their own because two tests share them. */
const besideTests = [
  'shared-schema/src/runtime/queue-test-server.ts imports test/support/database.ts',
];

test('only a *.test.ts imports from test/, and only what stands there for it', () => {
  const strays = edges(sources)
    .filter(({ to }) => to.startsWith('test/'))
    .filter(({ from, to }) => !(isTest(from) && sharedByTests.test(to)));
  expect(strays.map(shown)).toEqual(besideTests);
});

/** A library has one home: a reader who asks where it is used has one answer. */
const homes: Readonly<Record<string, RegExp>> = {
  fastify: /\/src\/http\//u,
  '@fastify/type-provider-typebox': /\/src\/http\//u,
  '@fastify/swagger': /\/src\/http\//u,
  '@fastify/rate-limit': /\/src\/http\//u,
  bullmq: /^shared-schema\/src\/runtime\/queue/u,
  ioredis: /^shared-schema\/src\/runtime\/queue/u,
  protobufjs: /^shared-schema\/src\/wire\/codec\.ts$/u,
  'node-forge': /\/src\/pki\//u,
  saxes: /^(?:hub\/src\/reference|node\/src\/workbook)\//u,
  exceljs: /^node\/src\/workbook\//u,
  'csv-parse': /^node\/src\/workbook\//u,
  commander: /\/src\/cli\/|^shared-schema\/src\/runtime\/(?:run-program|explain-error)\.ts$/u,
  pg: /^shared-schema\/src\/runtime\//u,
  'pg-copy-streams': /^shared-schema\/src\/runtime\//u,
  kysely: /^shared-schema\/src\/runtime\/|\/src\/db\//u,
  'kysely/migration': /^shared-schema\/src\/runtime\//u,
  pino: /^shared-schema\/src\/runtime\/log\.ts$|\/src\/sync\/context\.ts$/u,
  typebox: /^shared-schema\/src\/enrolment\/request\.ts$|\/src\/http\//u,
  'typebox/value': /^node\/src\/sync\/enrol\.ts$/u,
};

const isPackage = (to: string): boolean => !/^node:|\.(?:ts|json)$/u.test(to);

test('a library is imported only in its home', () => {
  const strays = edges(products)
    .filter(({ to }) => isPackage(to))
    .filter(({ from, to }) => homes[to]?.test(from) !== true);
  expect(strays.map(shown)).toEqual([]);
});

/** Files and packages that are loaded as soon as a file is: no types, and nothing that waits until it is needed. */
function loadedWith(main: string): ReadonlySet<string> {
  const loaded = new Set([main]);
  for (const path of loaded) {
    const specifiers = textOf(path).matchAll(
      /^(?:import|export)\s+(?!type\b)(?:[^;']*?\sfrom\s+)?'(?<name>[^'\n]+)'/gmu,
    );
    for (const { groups } of specifiers) loaded.add(resolved(path, groups?.['name'] ?? ''));
  }
  return loaded;
}

/** Each takes up to half as long to load as all else that a command begins with. */
const loadedWhenNeeded = ['fastify', 'bullmq', 'ioredis', 'exceljs', 'typebox', 'typebox/value'];

test.each(['hub', 'node'])('a command of the %s begins without what few of them need', (side) => {
  const loaded = loadedWith(`${side}/src/cli/main.ts`);
  expect(loaded.has('kysely')).toBe(true);
  expect(loadedWhenNeeded.filter((library) => loaded.has(library))).toEqual([]);
});

const pure = products.filter(
  (path) =>
    (path.startsWith('shared-schema/src/') &&
      !path.startsWith('shared-schema/src/runtime/') &&
      path !== 'shared-schema/src/wire/codec.ts') ||
    /^(?:hub|node)\/src\/(?:protocol|intake|packet)\//u.test(path),
);

test('the pure parts import neither Node nor a library that does I/O', () => {
  const impure = edges(pure).filter(
    ({ to }) =>
      to.startsWith('node:') || to.includes('/src/runtime/') || (isPackage(to) && to !== 'typebox'),
  );
  expect(impure.map(shown)).toEqual([]);
});

/** Clock, chance and waiting come from outside; what is waited for by these was handed in. */
const waiting: Readonly<Record<string, string>> = {
  'node/src/intake/evaluate-rows.ts: async': 'the rows of a workbook are a stream',
  'node/src/intake/list-facts.ts: async': 'the rows of a workbook are a stream',
  'node/src/intake/lists-in-chunks.ts: async':
    'what the node has of their people is asked for by the chunk',
  'node/src/intake/people-in-chunks.ts: async':
    'what the node has of them is asked for by the chunk',
  'node/src/intake/read-date.ts: new Date(': 'a given day number, not the time of day',
};

test('the pure parts ask for no time, no chance and wait for nothing', () => {
  const bans = ['Date.now', 'new Date(', 'Math.random', 'async', 'setTimeout', 'process.'];
  const found = pure.flatMap((path) =>
    bans.filter((word) => codeOf(path).includes(word)).map((word) => `${path}: ${word}`),
  );
  expect(found.toSorted()).toEqual(Object.keys(waiting).toSorted());
});

/** The file without comments and without what stands in single quotes on one line. */
const codeOf = (path: string): string =>
  textOf(path)
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gmu, '')
    .replaceAll(/'[^'\n]*'/gu, "''");

test('every file of more than 60 lines says at its head what it is', () => {
  const silent = [...products, ...programs.filter((path) => !isTest(path))]
    .filter((path) => textOf(path).split('\n').length > 61)
    .filter((path) => !hasHeader(textOf(path)));
  expect(silent).toEqual([]);
});

/** A comment before the first statement that is no import: the formatter sorts imports around it. */
function hasHeader(text: string): boolean {
  const [prelude = ''] = text.split(/^(?:export|const|type|function|async|class|let|await)\b/mu);
  return /^(?:\/\*\*|\/\/ \S)/mu.test(prelude);
}

test('a file has one idea: none is longer than 400 lines, but for the catalogue itself', () => {
  const long = [...products, ...programs].filter(
    (path) => textOf(path).split('\n').length > 401 && !path.includes('/src/catalogue/'),
  );
  expect(long).toEqual([]);
});

test('no file or folder is a drawer', () => {
  const drawers = [...sources, ...programs].filter((path) =>
    /(?:^|[/-])(?:utils?|lib|helpers?|common|misc|index)(?:\/|\.ts$)/u.test(path),
  );
  const barrels = [...sources, ...programs].filter((path) =>
    /^export (?:\*|(?:type )?\{[^}]*\}) from/mu.test(textOf(path)),
  );
  expect([...drawers, ...barrels]).toEqual([]);
});

test('every source file is reached from a command line or a test', () => {
  const reached = new Set<string>();
  const roots = ['hub/src/cli/main.ts', 'node/src/cli/main.ts', ...programs];
  const open = [...roots, ...sources.filter(isTest)];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    open.push(...(importsByFile.get(path) ?? []));
  }
  expect(sources.filter((path) => !reached.has(path))).toEqual([]);
});

/** Written so that this file does not find itself. */
const banned: Readonly<Record<string, RegExp>> = {
  console: /\bconsole\.[a-z]/u,
  todo: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/u,
  'only or skip': /\b(?:test|describe|it)\.(?:only|skip|todo)\(/u,
  'switched-off lint': /(?:eslint|oxlint)[-]disable/u,
  'every column': /\bselect \* from (?!has|had|filed|person\b)/iu,
  any: /(?::\s*|\bas )any\b(?=\[\]| *(?:[=;,)>|&]|$))/mu,
  'ts comment': /@ts[-](?:ignore|expect|nocheck)/u,
  'machine path': /['"`\s(=]\/(?:work|root|home|Users|mnt)\//u,
  'test by another name': /^\s*it\(/mu,
};

/** A program in a string, which a test starts. */
const wordsThatStay = ['shared-schema/src/runtime/queue-trouble.pg.test.ts: console'];

/** A test may well compare whole rows. */
const mayTest: ReadonlySet<string> = new Set(['every column']);

test('no banned word', () => {
  const found = [...sources, ...programs].flatMap((path) =>
    Object.entries(banned)
      .filter(
        ([word, pattern]) => pattern.test(textOf(path)) && !(mayTest.has(word) && isTest(path)),
      )
      .map(([word]) => `${path}: ${word}`),
  );
  expect(found).toEqual(wordsThatStay);
});

test('documents and settings name no machine and leave nothing open', () => {
  const documents = globSync([
    '*.{md,json}',
    '.{oxlintrc,oxfmtrc}.json',
    '{docs,deploy,hub,node,shared-schema}/*.{md,json,yaml,service,example}',
    'deploy/**/*',
    'shared-schema/{proto,code-lists}/*',
    '{hub,node}/src/db/migrations/*.sql',
  ]).filter((path) => /\.[a-z]+$|Dockerfile/u.test(path) && path !== 'package-lock.json');
  const faults = documents.flatMap((path) =>
    (['todo', 'machine path'] as const)
      .filter((word) => banned[word]?.test(`\n${readFileSync(path, 'utf8')}`) === true)
      .map((word) => `${path}: ${word}`),
  );
  expect(documents).toContain('README.md');
  expect(faults).toEqual([]);
});

test.each(['hub', 'node'])('the migrations of the %s are numbered without gaps', (side) => {
  const names = globSync(`${side}/src/db/migrations/*.sql`).map((path) => path.split('/').at(-1));
  const numbers = names.map((name) =>
    Number(/^(?<n>[0-9]{4})-[a-z-]+\.sql$/u.exec(name ?? '')?.[1]),
  );
  expect(numbers.toSorted((a, b) => a - b)).toEqual(names.map((_, i) => i + 1));
  const [first] = names;
  expect(first).toBeDefined();
});

type Manifest = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
const manifestOf = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;
const root = manifestOf('package.json');
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

test('every version is pinned exactly, in the one package.json that has any', () => {
  const versions = kinds.flatMap((kind) => Object.entries(root[kind] ?? {}));
  expect(versions.length).toBeGreaterThan(10);
  const loose = versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/u.test(version));
  expect(loose).toEqual([]);
  const inside = sides.flatMap((side) =>
    kinds.flatMap((kind) => Object.keys(manifestOf(`${side}/package.json`)[kind] ?? {})),
  );
  expect(inside.filter((name) => !name.startsWith('@lienthong/'))).toEqual([]);
});

test('what is imported is declared: the product needs no development package', () => {
  const packageOf = (name: string): string =>
    name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/');
  const missing = edges(products)
    .filter(({ to }) => isPackage(to))
    .filter(({ to }) => root['dependencies']?.[packageOf(to)] === undefined);
  expect(missing.map(shown)).toEqual([]);
});
