/** Cursors of pages: what the last row was, packed so that nobody takes one for a number of rows. */
import { NodeError } from '../errors.ts';

export function writeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** As many parts as patterns, each of its form. Throws NODE_CURSOR_INVALID. */
export function readCursor(text: string, patterns: readonly RegExp[]): readonly string[] {
  const parts = partsOf(text);
  const fits =
    parts.length === patterns.length &&
    patterns.every((pattern, i) => pattern.test(parts[i] ?? ''));
  if (!fits) throw new NodeError('NODE_CURSOR_INVALID');
  return parts;
}

function partsOf(text: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts.filter((part) => typeof part === 'string') : [];
  } catch {
    return [];
  }
}

export const cursorShapes = {
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u,
  /** Text that PostgreSQL can hold. */
  text: /^[^\0\ud800-\udfff]{0,2000}$/u,
  row: /^[0-9]{1,9}$/u,
  tag: /^[0-9]{1,4}$/u,
  day: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/u,
  version: /^[0-9]{1,18}$/u,
} as const;

export type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/** `rows` has one more than the limit where there is another page. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  partsOfRow: (row: T) => readonly string[],
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const isLast = rows.length <= limit || last === undefined;
  return { items, next: isLast ? null : writeCursor(partsOfRow(last)) };
}
