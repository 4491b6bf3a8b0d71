/**
 * Whose turn it is to have a batch applied: of the units with work, the one that has been served least.
 * A unit that had no work begins where the least served of the others is, so nobody saves up. Between
 * two units that both have work the difference is never more than one batch of each, whatever else
 * they have waiting.
 *
 * What a turn costs are its records, and something for the batch itself.
 */

export type Turns = {
  /** How much each unit has been served, in records; only of those that are above `start`. */
  readonly served: ReadonlyMap<string, number>;
  /** Where everybody else is, and who comes new begins. */
  readonly start: number;
};

export const noTurns: Turns = { served: new Map(), start: 0 };

/** What applying takes besides the records, in records: some milliseconds. */
export const batchCost = 20;

/**
 * The next of the units that have work, of which some are being worked on just now; undefined where
 * there is none. `waiting` has each unit once; where several have been served the same its order counts.
 */
export function nextTurn(
  { served, start }: Turns,
  waiting: readonly string[],
  atWork: ReadonlySet<string>,
): string | undefined {
  let next: { readonly agency: string; readonly tag: number } | undefined;
  for (const agency of waiting) {
    if (atWork.has(agency)) continue;
    const tag = served.get(agency) ?? start;
    if (next === undefined || tag < next.tag) next = { agency, tag };
  }
  return next?.agency;
}

/**
 * After a turn, with the units that still have work. Who has been served more than those stays known
 * while it has no work: it would else come back as one that was never served. Where nobody waits all
 * begin anew.
 */
export function turnTaken(
  { served, start }: Turns,
  turn: { readonly agency: string; readonly cost: number },
  waiting: readonly string[],
): Turns {
  const tagOf = (agency: string): number => tags.get(agency) ?? start;
  const tags = new Map(served);
  tags.set(turn.agency, tagOf(turn.agency) + turn.cost);
  const least = waiting.length === 0 ? Math.max(...tags.values()) : Math.min(...waiting.map(tagOf));
  const ahead = [...tags].filter(([, tag]) => tag > least);
  return { served: new Map(ahead), start: least };
}
