/**
 * Whether a page of the feed may be applied: asked when it came, and again under the lock of the
 * cursor, since another process may have applied it meanwhile.
 */

export type PagePosition = {
  readonly agency: string;
  /** Where the mirror is. */
  readonly cursor: bigint;
  /** That of the last hello. */
  readonly hubIncarnation: bigint;
  /** Our own newest batch. */
  readonly headSeq: bigint;
};

export type ArrivedPage = {
  readonly agency: string;
  readonly hubIncarnation: bigint;
  readonly fromCursor: bigint;
  readonly toCursor: bigint;
  /** The newest batch that the hub says it has of this unit. */
  readonly receivedSeq: bigint;
};

export type PageDecision =
  /** `moves` is false for an empty page: the mirror is at the end of the feed. */
  | { readonly kind: 'apply'; readonly moves: boolean }
  /**
   * The hub was restored since the last hello, and positions mean something else now; or it has a
   * batch that we never sealed, so another machine with our past has taken our place.
   */
  | { readonly kind: 'hello-again' }
  /** Signed, and yet not an answer to what was asked. */
  | { readonly kind: 'refuse' };

/** `asked` is the position that the page was asked for. */
export function decidePage(asked: PagePosition, page: ArrivedPage): PageDecision {
  const fits =
    page.agency === asked.agency &&
    page.fromCursor === asked.cursor &&
    page.toCursor >= asked.cursor;
  if (!fits) return { kind: 'refuse' };
  const isOfLastHello =
    page.hubIncarnation === asked.hubIncarnation && page.receivedSeq <= asked.headSeq;
  if (!isOfLastHello) return { kind: 'hello-again' };
  return { kind: 'apply', moves: page.toCursor > asked.cursor };
}
