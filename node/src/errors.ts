/**
 * The catalogue of the node's errors: a code, what kind of exit it is, and a sentence that tells the
 * operator what to do. No message ever carries data of a person.
 */
export const errorKinds = {
  NODE_NOT_INITIALISED: [
    'refused',
    'The node is not set up: run `npm run node -- init` with NODE_AGENCY set.',
  ],
  NODE_AGENCY_INVALID: [
    'usage',
    'NODE_AGENCY must be a level-1 agency code in force, such as H52 or G09.',
  ],
  NODE_AGENCY_FIXED: [
    'usage',
    'This database belongs to another agency: use a database of its own for each node.',
  ],
  NODE_NOT_ENROLLED: [
    'refused',
    'The node is not enrolled: run `npm run node -- enrol INVITATION`.',
  ],
  NODE_INVITATION_INVALID: [
    'usage',
    'This is no invitation: copy the whole line that begins with lienthong1.',
  ],
  NODE_INVITATION_OTHER_AGENCY: ['usage', 'The invitation is for another agency than NODE_AGENCY.'],
  NODE_ENROLMENT_REJECTED: [
    'refused',
    'The hub operator rejected the enrolment: ask for the reason and a new invitation.',
  ],
  NODE_ENROLMENT_PENDING: [
    'refused',
    'The enrolment waits for approval at the hub: run the same command again afterwards.',
  ],
  NODE_HUB_UNREACHABLE: [
    'unreachable',
    'The hub does not answer: nothing is lost, try again later.',
  ],
  NODE_HUB_BUSY: ['unreachable', 'The hub is busy: nothing is lost, try again later.'],
  NODE_HUB_REFUSED: ['refused', 'The hub refused.'],
  NODE_HUB_UNTRUSTED: [
    'refused',
    'The hub sent something that it did not sign, or that is not for this node: do not go on, ask the hub operator.',
  ],
  NODE_BEHIND: [
    'refused',
    'The hub has batches that this node does not remember: it was restored from an old backup. Nothing was sent; ask the hub operator to release the unit, then run `npm run node -- rejoin`.',
  ],
  NODE_FORKED: [
    'refused',
    'The hub holds another history of this node: two machines, or an edited database. Nothing was sent. If this machine is the right one: once the hub operator has released the unit, run `npm run node -- rejoin`.',
  ],
  NODE_CLONED: [
    'refused',
    "Another machine with this node's past has spoken to the hub. Stop one of them; the unit is frozen until the hub operator has looked into it.",
  ],
  NODE_HUB_BEHIND: [
    'refused',
    'The hub lacks batches that it had receipted: it was restored from a backup. Nothing was dropped here; the hub operator must run `npm run hub -- incarnation raise`, then this goes on by itself.',
  ],
  NODE_HUB_LOST_SAFE: [
    'refused',
    'The restored hub lacks a batch that it had called safe, and its content is not here any more: the hub must restore a backup that includes this batch.',
  ],
  NODE_REJOIN_REFUSED: [
    'refused',
    'The hub operator has not released the unit for this: ask for `npm run hub -- release AGENCY`, with every other machine of the unit stopped. Nothing was changed.',
  ],
  NODE_REJOIN_CONFLICT: [
    'refused',
    'What comes back from the hub does not fit what was entered here since, such as two units with one code: change the newer one, and run rejoin again.',
  ],
  NODE_BUNDLE_INVALID: [
    'refused',
    'The file is no whole, unchanged bundle of the hub for this node: ask for it again. Nothing of it was taken.',
  ],
  NODE_BUNDLE_EXISTS: ['usage', 'There is a file of this name: give another name, or --force.'],
  NODE_BUNDLE_UNWRITTEN: [
    'failed',
    'The file could not be written, and no half one is left: make room on the medium, and export again.',
  ],
  NODE_RECORD_TOO_LARGE: [
    'refused',
    'One record alone is larger than a batch may be: look for a list with far too many rows.',
  ],
  NODE_SYNC_TIMEOUT: [
    'unreachable',
    'Everything was sent, but the proof has not come back in time: the hub has not applied it yet. Run sync again later.',
  ],
  NODE_UNREADABLE: [
    'usage',
    'The node has no answer to this request: check address, method and size.',
  ],
  NODE_BUSY: ['unreachable', 'The node has too much to do: try again after Retry-After.'],
  NODE_INTERNAL: ['failed', 'Something broke at the node: see its log.'],
} as const satisfies Readonly<
  Record<string, readonly ['usage' | 'refused' | 'unreachable' | 'failed', string]>
>;

export type NodeErrorCode = keyof typeof errorKinds;

export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly code: NodeErrorCode;
  /** Seconds that the hub asked to wait; 0 where it did not say. */
  readonly retryAfterS: number;

  constructor(
    code: NodeErrorCode,
    options: { cause?: unknown; detail?: string; retryAfterS?: number } = {},
  ) {
    const [, sentence] = errorKinds[code];
    super(
      options.detail === undefined ? sentence : `${sentence} (${options.detail})`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.retryAfterS = options.retryAfterS ?? 0;
  }
}
