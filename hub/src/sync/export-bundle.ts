/**
 * The answer to what a unit brought on a medium: the replies that were stored at import, the same
 * bytes each time, and the pages of its feed from the cursor that it told, as they are now. Nothing
 * at the hub is changed by it, so it may be made again.
 */
import { randomBytes } from 'node:crypto';

import { BundleError, subjectOfNumber } from '@lienthong/shared-schema/runtime/bundle-format.ts';
import { type AddItem, writeBundle } from '@lienthong/shared-schema/runtime/bundle-writer.ts';
import { publicKeyOfBytes } from '@lienthong/shared-schema/runtime/sealing.ts';
import { feedHeader, feedPage } from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';

import { type BundleRound, newestBundles, repliesOfRound } from '../db/bundles.ts';
import { readUnit } from '../db/units.ts';
import { HubError, type HubErrorCode } from '../errors.ts';
import { requireSender } from './bundle-sender.ts';
import type { HubContext } from './context.ts';
import { feedPageAfter } from './serve-feed.ts';

export type ExportedAnswer = {
  readonly agency: string;
  readonly bundle: string;
  /** The newest bundle of the unit that it answers. */
  readonly answers: string;
  readonly replies: number;
  readonly feedPages: number;
  readonly bytes: number;
};

const repliesAtOnce = 500;

/** Throws HUB_BUNDLE_UNANSWERABLE where nothing of the unit was imported, and HUB_BUNDLE_… of the file. */
export async function exportAnswer(
  hub: HubContext,
  agency: string,
  file: { readonly path: string; readonly force: boolean },
): Promise<ExportedAnswer> {
  const { status, bundleKey } = await requireSender(hub, agency);
  const rounds = await newestBundles(hub.database.db, agency, hub.incarnation);
  const [round] = rounds;
  if (round === undefined) throw new HubError('HUB_BUNDLE_UNANSWERABLE', { detail: agency });
  const bundleId = randomBytes(16);
  let replies = 0;
  let feedPages = 0;
  const header = {
    protocol: protocolVersion,
    audience: hub.audience,
    agency,
    direction: 'TO_NODE',
    bundleId,
    answers: round.bundleId,
    madeAtMs: BigInt(hub.now().getTime()),
    hubIncarnation: hub.incarnation,
  } as const;
  const recipient = bundleKey === undefined ? undefined : publicKeyOfBytes(bundleKey);
  const newBundle = { ...file, header, signingKey: hub.signingKey, recipient };
  try {
    const { bytes } = await writeBundle(newBundle, async (add) => {
      for (const one of rounds) replies += await addReplies(hub, agency, one, add);
      // what is personal goes to a key that the unit has told, and to no unit that is frozen
      if (recipient === undefined || status === 'frozen') return;
      feedPages = await addFeed(hub, agency, round.feedCursor, add);
    });
    const told = { bundle: bundleId.toString('hex'), answers: round.bundleId.toString('hex') };
    return { agency, ...told, replies, feedPages, bytes };
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new HubError(codes[cause.fault], { cause, detail: cause.message });
  }
}

const codes = {
  invalid: 'HUB_BUNDLE_INVALID',
  exists: 'HUB_BUNDLE_EXISTS',
  unwritten: 'HUB_BUNDLE_UNWRITTEN',
} as const satisfies Record<BundleError['fault'], HubErrorCode>;

async function addReplies(
  hub: HubContext,
  agency: string,
  { helloNonce }: BundleRound,
  add: AddItem,
): Promise<number> {
  const round = { helloNonce, answeredUnder: hub.incarnation };
  let after = { bundle: 0n, item: -1 };
  for (let count = 0; ;) {
    const page = { after, max: repliesAtOnce };
    const replies = await repliesOfRound(hub.database.db, agency, round, page);
    for (const { part, subject, body } of replies) await add(part, subject, body);
    count += replies.length;
    const last = replies.at(-1);
    if (last === undefined || replies.length < repliesAtOnce) return count;
    after = last;
  }
}

/** Pages to the end of the feed as it was when the first one was made. */
async function addFeed(
  hub: HubContext,
  agency: string,
  from: bigint,
  add: AddItem,
): Promise<number> {
  const unit = await readUnit(hub.database.db, agency);
  const head = unit?.feedHead ?? 0n;
  let cursor = from > head ? 0n : from;
  for (let pages = 0; ;) {
    const page = await feedPageAfter(hub, { agency }, cursor);
    await add('FEED_PAGE', subjectOfNumber(cursor), page);
    pages += 1;
    cursor = feedHeader.decode(feedPage.decode(page).header).toCursor;
    if (cursor >= head) return pages;
  }
}
