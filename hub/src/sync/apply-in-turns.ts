/**
 * Applies what waits, of all units in turns, one batch a turn: a unit with much work does not keep the
 * others waiting for longer than a batch. Several runs of one process share a line; runs of other
 * processes have lines of their own and meet at the applying lock of the unit.
 *
 * A unit whose batch fails (a full disk, a lost connection) is passed over for a moment, so that it
 * costs the others nothing.
 */
import { unitsWithWork } from '../db/units.ts';
import { batchCost, nextTurn, noTurns, type Turns, turnTaken } from '../protocol/apply-turns.ts';
import { applyOneBatch } from './apply-batches.ts';
import type { HubContext } from './context.ts';

export type ApplyLine = {
  turns: Turns;
  readonly atWork: Set<string>;
  /** When, in milliseconds of the hub's clock, a unit whose batch failed is tried again. */
  readonly failedUntil: Map<string, number>;
};

const failurePauseMs = 5_000;

export function openApplyLine(): ApplyLine {
  return { turns: noTurns, atWork: new Set(), failedUntil: new Map() };
}

/**
 * Runs until nothing waits that nobody works on, or the signal aborts. Returns the batches applied for
 * each unit. Throws what went wrong for the unit that was rung for, after the others had their turns;
 * what goes wrong for another one is in the log.
 */
export async function applyInTurns(
  hub: HubContext,
  line: ApplyLine,
  rung: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const applied = new Map<string, number>();
  const elsewhere = new Set<string>();
  let failure: { readonly cause: unknown } | undefined;
  while (signal?.aborted !== true) {
    const waiting = await unitsWithWork(hub.database.db);
    const nowMs = hub.now().getTime();
    const due = waiting.filter(
      (agency) => !elsewhere.has(agency) && (line.failedUntil.get(agency) ?? 0) <= nowMs,
    );
    const agency = nextTurn(line.turns, due, line.atWork);
    if (agency === undefined) break;
    line.atWork.add(agency);
    try {
      const records = await applyOneBatch(hub, agency);
      line.failedUntil.delete(agency);
      if (records === undefined) {
        elsewhere.add(agency);
        continue;
      }
      line.turns = turnTaken(line.turns, { agency, cost: batchCost + records }, waiting);
      hub.log.info({ agency, records }, 'batch applied');
      applied.set(agency, (applied.get(agency) ?? 0) + 1);
      // meanwhile another process may have left, or something new have come
      elsewhere.clear();
    } catch (error) {
      line.failedUntil.set(agency, nowMs + failurePauseMs);
      if (agency === rung) failure = { cause: error };
      else hub.log.warn({ agency, err: error }, 'a batch could not be applied');
    } finally {
      line.atWork.delete(agency);
    }
  }
  if (failure !== undefined) throw failure.cause;
  return applied;
}
