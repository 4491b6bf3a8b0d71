/**
 * Keeps models and product together without running spin: the same relations and outcomes, the same
 * decisions on a hello and on a batch in the same order, and every switch shown necessary.
 */
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { resultOf } from './check-model.ts';
import { configurations } from './configurations.ts';

const textOf = (path: string): string => readFileSync(path, 'utf8');
const models = {
  channel: textOf('test/model/channel.pml'),
  feed: textOf('test/model/feed.pml'),
};

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  (pattern.exec(text)?.groups?.['names'] ?? '').match(/[A-Z_]+/gu) ?? [];

test.each([
  ['relation', 'Relation'],
  ['outcome', 'PushOutcome'],
])('the model has each %s of the contract, and no other', (kind, message) => {
  const proto = textOf('shared-schema/proto/sync.proto').replaceAll(/\/\/.*$/gmu, '');
  const contract = namesIn(proto, new RegExp(`enum ${message} \\{(?<names>[^}]*)\\}`, 'u'));
  const model = namesIn(models.channel, new RegExp(`mtype:${kind} = \\{(?<names>[^}]*)\\}`, 'u'));
  expect(contract.length).toBeGreaterThan(5);
  expect(model).toEqual(contract.filter((name) => !name.endsWith('UNSPECIFIED')));
});

test('the model asks of a batch what the hub asks, in the same order', () => {
  const [, body = ''] = textOf('hub/src/protocol/receive.ts').split('function decideReceive');
  const product = Array.from(
    body.matchAll(/'(?<kind>fenced|duplicate|fork|gap|busy|accept)'/gu),
    ([, kind]) => (kind === 'accept' ? 'ACCEPTED' : kind?.toUpperCase()),
  );
  const [macro = ''] = /#define OUTCOME\(x\)(?:.*\\\n)+.*/u.exec(models.channel) ?? [];
  const model = macro.match(/\b(?:FENCED|DUPLICATE|FORK|GAP|BUSY|ACCEPTED)\b/gu) ?? [];
  expect(product.length).toBeGreaterThan(5);
  expect(model).toEqual(product);
});

/** What is asked of a hello, in order; the two answers about heads exclude each other. */
const questions = (body: string): readonly string[] => [
  ...new Set(
    Array.from(
      body.matchAll(/\b(?:HUB_BEHIND|FORKED|NODE_BEHIND|CLONED|repeat|REPEATED|spent|SPENT)\b/gu),
      ([name]) =>
        name
          .replace(/^(?:FORKED|NODE_BEHIND)$/u, 'heads')
          .replace(/^(?:REPEATED|SPENT)$/u, (known) => (known === 'SPENT' ? 'spent' : 'repeat')),
    ),
  ),
];

test('the model asks of a hello what the hub asks, in the same order', () => {
  const [, decide = ''] = textOf('hub/src/protocol/hello.ts').split('function decideHello');
  const [, product = ''] = decide.split('): HelloDecision {');
  const [, model = ''] = models.channel.split('inline answerHello() {');
  const asked = questions(product.split('\n}\n')[0] ?? '');
  expect(asked).toEqual(['HUB_BEHIND', 'heads', 'repeat', 'spent', 'CLONED']);
  expect(questions(model.split('\n}\n')[0] ?? '')).toEqual(asked);
});

test.each(['channel', 'feed'] as const)('every switch of the %s is in a configuration', (model) => {
  const switches = new Set(
    models[model].match(
      /\b(?:NO_[A-Z_]+|STORED_REPEAT|LATE_HELLO|SAFE_ONLY|ONE_HISTORY|LEVELS|SEEN)\b/gu,
    ),
  );
  const used = configurations.filter((one) => one.model === model).flatMap((one) => one.flags);
  switches.delete('NO_RELATION');
  expect([...switches].toSorted()).toEqual(
    [...new Set(used)].filter((flag) => switches.has(flag)).toSorted(),
  );
});

test('with every mechanism on nothing goes wrong; without one, something does', () => {
  const mutant = (flags: readonly string[]): boolean =>
    flags.some((flag) => /^NO_(?!REST$)|^STORED/u.test(flag));
  const surprising = configurations
    .filter((one) => mutant(one.flags) === (one.expected === 'safe'))
    .map((one) => one.name);
  // two that show what is not needed, one that shows what a receipt cannot do
  expect(surprising).toEqual(['both-restored-received', 'no-fence-corruption', 'feed-history']);
});

test('a search that was cut short, or ran out of memory, is not safe', () => {
  const done = 'State-vector 268 byte, depth reached 59, errors: 0\n   231233 states, stored\n';
  expect(resultOf(done)).toBe('safe');
  expect(resultOf('')).toBe('unfinished');
  expect(resultOf(`error: max search depth too small\n${done}`)).toBe('unfinished');
  expect(resultOf(`pan: out of memory\n${done}`)).toBe('unfinished');
  expect(resultOf(`pan:1: assertion violated ((acknowledged& ~(theirs))==0) (at depth 32)\n`)).toBe(
    'acknowledged change lost',
  );
});

test('the table of the protocol page has every configuration with its result', () => {
  const page = textOf('docs/protocol.md').split('## Formal model')[1]?.split('\n## ')[0] ?? '';
  const rows = Array.from(
    page.matchAll(/^\| `(?<name>[a-z-]+)` +\| (?<result>[^|]+?) +\|/gmu),
    ({ groups }) => [groups?.['name'], groups?.['result']],
  );
  expect(rows).toEqual(configurations.map((one) => [one.name, one.expected]));
});
