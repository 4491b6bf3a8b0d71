/**
 * Whether the database is older than what this hub has already signed. A restored database looks
 * healthy from within: only what lies outside it can tell, here the incarnation number and the
 * witness, two files of HUB_DATA_DIR that no restore of the database brings back.
 *
 * The number is raised in the file first, then in the database, then the witness begins anew. So a
 * database with a lower number is a raise that was interrupted, unless a witness of that very number
 * shows that the raise was once complete.
 */

/** How far one unit's channel was. Epochs count too: a hello that was forgotten looks like a clone. */
export type UnitMark = {
  readonly agency: string;
  readonly epoch: bigint;
  readonly headSeq: bigint;
  readonly feedHead: bigint;
};

/** What was committed at some moment; everything in it only ever grows within one incarnation. */
export type DatabaseMarks = {
  /** Number of the newest checkpoint and the SHA-256 of its body in hex; 0 and empty before the first. */
  readonly checkpoint: { readonly number: bigint; readonly hash: string };
  readonly units: readonly UnitMark[];
};

export type HubMarks = DatabaseMarks & { readonly incarnation: bigint };

export type StartFacts = {
  /** The number in the file. */
  readonly file: bigint;
  /** The number that the database has seen; 0 where it has seen none. */
  readonly database: bigint;
  /** What the witness says; undefined where there is none yet. */
  readonly witness: HubMarks | undefined;
  /** The same of the database; `checkpoint.hash` is that of the witness's number, empty where it lacks it. */
  readonly present: DatabaseMarks;
};

export type StartJudgement =
  | { readonly kind: 'sound' }
  /** A raise was interrupted after the file: the database is to follow. */
  | { readonly kind: 'finish-raise' }
  /** The database is behind what was signed: nothing may be served before a raise. */
  | { readonly kind: 'restored'; readonly why: string }
  /** The database belongs to another, newer file. */
  | { readonly kind: 'foreign' };

export function judgeStart({ file, database, witness, present }: StartFacts): StartJudgement {
  if (database > file) return { kind: 'foreign' };
  if (witness !== undefined && witness.incarnation > file) {
    return { kind: 'restored', why: `the witness is of incarnation ${witness.incarnation}` };
  }
  const current = witness?.incarnation === file ? witness : undefined;
  if (database < file) {
    // an empty database of a new hub has seen none, and has nothing to be behind of
    if (current === undefined) return { kind: database === 0n ? 'sound' : 'finish-raise' };
    return { kind: 'restored', why: `the database has seen incarnation ${database}` };
  }
  const why = current === undefined ? undefined : firstLoss(current, present);
  return why === undefined ? { kind: 'sound' } : { kind: 'restored', why };
}

/** The first thing that was there and is not any more. */
function firstLoss(witness: HubMarks, present: StartFacts['present']): string | undefined {
  const { number, hash } = witness.checkpoint;
  if (number > 0n && present.checkpoint.hash !== hash) return `checkpoint ${number} is not there`;
  const now = new Map(present.units.map((unit) => [unit.agency, unit]));
  for (const then of witness.units) {
    const unit = now.get(then.agency);
    if (unit === undefined) return `unit ${then.agency} is not there`;
    const lost = (['headSeq', 'feedHead', 'epoch'] as const).find(
      (name) => unit[name] < then[name],
    );
    if (lost !== undefined) return `${then.agency}: ${lost} is ${unit[lost]} and was ${then[lost]}`;
  }
  return undefined;
}

/** The number that a raise gives: above everything that was ever seen, wherever it was kept. */
export function raisedIncarnation(
  facts: Pick<StartFacts, 'file' | 'database' | 'witness'>,
): bigint {
  const seen = [facts.file, facts.database, facts.witness?.incarnation ?? 0n];
  return seen.reduce((most, one) => (one > most ? one : most), 0n) + 1n;
}
