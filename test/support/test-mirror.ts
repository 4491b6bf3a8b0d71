/**
 * What a unit would know of itself by reading its feed: the rows of each record, kept in maps and
 * parsed from the COPY text of the pages, without a database.
 */
import { parseCopyLine } from '@lienthong/shared-schema/sql/copy-text.ts';
import type { Block, FeedContent } from '@lienthong/shared-schema/wire/messages.ts';

/** Record, section, lines. */
export type Mirror = Map<string, Map<number, readonly string[]>>;

/** The lines of a block of COPY text. */
export function linesOf(block: Block): readonly string[] {
  return Buffer.from(block.rows).toString().split('\n').slice(0, -1);
}

export type ManifestLine = {
  readonly id: string;
  readonly kind: string;
  readonly version: string;
  readonly op: string;
  readonly whole: boolean;
  readonly sections: readonly number[];
};

/** The manifest of a page, in its order; empty where the page has no records. */
export function manifestLines(content: FeedContent): readonly ManifestLine[] {
  const [manifest] = content.blocks;
  if (manifest?.section !== 0) return [];
  return linesOf(manifest).map((line) => {
    const [id = '', kind = '', version = '', op = '', whole = '', sections = ''] = parseCopyLine(
      line,
    ).map((value) => value ?? '');
    const tags = sections.replaceAll(/[{}]/gu, '').split(',');
    return {
      id,
      kind,
      version,
      op,
      whole: whole === 't',
      sections: tags.filter((tag) => tag !== '').map(Number),
    };
  });
}

/** Applies a page to the mirror, as the contract says. */
export function mirrorPage(mirror: Mirror, content: FeedContent): void {
  for (const { id, op, whole, sections } of manifestLines(content)) {
    if (op === 'D') mirror.delete(id);
    else if (whole || !mirror.has(id)) mirror.set(id, new Map());
    for (const tag of sections) mirror.get(id)?.delete(tag);
  }
  for (const block of content.blocks.slice(1)) {
    for (const [id, lines] of Map.groupBy(linesOf(block), (line) => line.split('\t')[0] ?? '')) {
      mirror.get(id)?.set(block.section, lines);
    }
  }
}

/** The mirror as plain sorted data, for comparison. */
export function mirrorText(mirror: Mirror): readonly string[] {
  return [...mirror]
    .flatMap(([id, sections]) => [
      id,
      ...[...sections].flatMap(([tag, rows]) => rows.map((line) => `${tag} ${line}`)),
    ])
    .toSorted();
}
