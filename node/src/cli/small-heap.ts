/**
 * Keeps the heap of a long command near what it holds. V8 lets it grow to several times what is in use
 * before it collects the whole, which a command that streams 200,000 rows would take in full. Told to
 * grow by a fifth it collects more often, for a little more time.
 */
import { setFlagsFromString } from 'node:v8';

export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
}
