/**
 * A bundle of a unit is imported: each item goes through the use case that would have taken it from
 * the line, in the order of the file, and what it answers is stored. The file is checked as a whole
 * before anything of it is used. Each item is safe by itself and stored by itself: an interrupted
 * import goes on where it was, and a second one changes nothing.
 */

import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { BundleError, subjectOfHello } from '@lienthong/shared-schema/runtime/bundle-format.ts';
import {
  type BundleEntry,
  openBundle,
  type OpenBundle,
} from '@lienthong/shared-schema/runtime/bundle-reader.ts';
import { publicKeyFromPem } from '@lienthong/shared-schema/runtime/signature.ts';
import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import {
  bundleFeedRequest,
  type BundleHeader,
  type BundlePart,
  helloBody,
  helloReply,
  pushReply,
} from '@lienthong/shared-schema/wire/messages.ts';

import {
  answersGiven,
  type BundleReply,
  type BundleRow,
  finishBundle,
  noteBundle,
  storeBundleReply,
} from '../db/bundles.ts';
import { recordFeedAck } from '../db/feed.ts';
import { isSpentHello } from '../db/units.ts';
import { HubError, type HubErrorCode } from '../errors.ts';
import { applyBatches } from './apply-batches.ts';
import { requireSender } from './bundle-sender.ts';
import type { Caller, HubContext } from './context.ts';
import { checkProtocol } from './read-message.ts';
import { receiveBatch } from './receive-batch.ts';
import { publishTotals, receiveTotals } from './receive-totals.ts';
import { readHello, sayHello } from './say-hello.ts';

export type ImportedBundle = {
  readonly agency: string;
  readonly bundle: string;
  /** It had been imported before: nothing was done. */
  readonly again: boolean;
  /** The unit was welcomed anew after this bundle was made: nothing of it counts any more. */
  readonly late: boolean;
  readonly batches: number;
  /** Of these, how many have their receipt. */
  readonly receipted: number;
  /** What the hub says to the hello of the bundle, such as EQUAL. */
  readonly relation: string;
  /** Items that no repeat of these bytes can mend, as `TOTALS: HUB_UNREADABLE`; the others count. */
  readonly refused: readonly string[];
  readonly applied: number;
};

const idBytes = 16;
const nonceBytes = 16;

/**
 * Throws HUB_BUNDLE_INVALID, as on the line for a unit that may not speak, and HUB_STORAGE and the like
 * where it is to be tried again.
 */
export async function importBundle(hub: HubContext, path: string): Promise<ImportedBundle> {
  try {
    let caller: Caller | undefined;
    await using bundle = await openBundle(path, async (header) => {
      caller = await senderOf(hub, header);
      return publicKeyFromPem(caller.signingKeyPem);
    });
    if (caller === undefined) throw new RangeError('the bundle has no sender');
    return await take(hub, caller, bundle);
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new HubError('HUB_BUNDLE_INVALID', { cause, detail: cause.message });
  }
}

/** What the header alone decides. */
async function senderOf(hub: HubContext, header: BundleHeader): Promise<Caller> {
  checkProtocol(header.protocol);
  if (!equalBytes(header.audience, hub.audience)) throw new HubError('HUB_AUDIENCE_MISMATCH');
  if (header.direction !== 'TO_HUB') throw new BundleError('invalid', 'it is for a node');
  if (header.bundleId.length !== idBytes) throw new BundleError('invalid', 'it has no id');
  const { caller, status } = await requireSender(hub, header.agency);
  if (status === 'frozen') throw new HubError('HUB_UNIT_FROZEN');
  return caller;
}

async function take(hub: HubContext, caller: Caller, bundle: OpenBundle): Promise<ImportedBundle> {
  const { db } = hub.database;
  const row = await note(hub, bundle);
  const again = row.importedAt !== null;
  const tally = again ? emptyTally() : await answerItems(hub, caller, bundle, row);
  const { feedCursor, totals, ...told } = tally;
  if (!again) await finishBundle(db, row.id, feedCursor);
  const applied = await applyBatches(hub, caller.agency);
  if (totals) await publishTotals(hub);
  return {
    agency: caller.agency,
    bundle: Buffer.from(bundle.header.bundleId).toString('hex'),
    again,
    late: row.late,
    ...told,
    applied,
  };
}

async function note(hub: HubContext, { header, hash, entries }: OpenBundle): Promise<BundleRow> {
  const { db } = hub.database;
  if (entries.some(({ part }) => !partsOfUnits.has(part))) {
    throw new BundleError('invalid', 'it has an item that no unit sends');
  }
  const [hello, ...more] = entries.filter((entry) => entry.part === 'HELLO');
  if (hello?.subject.length !== nonceBytes || more.length > 0) {
    throw new BundleError('invalid', 'it has no hello, or several');
  }
  const row = await noteBundle(db, {
    agency: header.agency,
    bundleId: header.bundleId,
    answeredUnder: hub.incarnation,
    hash,
    helloNonce: hello.subject,
    late: await isSpentHello(db, header.agency, hello.subject),
  });
  if (equalBytes(row.hash, hash)) return row;
  throw new BundleError('invalid', 'another bundle of the same id has been imported');
}

type Tally = {
  batches: number;
  receipted: number;
  relation: string;
  refused: string[];
  feedCursor: bigint;
  totals: boolean;
};

const emptyTally = (): Tally => ({
  batches: 0,
  receipted: 0,
  relation: '',
  refused: [],
  feedCursor: 0n,
  totals: false,
});

const partsOfUnits: ReadonlySet<BundlePart> = new Set(['HELLO', 'BATCH', 'TOTALS', 'FEED_REQUEST']);

