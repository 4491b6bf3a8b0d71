/** The source that a file is imported under: its mappings as the readers take them. */
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { foldText } from '@lienthong/shared-schema/text/fold.ts';

import { findSource, readMappedCodes, readMappedHeadings } from '../db/sources.ts';
import { NodeError } from '../errors.ts';
import { makeCodeMapping, mappedBook } from '../intake/code-mapping.ts';
import { type HeadingMapping, makeHeadingMapping } from '../intake/heading-mapping.ts';

/** Workbooks that nobody names a source for. */
export const defaultSource = 'workbook';

export type FileSource = {
  readonly name: string;
  readonly trusted: boolean;
  /** The node's lists, with the source's mapping behind them. */
  readonly codes: CodeBook;
  readonly headings: HeadingMapping;
};

/** Throws NODE_SOURCE_UNKNOWN. */
export async function fileSource(db: Db, name: string = defaultSource): Promise<FileSource> {
  const source = await findSource(db, name);
  if (source?.kind !== 'file') throw new NodeError('NODE_SOURCE_UNKNOWN', { detail: name });
  const book = await loadCodeBook(db);
  return {
    name,
    trusted: source.trusted,
    codes: mappedBook(book, makeCodeMapping(await readMappedCodes(db, name), foldText)),
    headings: makeHeadingMapping(await readMappedHeadings(db, name)),
  };
}
