/**
 * A page of a unit's feed: the records that changed after its cursor, as they are now, with the
 * verdicts and messages between. Read in one snapshot, signed. A unit can only ever read its own:
 * the agency comes from the certificate and every query is bound to it.
 */
import { nationalSections, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { compress } from '@lienthong/shared-schema/runtime/compress.ts';
import { copyOut } from '@lienthong/shared-schema/runtime/copy.ts';
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
import { feedPageRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
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
import { readUnit } from '../db/units.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';
import { signProgress } from './progress.ts';

/**
 * Returns the bytes of a FeedPage that begins after the cursor and covers at most `entriesMax`
 * positions; empty at the end of the feed.
 */
export async function serveFeed(
  hub: HubContext,
  caller: Caller,
  after: bigint,
  entriesMax = feedPageRecordsMax,
): Promise<Uint8Array> {
  await recordFeedAck(hub.database.db, caller.agency, after);
  return feedPageAfter(hub, caller, after, entriesMax);
}

/** As `serveFeed`, for a page that the unit has not asked for: it acknowledges nothing. */
export async function feedPageAfter(
  hub: HubContext,
  caller: Pick<Caller, 'agency'>,
  after: bigint,
  entriesMax = feedPageRecordsMax,
): Promise<Uint8Array> {
  const { unit, content, upTo } = await transaction(
    hub.database,
    async (tx) => {
      const found = await readUnit(tx.db, caller.agency);
      if (found === undefined) throw new HubError('HUB_CERTIFICATE_UNKNOWN');
      if (after > found.feedHead) throw new HubError('HUB_CURSOR_INVALID');
      const last = after + BigInt(entriesMax);
      const end = last < found.feedHead ? last : found.feedHead;
      const page = { agency: caller.agency, after, upTo: end };
      return { unit: found, upTo: end, content: await pageContent(tx, page) };
    },
    { isolation: 'repeatable read' },
  );
  const raw = feedContent.encode(content);
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

async function pageContent(tx: Tx, page: PageBounds): Promise<FeedContent> {
  const messages = page.upTo === page.after ? [] : await readFeedMessages(tx.db, page);
  return {
    blocks: page.upTo === page.after ? [] : await recordBlocks(tx, page),
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

async function recordBlocks(tx: Tx, page: PageBounds): Promise<readonly Block[]> {
  if ((await stagePageRecords(tx, page)) === 0) return [];
  const manifest = await copyOut(
    tx,
    `select ${manifestColumns.join(', ')} from pg_temp.page_record order by kind, record_id`,
  );
  const blocks = [manifestBlock(manifest.bytes, manifest.count)];
  for (const section of nationalSections) {
    const rows = await copyOut(tx, projectionSql(section, 'national', 'pg_temp.page_record'));
    if (rows.count > 0) blocks.push(sectionBlock(section, rows.bytes, rows.count));
  }
  const sealed = await sealedTagsOfPage(tx.db);
  for (const section of sections.filter(({ tag }) => sealed.has(tag))) {
    const rows = await copyOut(tx, sealedProjectionSql(section.tag, 'pg_temp.page_record'));
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
