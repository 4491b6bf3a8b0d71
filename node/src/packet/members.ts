/** Members of an object by name. Programs differ in letter case (`MaDonViSuDung`), and mean the same. */
import type { Json, JsonObject } from './parse-json.ts';

const fold = (name: string): string => name.toLowerCase();

/** The member of exactly this name, else one that differs in letter case only. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  const exact = object.members.get(name);
  if (exact !== undefined) return exact;
  for (const [written, member] of object.members) if (fold(written) === fold(name)) return member;
  return undefined;
}

/** Names, as written, that are none of these. */
export function othersThan(object: JsonObject, names: readonly string[]): readonly string[] {
  const known = new Set(names.map(fold));
  return Array.from(object.members.keys()).filter((name) => !known.has(fold(name)));
}
