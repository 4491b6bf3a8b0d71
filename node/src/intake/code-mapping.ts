/**
 * What a source writes in place of our codes. Values are compared by equality, under the fold of the
 * kind of source: workbooks by folded text, programs by tidied text.
 */
import type { CodeListName } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';

export type CodeMapping = {
  /** The catalogue's code for the value; undefined where nobody has mapped it. */
  readonly codeOf: (list: CodeListName, value: string) => string | undefined;
};

export type MappedCode = { readonly list: string; readonly value: string; readonly code: string };

export const noMapping: CodeMapping = { codeOf: () => undefined };

export function makeCodeMapping(
  rows: readonly MappedCode[],
  fold: (text: string) => string,
): CodeMapping {
  const keyOf = (list: string, value: string): string => `${list} ${fold(value)}`;
  const codes = new Map(rows.map((row) => [keyOf(row.list, row.value), row.code]));
  return { codeOf: (list, value) => codes.get(keyOf(list, value)) };
}

/** The book with the mapping behind it: the catalogue's own codes, labels and aliases come first. */
export function mappedBook(book: CodeBook, mapping: CodeMapping): CodeBook {
  return {
    ...book,
    withLabel: (list, text) => {
      const own = book.withLabel(list, text);
      if (own.length > 0) return own;
      const code = mapping.codeOf(list, text);
      return code === undefined ? own : book.withCode(list, code);
    },
  };
}
