/**
 * JSON as programs send it, read so that nothing is decided for them: a member that comes twice is
 * told, numbers stay as they were written, and depth and number of values have a bound. Within these it
 * accepts what `JSON.parse` accepts. The library for it, lossless-json 4.3, bounds neither, names no place
 * of a repeated member, and takes 64 MB for a text of 2 MB.
 */

export type Json =
  | { readonly kind: 'text'; readonly text: string }
  /** As written: `4.40` stays `4.40`. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly text: 'true' | 'false' }
  | { readonly kind: 'null' }
  | { readonly kind: 'list'; readonly items: readonly Json[] }
  | JsonObject;

export type JsonObject = {
  readonly kind: 'object';
  /** Of members that come again the last. */
  readonly members: ReadonlyMap<string, Json>;
  /** Names that came again with another value. */
  readonly repeated: readonly string[];
};

export type ParsedJson =
  | { readonly kind: 'json'; readonly json: Json }
  | { readonly kind: 'unreadable'; readonly reason: Reason };

/** In words that a reply can say. */
type Reason = 'JSON' | 'nesting > 32' | 'values > 100000';

/** Lists and objects within each other; a packet has six. */
const depthMax = 32;
/** A tree of ten thousand units has some 60,000; each may cost a finding. */
const valuesMax = 100_000;

const space = /[ \t\n\r]*/uy;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/uy;
const word = /true|false|null/uy;

class Unreadable extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

export function parseJson(text: string): ParsedJson {
  try {
    const reader = readerOf(text);
    const json = reader.value(0);
    reader.end();
    return { kind: 'json', json };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unreadable', reason: error.reason };
    throw error;
  }
}

function readerOf(text: string) {
  let at = 0;
  let values = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const takeMark = (mark: string): boolean => {
    take(space);
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  };
  const takeText = (): string | undefined => {
    if (!takeMark('"')) return undefined;
    const start = at;
    while (text[at] !== '"') {
      if (at >= text.length) throw new Unreadable('JSON');
      at += text[at] === '\\' ? 2 : 1;
    }
    at += 1;
    return unquoted(text.slice(start - 1, at));
  };

  /** What stands between two brackets, separated by commas. */
  const each = (close: string, item: () => void): void => {
    if (takeMark(close)) return;
    for (;;) {
      item();
      if (takeMark(close)) return;
      if (!takeMark(',')) throw new Unreadable('JSON');
    }
  };

  const object = (depth: number): JsonObject => {
    const members = new Map<string, Json>();
    const repeated = new Set<string>();
    each('}', () => {
      const name = takeText();
      if (name === undefined || !takeMark(':')) throw new Unreadable('JSON');
      const found = value(depth + 1);
      const before = members.get(name);
      if (before !== undefined && canonicalText(before) !== canonicalText(found))
        repeated.add(name);
      members.set(name, found);
    });
    return { kind: 'object', members, repeated: Array.from(repeated) };
  };

  const list = (depth: number): Json => {
    const items: Json[] = [];
    each(']', () => void items.push(value(depth + 1)));
    return { kind: 'list', items };
  };

  const value = (depth: number): Json => {
    if (depth > depthMax) throw new Unreadable('nesting > 32');
    values += 1;
    if (values > valuesMax) throw new Unreadable('values > 100000');
    if (takeMark('{')) return object(depth);
    if (takeMark('[')) return list(depth);
    const quoted = takeText();
    if (quoted !== undefined) return { kind: 'text', text: quoted };
    const digits = take(number);
    if (digits !== undefined) return { kind: 'number', text: digits };
    const named = take(word);
    if (named === 'true' || named === 'false') return { kind: 'boolean', text: named };
    if (named === 'null') return { kind: 'null' };
    throw new Unreadable('JSON');
  };

  const end = (): void => {
    take(space);
    if (at < text.length) throw new Unreadable('JSON');
  };
  return { value, end };
}

function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new Unreadable('JSON');
  }
}

/** The same text for the same content, whatever the order of members and the space between them. */
export function canonicalText(json: Json): string {
  switch (json.kind) {
    case 'null':
      return 'null';
    case 'text':
      return JSON.stringify(json.text);
    case 'number':
    case 'boolean':
      return json.text;
    case 'list':
      return `[${json.items.map(canonicalText).join(',')}]`;
    case 'object': {
      const names = Array.from(json.members.keys()).toSorted();
      const pairs = names.map((name) => {
        const member = json.members.get(name);
        return member === undefined ? '' : `${JSON.stringify(name)}:${canonicalText(member)}`;
      });
      return `{${pairs.join(',')}}`;
    }
  }
}

/**
 * The content as plain data that a database can keep: numbers as they were written, and what UTF-8 or
 * PostgreSQL cannot hold (half of a surrogate pair, U+0000) as U+FFFD.
 */
export function plainData(json: Json): unknown {
  switch (json.kind) {
    case 'null':
      return null;
    case 'text':
      return storable(json.text);
    case 'number':
      return json.text;
    case 'boolean':
      return json.text === 'true';
    case 'list':
      return json.items.map(plainData);
    case 'object':
      return Object.fromEntries(
        Array.from(json.members, ([name, member]) => [storable(name), plainData(member)]),
      );
  }
}

export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');
