/** Nonces and lineage tokens: unguessable in the product, merely different here. */
import type { Random } from '@lienthong/shared-schema/population/random.ts';

export function tokenOf(random: Random): Uint8Array {
  const words = new Uint32Array(4);
  for (let i = 0; i < words.length; i++) words[i] = Math.floor(random() * 0x1_0000_0000);
  return new Uint8Array(words.buffer);
}
