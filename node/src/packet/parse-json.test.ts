import fc from 'fast-check';
import { expect, test } from 'vitest';

import { canonicalText, type Json, parseJson, plainData } from './parse-json.ts';

/** As `JSON.parse` has it; numbers as they were written. */
function valueOf(json: Json): unknown {
  switch (json.kind) {
    case 'null':
      return null;
    case 'text':
      return json.text;
    case 'number':
      return Number(json.text);
    case 'boolean':
      return json.text === 'true';
    case 'list':
      return json.items.map(valueOf);
    case 'object':
      return Object.fromEntries(Array.from(json.members, ([name, one]) => [name, valueOf(one)]));
  }
}

const read = (text: string): Json => {
  const parsed = parseJson(text);
  if (parsed.kind !== 'json') throw new Error(parsed.reason);
  return parsed.json;
};

test('what JSON.parse reads is read alike, and what it refuses is refused', () => {
  const space = fc.constantFrom(0, 1, 2, '\t');
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), space, (text, indent) => {
      const value: unknown = JSON.parse(text);
      expect(valueOf(read(JSON.stringify(value, null, indent)))).toEqual(value);
    }),
  );
  const damaged = fc.tuple(
    fc.json({ maxDepth: 3 }),
    fc.nat(),
    fc.constantFrom('', ',', '"', '}', '\\', '\u0001', '01'),
  );
  fc.assert(
    fc.property(damaged, ([text, at, mark]) => {
      const broken = `${text.slice(0, at % (text.length + 1))}${mark}${text.slice((at % (text.length + 1)) + 1)}`;
      let isJson = true;
      try {
        JSON.parse(broken);
      } catch {
        isJson = false;
      }
      expect(parseJson(broken).kind).toBe(isJson ? 'json' : 'unreadable');
    }),
    { numRuns: 500 },
  );
});

test('a member that comes twice is told where its values differ', () => {
  const twice = read('{"a": 1, "b": {"x": "1"}, "a": 1, "b": {"x": "2"}, "c": null}');
  expect(twice).toMatchObject({ repeated: ['b'] });
});

test('numbers stay as written, and order and space make no other content', () => {
  expect(read('[4.40, 1e2]')).toMatchObject({ items: [{ text: '4.40' }, { text: '1e2' }] });
  expect(canonicalText(read('{ "b" : [1], "a":"x" }'))).toBe(
    canonicalText(read('{"a":"x","b":[1]}')),
  );
});

test('nesting and values have an end, and a long text does not cost more than its length', () => {
  expect(parseJson('['.repeat(100_000))).toEqual({
    kind: 'unreadable',
    reason: 'nesting > 32',
  });
  expect(parseJson(`[${'1,'.repeat(99_998)}1]`).kind).toBe('json');
  expect(parseJson(`[${'1,'.repeat(99_999)}1]`)).toEqual({
    kind: 'unreadable',
    reason: 'values > 100000',
  });
  const long = JSON.stringify({ name: 'ạ\\"'.repeat(300_000) });
  expect(parseJson(long).kind).toBe('json');
  expect(parseJson(long.slice(0, -2)).kind).toBe('unreadable');
});

test('what a database cannot hold is replaced', () => {
  expect(plainData(read('{"a\\u0000": "x\\u0000y", "b": "\\ud83d"}'))).toEqual({
    'a\uFFFD': 'x\uFFFDy',
    b: '\uFFFD',
  });
});
