/**
 * The version of the wire contract and its history. `version.test.ts` hashes the contract: a change
 * of `sync.proto` or of a section's tags fails there until a line is added here.
 *
 * 1  hello, batches, receipts, feed, digest tree, totals, checkpoints, reading back one's own archive,
 *    reach policy, bundles, code lists, comparisons with reference sources and the answers to them
 */
export const protocolVersion = 1;

/** The oldest version that is still understood. */
export const protocolVersionMin = 1;
