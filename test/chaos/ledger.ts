/**
 * What the writers know to be committed, outside of any database: the last state of each record that
 * a unit has, by what was answered to `commit`. A record has one writer, so its order is known.
 */

/** What the writers change of a person; null: the section has no row. */
export type PersonState = {
  readonly otherNames: string;
  readonly title: string | null;
  readonly institutions: readonly string[];
  readonly plannedTitle: string | null;
};

/** By record; undefined: deleted. */
export type Changes = ReadonlyMap<string, PersonState | undefined>;

export type Ledger = {
  /** `committed` holds what the server answered; it is asked about later where it did not. */
  readonly note: (token: string, changes: Changes, outcome: Outcome) => void;
  readonly latest: () => ReadonlyMap<string, PersonState | undefined>;
  readonly tokens: (outcome: Outcome) => readonly string[];
};

export type Outcome = 'committed' | 'rolled back';

export function openLedger(): Ledger {
  const latest = new Map<string, PersonState | undefined>();
  const outcomes = new Map<string, Outcome>();
  return {
    note(token, changes, outcome) {
      outcomes.set(token, outcome);
      if (outcome === 'rolled back') return;
      for (const [recordId, state] of changes) latest.set(recordId, state);
    },
    latest: () => latest,
    tokens: (outcome) => [...outcomes].flatMap(([token, one]) => (one === outcome ? [token] : [])),
  };
}
