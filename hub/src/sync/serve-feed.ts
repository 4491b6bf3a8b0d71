/**
 * A page of a unit's feed: the records that changed after its cursor, as they are now, with the
 * verdicts and messages between. Read in one snapshot, signed. A unit can only ever read its own:
 * the agency comes from the certificate and every query is bound to it.
 */
import { nationalSections, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { compress } from '@lienthong/shared-schema/runtime/compress.ts';
import { type CopiedRows, copyOutWithin } from '@lienthong/shared-schema/runtime/copy.ts';
import { transaction, type Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { projectionSql } from '@lienthong/shared-schema/sql/projection.ts';
import { sealedProjectionSql } from '@lienthong/shared-schema/sql/sealed.ts';
import {
  manifestBlock,
  manifestColumns,
  sealedBlock,
  sectionBlock,
} from '@lienthong/shared-schema/wire/blocks.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchRawBytesMax, feedPageRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  type Block,
  checkpoint,
  type FeedContent,
  feedContent,
  feedHeader,
  feedPage,
  nationalTotals,
  policy,
  type Verdict,
} from '@lienthong/shared-schema/wire/messages.ts';

import { newestPublished } from '../db/code-lists.ts';
import { readComparisons } from '../db/comparisons.ts';
import {
  type FeedEntry,
  type PageBounds,
  readFeedMessages,
  recordFeedAck,
  sealedTagsOfPage,
  stagePageRecords,
} from '../db/feed.ts';
import { readUnit, type UnitChannel } from '../db/units.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';
import { signProgress } from './progress.ts';

export type PageMax = { readonly entries: number; readonly rawBytes: number };

/**
 * A page of large records has fewer of them: it is made in memory, is read by nodes and bundles that
 * are bounded too, and records that came in many batches may meet on one.
 */
const pageMax: PageMax = { entries: feedPageRecordsMax, rawBytes: batchRawBytesMax };

/**
 * Returns the bytes of a FeedPage that begins after the cursor; empty at the end of the feed. A single
 * entry may have more than `rawBytes`, since nothing else would come behind it.
 */
export async function serveFeed(
  hub: HubContext,
  caller: Caller,
  after: bigint,
  max = pageMax,
): Promise<Uint8Array> {
  await recordFeedAck(hub.database.db, caller.agency, after);
  return feedPageAfter(hub, caller, after, max);
}

/** As `serveFeed`, for a page that the unit has not asked for: it acknowledges nothing. */
export async function feedPageAfter(
  hub: HubContext,
  caller: Pick<Caller, 'agency'>,
  after: bigint,
  max = pageMax,
): Promise<Uint8Array> {
  const { agency } = caller;
  let { unit, upTo, raw } = await readPage(hub, { agency, after }, max);
  while (raw === undefined) {
    const half = { ...max, entries: Number((upTo - after) / 2n) };
    ({ unit, upTo, raw } = await readPage(hub, { agency, after }, half));
  }
  const packed = await compress(raw);
  const header = feedHeader.encode({
    hubIncarnation: hub.incarnation,
    agency: caller.agency,
    fromCursor: after,
    toCursor: upTo,
    feedHead: unit.feedHead,
    codec: 'ZSTD',
    contentHash: sha256(packed),
    rawBytes: BigInt(raw.length),
  });
  return feedPage.encode({
    header,
    signature: signBytes(hub.signingKey, domains.feed, header),
    content: packed,
    ...signProgress(hub, unit),
  });
}

type Page = {
  readonly unit: UnitChannel;
  readonly upTo: bigint;
  /** Undefined where several entries have more than a page may have. */
  readonly raw: Uint8Array | undefined;
};

async function readPage(
  hub: HubContext,
  { agency, after }: Pick<PageBounds, 'agency' | 'after'>,
  max: PageMax,
): Promise<Page> {
  return transaction(
    hub.database,
    async (tx) => {
      const unit = await readUnit(tx.db, agency);
      if (unit === undefined) throw new HubError('HUB_CERTIFICATE_UNKNOWN');
      if (after > unit.feedHead) throw new HubError('HUB_CURSOR_INVALID');
      const last = after + BigInt(max.entries);
      const upTo = last < unit.feedHead ? last : unit.feedHead;
      const bytesMax = upTo - after > 1n ? max.rawBytes : Infinity;
      const content = await pageContent(tx, { agency, after, upTo }, bytesMax);
      const raw = content && feedContent.encode(content);
      return { unit, upTo, raw: raw && raw.length <= bytesMax ? raw : undefined };
    },
    { isolation: 'repeatable read' },
  );
}

/** Undefined where the records alone have more than the page may have. */
async function pageContent(
  tx: Tx,
  page: PageBounds,
  bytesMax: number,
): Promise<FeedContent | undefined> {
  const messages = page.upTo === page.after ? [] : await readFeedMessages(tx.db, page);
  const blocks = page.upTo === page.after ? [] : await recordBlocks(tx, page, bytesMax);
  if (blocks === undefined) return undefined;
  return {
    blocks,
    verdicts: messages.filter((entry) => entry.kind === 'verdict').map((entry) => toVerdict(entry)),
    markers: messages
      .filter((entry) => entry.kind === 'marker')
      .map((entry) => bodyOf(entry).toString()),
    totals: messages
      .filter((entry) => entry.kind === 'totals')
      .map((entry) => nationalTotals.decode(bodyOf(entry))),
    checkpoints: messages
      .filter((entry) => entry.kind === 'checkpoint')
      .map((entry) => checkpoint.decode(bodyOf(entry))),
    policies: messages
      .filter((entry) => entry.kind === 'policy')
      .map((entry) => policy.decode(bodyOf(entry))),
    codeLists: await newestPublished(tx.db, namesOfLists(messages)),
    comparisons: await readComparisons(tx.db, page.agency, comparisonsOf(messages)),
    resends: messages
      .filter((entry) => entry.kind === 'resend')
      .flatMap((entry) => entry.recordId ?? []),
  };
}

async function recordBlocks(
  tx: Tx,
  page: PageBounds,
  bytesMax: number,
): Promise<readonly Block[] | undefined> {
  if ((await stagePageRecords(tx, page)) === 0) return [];
  let room = bytesMax;
  const copy = async (query: string): Promise<CopiedRows | undefined> => {
    const rows = await copyOutWithin(tx, query, room);
    room -= rows?.bytes.length ?? 0;
    return rows;
  };
  const manifest = await copy(
    `select ${manifestColumns.join(', ')} from pg_temp.page_record order by kind, record_id`,
  );
  if (manifest === undefined) return undefined;
  const blocks = [manifestBlock(manifest.bytes, manifest.count)];
  for (const section of nationalSections) {
    const rows = await copy(projectionSql(section, 'national', 'pg_temp.page_record'));
    if (rows === undefined) return undefined;
    if (rows.count > 0) blocks.push(sectionBlock(section, rows.bytes, rows.count));
  }
  const sealed = await sealedTagsOfPage(tx.db);
  for (const section of sections.filter(({ tag }) => sealed.has(tag))) {
    const rows = await copy(sealedProjectionSql(section.tag, 'pg_temp.page_record'));
    if (rows === undefined) return undefined;
    if (rows.count > 0) blocks.push(sealedBlock(section, rows.bytes, rows.count));
  }
  return blocks;
}

const namesOfLists = (messages: readonly FeedEntry[]): readonly string[] =>
  messages.filter((entry) => entry.kind === 'code-list').map((entry) => bodyOf(entry).toString());

const comparisonsOf = (messages: readonly FeedEntry[]) =>
  messages
    .filter((entry) => entry.kind === 'comparison')
    .map((entry) => ({ recordId: entry.recordId ?? '', source: bodyOf(entry).toString() }));

const bodyOf = (entry: FeedEntry): Buffer => entry.body ?? Buffer.alloc(0);

type StoredVerdict = {
  readonly seq: string;
  readonly faults: readonly {
    readonly code: string;
    readonly section: number;
    readonly field: string;
  }[];
};

function toVerdict(entry: FeedEntry): Verdict {
  const stored: StoredVerdict = JSON.parse(bodyOf(entry).toString());
  return {
    recordId: entry.recordId ?? '',
    version: entry.version ?? 0n,
    seq: BigInt(stored.seq),
    faults: stored.faults,
  };
}
