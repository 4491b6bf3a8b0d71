/**
 * Keeps the heap of a long command near what it holds. V8 lets up to half a gigabyte of garbage gather
 * before its first full collection, which an import of 200,000 rows would take in full: its process
 * came to 1 GB, of which 0.2 GB were in use. Told often how it goes, this collects when a given amount
 * has come on top of what was left the last time.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const garbageBytesMax = 96 * 1024 * 1024;

const used = (): number => getHeapStatistics().used_heap_size;

/** The function is cheap where there is nothing to collect: call it as often as there is progress. */
export function heapKeeper(): () => void {
  let left = used();
  let collect: (() => void) | undefined;
  return () => {
    if (used() < left + garbageBytesMax) return;
    collect ??= exposedCollector();
    collect();
    left = used();
  };
}

function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  return typeof found === 'function' ? () => void found() : () => undefined;
}