async function answerItems(
  hub: HubContext,
  caller: Caller,
  bundle: OpenBundle,
  row: BundleRow,
): Promise<Tally> {
  const { db } = hub.database;
  const before = await answersGiven(db, row.id);
  const tally = emptyTally();
  for (const entry of bundle.entries) {
    if (entry.part === 'BATCH') tally.batches += 1;
    const given = before.get(entry.index);
    if (given !== undefined) {
      const relation = given.hello === null ? undefined : relationOf(given.hello);
      count(tally, entry, { settled: given.settled, relation });
      continue;
    }
    const body = await bundle.read(entry, hub.bundleKey);
    if (entry.part === 'FEED_REQUEST') {
      tally.feedCursor = await noteCursor(hub, caller, row, body);
      continue;
    }
    const answer = await answerOrRefuse(hub, caller, entry, body);
    if (answer.kind === 'refused') {
      tally.refused.push(`${entry.part}: ${answer.code}`);
      continue;
    }
    await storeBundleReply(db, { ...answer, bundle: row.id, item: entry.index });
    count(tally, entry, answer);
    // the unit is frozen now: nothing more of it is heard
    if (answer.stop) break;
  }
  return tally;
}

/** An answer that was given, now or before an interruption. */
function count(
  tally: Tally,
  { part }: BundleEntry,
  { settled, relation }: Pick<Answer, 'settled' | 'relation'>,
): void {
  if (part === 'TOTALS') tally.totals = true;
  if (part === 'BATCH' && settled) tally.receipted += 1;
  tally.relation = relation ?? tally.relation;
}

const relationOf = (reply: Uint8Array): string =>
  helloBody.decode(helloReply.decode(reply).body).relation;

/** On the line a refused message does not stop the next one; nor does it here. */
async function answerOrRefuse(
  hub: HubContext,
  caller: Caller,
  entry: BundleEntry,
  body: Uint8Array,
): Promise<Answer | { readonly kind: 'refused'; readonly code: HubErrorCode }> {
  try {
    return await answerItem(hub, caller, entry, body);
  } catch (error) {
    const isOfItem = error instanceof HubError && error.status < 500 && !aboutUnit.has(error.code);
    if (!isOfItem) throw error;
    hub.log.warn({ agency: caller.agency, part: entry.part, code: error.code }, 'item refused');
    return { kind: 'refused', code: error.code };
  }
}

/** These hold for all that follows as well. */
const aboutUnit: ReadonlySet<HubErrorCode> = new Set([
  'HUB_UNIT_FROZEN',
  'HUB_CERTIFICATE_UNKNOWN',
]);

type Answer = BundleReply & {
  readonly kind: 'answered';
  readonly settled: boolean;
  readonly stop: boolean;
  readonly relation?: string | undefined;
};

async function answerItem(
  hub: HubContext,
  caller: Caller,
  { part, subject }: BundleEntry,
  body: Uint8Array,
): Promise<Answer> {
  switch (part) {
    case 'HELLO': {
      const request = readHello(caller, body);
      if (!equalBytes(request.helloNonce, subject)) throw new HubError('HUB_UNREADABLE');
      const reply = await sayHello(hub, caller, body);
      const relation = relationOf(reply);
      const settled = relation === 'EQUAL' || relation === 'NODE_AHEAD';
      const about = { part: 'HELLO_REPLY', subject: subjectOfHello(request), body: reply } as const;
      return { kind: 'answered', ...about, settled, stop: false, relation };
    }
    case 'BATCH': {
      const reply = await receiveInTurn(hub, caller, body);
      const { outcome } = pushReply.decode(reply);
      const settled = outcome === 'ACCEPTED' || outcome === 'DUPLICATE';
      const about = { part: 'PUSH_REPLY', subject, body: reply } as const;
      return { kind: 'answered', ...about, settled, stop: outcome === 'FORK' };
    }
    case 'TOTALS': {
      const reply = await receiveTotals(hub, caller, body);
      const about = { part: 'TOTALS_REPLY', subject, body: reply } as const;
      return { kind: 'answered', ...about, settled: true, stop: false };
    }
    case 'FEED_REQUEST':
    case 'HELLO_REPLY':
    case 'PUSH_REPLY':
    case 'TOTALS_REPLY':
    case 'FEED_PAGE':
      throw new RangeError(`no unit sends ${part}`);
  }
}

/** A medium brings more than may wait: what is there is applied, and the batch is taken then. */
async function receiveInTurn(
  hub: HubContext,
  caller: Caller,
  body: Uint8Array,
): Promise<Uint8Array> {
  const reply = await receiveBatch(hub, caller, body);
  if (pushReply.decode(reply).outcome !== 'BUSY') return reply;
  await applyBatches(hub, caller.agency);
  return receiveBatch(hub, caller, body);
}

/** Where the answer's pages begin: at 0 where the unit has read another incarnation's feed. */
async function noteCursor(
  hub: HubContext,
  { agency }: Caller,
  row: BundleRow,
  body: Uint8Array,
): Promise<bigint> {
  const { hubIncarnation, cursor } = readFeedRequest(body);
  if (hubIncarnation !== hub.incarnation) return 0n;
  // as a question after this cursor on the line: everything up to it is applied
  if (!row.late) await recordFeedAck(hub.database.db, agency, cursor);
  return cursor;
}

function readFeedRequest(body: Uint8Array): ReturnType<typeof bundleFeedRequest.decode> {
  try {
    return bundleFeedRequest.decode(body);
  } catch (cause) {
    if (cause instanceof WireError) throw new BundleError('invalid', 'it is damaged', { cause });
    throw cause;
  }
}
