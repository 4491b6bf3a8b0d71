/**
 * What really happened, for the checks: every committed write of every machine, every batch that was
 * ever sealed, what the hub took and lost again. Only this is asked what must be true; the tables of
 * hub and nodes are what is held against it.
 */
import type { BatchContent, Checkpoint, Header, Sections } from './messages.ts';

export type Violation = { readonly invariant: string; readonly what: string };

/** What the hub did and has not lost again, in the order of its commits. */
export type HubAct = {
  readonly kind: 'accepted' | 'applied';
  readonly agency: string;
  readonly seq: bigint;
  readonly hash: string;
};

export type Session = { readonly incarnation: bigint; readonly epoch: bigint };

export type FoldedRecord = {
  readonly version: bigint;
  /** Undefined: a tombstone. */
  readonly sections: Sections | undefined;
};

/** A chain up to a batch, and what it says of each record. */
export type Fold = { head: string; readonly records: Map<string, FoldedRecord> };

export type HeldReceipt = {
  readonly agency: string;
  readonly seq: bigint;
  readonly hash: string;
};

/** A database that went back to an earlier state. */
export type Loss = { readonly at: number; readonly backupAt: number };

export class History {
  readonly violations: Violation[] = [];
  /** By machine: what its tables must be. */
  readonly shadows = new Map<string, Map<string, Sections>>();
  /** By machine: record and section that were written since it was copied, and not sealed yet. */
  readonly written = new Map<string, Set<string>>();
  readonly batches = new Map<
    string,
    { readonly header: Header; readonly content: BatchContent; readonly at: number }
  >();
  /** What of `written` went into a batch, by its hash. */
  readonly sealedWrites = new Map<string, readonly string[]>();
  readonly folds = new Map<string, Fold>();
  readonly rolledBack = new Set<string>();
  readonly acts: HubAct[] = [];
  readonly #actsOf = new Map<string, { accepted: HubAct[]; applied: HubAct[] }>();
  readonly receipted = new Map<string, Set<string>>();
  /** When a batch was first in the hub's archive, by hash. */
  readonly acceptedAt = new Map<string, number>();
  readonly heldReceipts: HeldReceipt[] = [];
  readonly welcomed = new Map<string, Session>();
  /**
   * By agency, once a machine of it was copied: the machines that have the answer to the last welcome.
   * Copies that wait for the answer to one hello are one until they say the next.
   */
  readonly rivals = new Map<string, Set<string>>();
  /** By agency: the nonces that were welcomed, and when first. */
  readonly nonces = new Map<string, Map<string, number>>();
  /** Units that a restored hub welcomed under a hello which it had answered before, and forgot. */
  readonly greetedAgain = new Set<string>();
  /** Hashes of the batches that were ever called safe. */
  readonly safe = new Map<string, Set<string>>();
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly hubLosses: Loss[] = [];
  readonly unitLosses = new Map<string, Loss[]>();
  readonly cursors = new Map<string, { readonly incarnation: bigint; readonly cursor: bigint }>();
  /** What was sent to each unit, when it is asked for. */
  readonly sentTo: Map<string, string[]> | undefined;

  constructor(keepsAnswers: boolean) {
    this.sentTo = keepsAnswers ? new Map() : undefined;
  }

  violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  shadowOf(machine: string): Map<string, Sections> {
    return rowOf(this.shadows, machine, () => new Map());
  }

  writtenAt(machine: string): Set<string> {
    return rowOf(this.written, machine, () => new Set());
  }

  lossesOf(agency: string): Loss[] {
    return rowOf(this.unitLosses, agency, () => []);
  }

  /** What the hub did for one unit, by kind. */
  actsOf(agency: string): { readonly accepted: HubAct[]; readonly applied: HubAct[] } {
    return rowOf(this.#actsOf, agency, () => ({ accepted: [], applied: [] }));
  }

  act(act: HubAct): void {
    this.acts.push(act);
    this.actsOf(act.agency)[act.kind].push(act);
  }

  /** The hub forgot what it did after its first `length` acts. */
  forgetActs(length: number): void {
    const kept = this.acts.splice(0).slice(0, length);
    this.#actsOf.clear();
    for (const act of kept) this.act(act);
  }

  /** Two copies of the knowledge were lost: the hub's, and a machine's of the unit. */
  isDoubleLoss(agency: string, hash: string): boolean {
    const lost =
      (since: number) =>
      ({ at, backupAt }: Loss): boolean =>
        at >= since && backupAt <= since;
    const sealedAt = this.batches.get(hash)?.at ?? 0;
    const acceptedAt = this.acceptedAt.get(hash) ?? sealedAt;
    return this.hubLosses.some(lost(acceptedAt)) && this.lossesOf(agency).some(lost(sealedAt));
  }
}

export function rowOf<K, V>(rows: Map<K, V>, key: K, make: () => V): V {
  const known = rows.get(key);
  if (known !== undefined) return known;
  const made = make();
  rows.set(key, made);
  return made;
}
