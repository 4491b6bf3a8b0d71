/**
 * Lets through one at a time what has the same key, in the order of coming. For batches: those sent
 * one behind the other do not find each other missing, and one unit holds one connection to the
 * database and not all of them. It is a courtesy within a process: order and exclusion are decided
 * under the lock of the unit's row, whoever else receives.
 */
import { HubError } from '../errors.ts';

export type Turnstile<Key> = {
  /** Runs `work` after all that came before under this key, however that ended. Throws HUB_BUSY. */
  readonly pass: <T>(key: Key, work: () => Promise<T>) => Promise<T>;
};

type Queue = { readonly last: Promise<unknown>; readonly length: number };

/** `waitingMax`: how many may wait behind the one that is let through; a key without any is forgotten. */
export function openTurnstile<Key>(waitingMax: number): Turnstile<Key> {
  const queues = new Map<Key, Queue>();
  const leave = (key: Key): void => {
    const queue = queues.get(key);
    if (queue === undefined || queue.length === 1) queues.delete(key);
    else queues.set(key, { ...queue, length: queue.length - 1 });
  };
  return {
    async pass(key, work) {
      const queue = queues.get(key);
      if (queue !== undefined && queue.length > waitingMax) {
        throw new HubError('HUB_BUSY', { detail: 'too many at once' });
      }
      const turn = (queue?.last ?? Promise.resolve()).then(work);
      const last = turn.then(
        () => leave(key),
        () => leave(key),
      );
      queues.set(key, { last, length: (queue?.length ?? 0) + 1 });
      return await turn;
    },
  };
}
