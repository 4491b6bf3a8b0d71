/**
 * One question to a reference source, at the pace that all processes of the hub share. It waits for its
 * turn, repeats after a pause what had no answer, and gives up once the source is taken for away.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { transaction } from '@lienthong/shared-schema/runtime/database.ts';

import { lockSource, storeSource } from '../db/reference-sources.ts';
import { HubError } from '../errors.ts';
import type { ReferenceAnswer } from '../protocol/compare-reference.ts';
import {
  afterAnswer,
  afterBusy,
  afterFailure,
  isCircuitOpen,
  permitCall,
  type PaceState,
} from '../protocol/reference-pace.ts';
import type { ReferenceSource } from '../reference/reference-source.ts';
import type { HubContext } from './context.ts';

/** Longer than this nobody waits at a terminal: the next run goes on. */
const waitMaxMs = 120_000;

type Hub = Pick<HubContext, 'database' | 'log'>;

/**
 * The answer for each PIN. Throws HUB_REFERENCE_AWAY, HUB_REFERENCE_DENIED, and the abort of the
 * signal.
 */
export async function askReference(
  hub: Hub,
  source: ReferenceSource,
  pins: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ReferenceAnswer>> {
  for (;;) {
    await untilPermitted(hub, source, signal);
    const outcome = await source.query(pins, signal);
    switch (outcome.kind) {
      case 'answered':
        await note(hub, source, afterAnswer, null);
        return outcome.answers;
      case 'busy':
        await note(
          hub,
          source,
          (state, nowMs) => afterBusy(state, outcome.retryAfterMs, nowMs),
          'it asks for patience',
        );
        break;
      case 'denied':
        await note(hub, source, (state) => state, outcome.fault);
        throw new HubError('HUB_REFERENCE_DENIED', { detail: `${source.name}: ${outcome.fault}` });
      case 'failed': {
        const { fault } = outcome;
        const state = await note(
          hub,
          source,
          (before, nowMs) => afterFailure(before, source, nowMs),
          fault,
        );
        hub.log.warn({ source: source.name, fault, failures: state.failures }, 'no answer');
        if (isCircuitOpen(state)) throw away(source, fault);
      }
    }
  }
}

const away = ({ name }: ReferenceSource, why: string): HubError =>
  new HubError('HUB_REFERENCE_AWAY', { detail: `${name}: ${why}` });

async function untilPermitted(
  { database }: Hub,
  source: ReferenceSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    const waitMs = await transaction(database, async ({ db }) => {
      const { state, nowMs } = await lockSource(db, source.name);
      const permit = permitCall(state, source, nowMs);
      if (permit.kind === 'wait') return permit.waitMs;
      await storeSource(db, source.name, permit.state);
      return 0;
    });
    if (waitMs === 0) return;
    if (waitMs > waitMaxMs) {
      throw away(source, `it is asked again in ${Math.ceil(waitMs / 60_000)} minutes`);
    }
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function note(
  { database }: Hub,
  { name }: ReferenceSource,
  change: (state: PaceState, nowMs: number) => PaceState,
  fault: string | null,
): Promise<PaceState> {
  return transaction(database, async ({ db }) => {
    const { state, nowMs } = await lockSource(db, name);
    const changed = change(state, nowMs);
    await storeSource(db, name, changed, fault);
    return changed;
  });
}
