/**
 * The configurations in which the models are checked, and what is expected of each: with every
 * mechanism on nothing goes wrong, and for each mechanism there is a configuration without it in
 * which something does. What is switched by a flag is said at the head of each model.
 */

/** What a violated run violated. */
export type Violation =
  | 'acknowledged change lost'
  | 'safe change lost'
  | 'receipt for what the hub lacks'
  | 'two batches under one number'
  | 'content dropped too early'
  | 'alarm without cause'
  | 'hellos without end'
  | 'unequal at rest';

export type Configuration = {
  readonly name: string;
  readonly model: 'channel' | 'feed';
  readonly flags: readonly string[];
  readonly expected: 'safe' | Violation;
  /** What the run shows, for the table. */
  readonly shows: string;
  /** Takes a second at most: part of `npm test`. */
  readonly quick: boolean;
};

type Case = Omit<Configuration, 'model' | 'quick'> & { readonly long?: true };

/** With every mechanism on. */
const on: readonly Case[] = [
  {
    name: 'faultless',
    flags: ['CHANGES=3', 'LEVELS', 'ONE_HISTORY', 'CRASHES=2'],
    expected: 'safe',
    shows: 'crashes, lost answers, any order of arrival',
    long: true,
  },
  {
    name: 'faultless-small',
    flags: ['LEVELS', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'the same with two changes',
  },
  {
    name: 'late-hello',
    flags: ['LATE_HELLO'],
    expected: 'safe',
    shows: 'a hello that arrives again after a later one',
  },
  {
    name: 'late-hello-node-restored',
    flags: ['LATE_HELLO', 'NRESTORE=1', 'CHANGES=1', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'the same, with releases that it must not take',
    long: true,
  },
  {
    name: 'node-restored',
    flags: ['CHANGES=3', 'NRESTORE=1', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'a node restored at any moment, to any backup',
    long: true,
  },
  {
    name: 'node-restored-small',
    flags: ['NRESTORE=1', 'CHANGES=1', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'the same with one change',
  },
  {
    name: 'hub-restored',
    flags: ['HRESTORE=1', 'LEVELS', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'a hub restored, seen by itself or by its nodes only',
    long: true,
  },
  {
    name: 'hub-restored-twice',
    flags: ['CHANGES=1', 'HRESTORE=2', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'a hub restored twice, also while it is being raised',
    long: true,
  },
  {
    name: 'clone',
    flags: ['CLONE', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'two machines with one past, either of which is kept',
    long: true,
  },
  {
    name: 'clone-and-node-restored',
    flags: ['CLONE', 'NRESTORE=1', 'CHANGES=1', 'CRASHES=0', 'ONE_HISTORY'],
    expected: 'safe',
    shows: 'a clone, and a restore of the first machine',
    long: true,
  },
  {
    name: 'both-restored-safe',
    flags: ['NRESTORE=1', 'HRESTORE=1', 'LEVELS', 'SEEN', 'SAFE_ONLY', 'CRASHES=0', 'LOSSES=0'],
    expected: 'safe',
    shows: 'node and hub restored: no safe change is lost',
    long: true,
  },
];

/** With one switched off, or asked for more than it promises. */
const off: readonly Case[] = [
  {
    name: 'both-restored-received',
    flags: ['NRESTORE=1', 'HRESTORE=1', 'LEVELS', 'SEEN', 'CRASHES=0'],
    expected: 'acknowledged change lost',
    shows: 'a receipt alone does not survive both: the level safe',
  },
  {
    name: 'no-durable',
    flags: ['NO_DURABLE'],
    expected: 'receipt for what the hub lacks',
    shows: 'the receipt after the commit',
  },
  {
    name: 'no-nonce',
    flags: ['NO_NONCE'],
    expected: 'alarm without cause',
    shows: 'the nonce stored before the hello is sent',
  },
  {
    name: 'no-spent',
    flags: ['LATE_HELLO', 'NO_SPENT'],
    expected: 'alarm without cause',
    shows: 'nonces answered before are remembered, and refused without an alarm',
  },
  {
    name: 'no-forget',
    flags: ['NRESTORE=1', 'CHANGES=1', 'NO_FORGET'],
    expected: 'hellos without end',
    shows: 'a node that is told CLONED draws a new nonce',
  },
  {
    name: 'stored-repeat-node-restored',
    flags: ['NRESTORE=1', 'STORED_REPEAT'],
    expected: 'unequal at rest',
    shows: 'a new epoch for a repeated hello',
    long: true,
  },
  {
    name: 'no-fence-node-restored',
    flags: ['NRESTORE=1', 'NO_FENCE'],
    expected: 'unequal at rest',
    shows: 'the epoch in the frame',
  },
  {
    name: 'no-fence-corruption',
    flags: ['NRESTORE=1', 'NO_FENCE', 'NO_REST'],
    expected: 'safe',
    shows: 'without the epoch the chain still keeps every wrong batch out',
    long: true,
  },
  {
    name: 'no-fence-no-chain',
    flags: ['NRESTORE=1', 'NO_FENCE', 'NO_CHAIN', 'NO_REST'],
    expected: 'receipt for what the hub lacks',
    shows: 'the chain of hashes',
  },
  {
    name: 'number-only',
    flags: [
      'NRESTORE=1',
      'NO_FENCE',
      'NO_CHAIN',
      'NO_COMPARE',
      'NO_TOKEN',
      'NO_RECEIPT_HASH',
      'NO_REST',
    ],
    expected: 'receipt for what the hub lacks',
    shows: 'more than a sequence number',
    long: true,
  },
  {
    name: 'no-token',
    flags: ['CLONE', 'NO_TOKEN'],
    expected: 'hellos without end',
    shows: 'the lineage token, spent at each hello',
  },
  {
    name: 'no-compare-node-restored',
    flags: ['NRESTORE=1', 'NO_COMPARE'],
    expected: 'unequal at rest',
    shows: 'heads compared at hello',
  },
  {
    name: 'no-incarnation',
    flags: ['HRESTORE=1', 'NO_INCARNATION'],
    expected: 'receipt for what the hub lacks',
    shows: 'the incarnation, raised after a restore of the hub',
  },
  {
    name: 'no-witness',
    flags: ['HRESTORE=2', 'NO_WITNESS'],
    expected: 'receipt for what the hub lacks',
    shows: 'a witness that tells a finished raise from an interrupted one',
  },
  {
    name: 'no-reingest',
    flags: ['HRESTORE=1', 'NO_REINGEST'],
    expected: 'receipt for what the hub lacks',
    shows: 'receipts above the head of a restored hub are void',
  },
  {
    name: 'no-receipt-session',
    flags: ['HRESTORE=1', 'NO_RECEIPT_SESSION'],
    expected: 'receipt for what the hub lacks',
    shows: 'a receipt counts under the incarnation it was asked of',
  },
  {
    name: 'no-retain',
    flags: ['HRESTORE=1', 'NO_RETAIN'],
    expected: 'content dropped too early',
    shows: 'content is kept until safe, not until receipted',
  },
  {
    name: 'no-verify',
    flags: ['HRESTORE=1', 'LEVELS', 'NO_VERIFY'],
    expected: 'acknowledged change lost',
    shows: 'safe means found in a copy',
  },
  {
    name: 'no-verify-both',
    flags: ['NRESTORE=1', 'HRESTORE=1', 'LEVELS', 'SEEN', 'SAFE_ONLY', 'NO_VERIFY', 'CRASHES=0'],
    expected: 'safe change lost',
    shows: 'the same when both are restored',
    long: true,
  },
  {
    name: 'no-release',
    flags: ['NRESTORE=1', 'NO_RELEASE'],
    expected: 'unequal at rest',
    shows: 'the release by an operator',
  },
  {
    name: 'no-rejoin',
    flags: ['NRESTORE=1', 'NO_REJOIN'],
    expected: 'unequal at rest',
    shows: 'the rejoin of a node that is behind',
  },
];

const feed: readonly Case[] = [
  {
    name: 'feed',
    flags: [],
    expected: 'safe',
    shows: 'two writers, pages late, twice and in any order',
  },
  {
    name: 'feed-hub-restored',
    flags: ['HRESTORE=1'],
    expected: 'safe',
    shows: 'the same with a hub that was restored',
    long: true,
  },
  {
    name: 'feed-hub-restored-more',
    flags: ['HRESTORE=1', 'WRITES=4'],
    expected: 'safe',
    shows: 'the same with four writes',
    long: true,
  },
  {
    name: 'feed-history',
    flags: ['NO_STATE_PAGE'],
    expected: 'safe',
    shows: 'pages of history would do as well: state is there for its size',
    long: true,
  },
  {
    name: 'feed-no-locked-counter',
    flags: ['NO_LOCKED_COUNTER'],
    expected: 'unequal at rest',
    shows: 'positions in the order of commits',
  },
  {
    name: 'feed-no-snapshot',
    flags: ['NO_SNAPSHOT'],
    expected: 'unequal at rest',
    shows: 'a page in one snapshot',
  },
  {
    name: 'feed-no-atomic-page',
    flags: ['NO_ATOMIC_PAGE'],
    expected: 'unequal at rest',
    shows: 'page and cursor in one transaction',
  },
  {
    name: 'feed-no-cursor-check',
    flags: ['NO_CURSOR_CHECK'],
    expected: 'unequal at rest',
    shows: 'a page counts only from where the mirror is',
  },
  {
    name: 'feed-no-restart',
    flags: ['HRESTORE=1', 'NO_RESTART'],
    expected: 'unequal at rest',
    shows: 'the mirror begins anew under a new incarnation',
  },
  {
    name: 'feed-no-sweep',
    flags: ['HRESTORE=1', 'NO_SWEEP'],
    expected: 'unequal at rest',
    shows: 'what the new feed does not bring goes',
  },
  {
    name: 'feed-no-incarnation',
    flags: ['HRESTORE=1', 'NO_INCARNATION'],
    expected: 'unequal at rest',
    shows: 'each page names its incarnation',
  },
];

const configured = (
  model: Configuration['model'],
  cases: readonly Case[],
): readonly Configuration[] =>
  cases.map(({ long, ...one }) => ({ ...one, model, quick: long !== true }));

export const configurations: readonly Configuration[] = [
  ...configured('channel', on),
  ...configured('channel', off),
  ...configured('feed', feed),
];
