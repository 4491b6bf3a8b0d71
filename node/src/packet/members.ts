/** Members of an object by name. Programs differ in letter case (`MaDonViSuDung`), and mean the same. */
import { canonicalText, type Json, type JsonObject } from './parse-json.ts';

const fold = (name: string): string => name.toLowerCase();

/** The member of exactly this name, else one that differs in letter case only. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  const exact = object.members.get(name);
  if (exact !== undefined) return exact;
  const folded = fold(name);
  for (const [written, member] of object.members) if (fold(written) === folded) return member;
  return undefined;
}

/** Names, as written, that come again with another value, in whatever letter case. */
export function repeatedNames(object: JsonObject): readonly string[] {
  const names = new Set(object.repeated);
  const first = new Map<string, Json>();
  for (const [name, member] of object.members) {
    const before = first.get(fold(name));
    if (before === undefined) first.set(fold(name), member);
    else if (canonicalText(before) !== canonicalText(member)) names.add(name);
  }
  return Array.from(names);
}

/** Names, as written, that are none of these. */
export function othersThan(object: JsonObject, names: readonly string[]): readonly string[] {
  const known = new Set(names.map(fold));
  return Array.from(object.members.keys()).filter((name) => !known.has(fold(name)));
}
