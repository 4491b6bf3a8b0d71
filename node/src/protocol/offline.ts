/**
 * Whether a node without a line may seal. On the line each process greets the hub before it seals;
 * a medium takes days, so here a welcome holds until the node says the next hello on a medium: the
 * epoch and the token of that welcome are the newest that any machine with this past can have, as far
 * as this machine knows. Of two that believe so, the hub finds the second by its epoch, its head and
 * its token, and takes nothing of it.
 */
export type OfflineState = {
  /** Of the last welcome; 0 before the first. */
  readonly epoch: bigint;
  /** The nonce of a hello that waits for its answer; null where none does. */
  readonly helloNonce: Uint8Array | null;
};

export const maySealOffline = ({ epoch, helloNonce }: OfflineState): boolean =>
  epoch > 0n && helloNonce === null;
