/**
 * What becomes of one record of an accepted batch, before its values are looked at. This is the
 * specification; `hub/src/db/judge-staged.ts` does the same to all records of a batch at once, and
 * `hub/src/db/judge-staged.pg.test.ts` compares the two, cell by cell.
 *
 *   not newer than what is here or held  → ignore (I5: applying twice changes nothing; I13)
 *   another unit's record, another kind,
 *   a part of what is held or not here   → faults: the record is refused and held
 *   otherwise                            → no fault of its own; values and names decide
 */

export type KnownRecord = {
  readonly owner: 'own' | 'other';
  readonly kind: 1 | 2;
  readonly version: bigint;
};

export type ArrivedRecord = {
  readonly kind: 1 | 2;
  readonly version: bigint;
  readonly op: 'U' | 'D';
  readonly whole: boolean;
};

export type RecordFault = 'not_owner' | 'head_missing' | 'held_back';

export type RecordJudgement =
  | { readonly kind: 'ignore' }
  | { readonly kind: 'judged'; readonly faults: readonly RecordFault[] };

/**
 * `known` is the record in the national tables, whoever has it; `heldVersion` the version of this
 * unit's that is held back. Both undefined where there is none.
 */
export function judgeRecord(
  known: KnownRecord | undefined,
  heldVersion: bigint | undefined,
  record: ArrivedRecord,
): RecordJudgement {
  const own = known?.owner === 'own' ? known : undefined;
  if (own !== undefined && own.version >= record.version) return { kind: 'ignore' };
  if (heldVersion !== undefined && heldVersion >= record.version) return { kind: 'ignore' };
  const faults: RecordFault[] = [];
  if (known?.owner === 'other') faults.push('not_owner');
  if (own !== undefined && own.kind !== record.kind) faults.push('head_missing');
  // a part cannot stand on what was refused or is not here: the whole record is asked for
  const isPart = record.op === 'U' && !record.whole;
  if (isPart && (heldVersion !== undefined || known === undefined)) faults.push('held_back');
  return { kind: 'judged', faults };
}
