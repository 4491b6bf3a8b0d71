/** The unit's feed, as in `hub/src/db/feed.ts` and `hub/src/sync/serve-feed.ts`: state, not history. */
import { transact } from '../engine.ts';
import {
  type BatchRecord,
  type FeedRequest,
  hubSigner,
  type PageContent,
  type Reply,
  travellingTags,
} from '../messages.ts';
import { rowsOf } from '../sections.ts';
import type { World } from '../world.ts';
import { progressOf } from './receive.ts';
import { type FeedEntry, type Hub, keyOf } from './state.ts';

/** Positions come from the unit's row, in the transaction that writes: no gaps, order of commits. */
export function appendToFeed(world: World, agency: string, entries: readonly FeedEntry[]): void {
  const { hub } = world;
  let position = hub.units.row(agency).feedHead;
  for (const entry of entries) {
    position += 1n;
    hub.feed.set(keyOf(agency, position), entry);
  }
  hub.units.update(agency, { feedHead: position });
}

export function serveFeed(world: World, { agency, after }: FeedRequest): Reply {
  const { hub } = world;
  transact(hub.machine, 'hub feed', () => {
    const { feedAcked, feedHead } = hub.units.row(agency);
    if (feedAcked < after && feedHead >= after) hub.units.update(agency, { feedAcked: after });
  });
  const { feedHead } = hub.units.row(agency);
  if (after > feedHead) {
    world.shape('cursor invalid');
    return { kind: 'refusal', code: 'HUB_CURSOR_INVALID' };
  }
  const last = after + world.pageEntriesMax;
  const upTo = last < feedHead ? last : feedHead;
  const body = {
    hubIncarnation: hub.files.incarnation,
    agency,
    fromCursor: after,
    toCursor: upTo,
    feedHead,
  };
  return {
    kind: 'feed',
    answer: {
      header: { signer: hubSigner, body },
      content: contentOf(hub, agency, after, upTo),
      progress: progressOf(hub, agency),
    },
  };
}

function contentOf(hub: Hub, agency: string, after: bigint, upTo: bigint): PageContent {
  const entries: FeedEntry[] = [];
  for (let position = after + 1n; position <= upTo; position += 1n) {
    const entry = hub.feed.get(keyOf(agency, position));
    if (entry !== undefined) entries.push(entry);
  }
  return {
    records: recordsOf(hub, agency, entries),
    verdicts: entries.filter((entry) => entry.kind === 'verdict'),
    markers: entries.filter((entry) => entry.kind === 'marker').map(({ marker }) => marker),
    checkpoints: entries
      .filter((entry) => entry.kind === 'checkpoint')
      .map(({ checkpoint }) => checkpoint),
  };
}

/** Each changed record once, with what the unit has now; gone where it is no longer this unit's. */
function recordsOf(
  hub: Hub,
  agency: string,
  entries: readonly FeedEntry[],
): readonly BatchRecord[] {
  const changed = new Map<string, { version: bigint; whole: boolean; tags: Set<number> }>();
  for (const entry of entries) {
    if (entry.kind !== 'record') continue;
    const seen = changed.get(entry.recordId) ?? { version: 0n, whole: false, tags: new Set() };
    seen.version = entry.version > seen.version ? entry.version : seen.version;
    seen.whole ||= entry.tags === undefined;
    for (const tag of entry.tags ?? []) seen.tags.add(tag);
    changed.set(entry.recordId, seen);
  }
  return [...changed].map(([recordId, { version, whole, tags }]) => {
    const now = hub.national.get(recordId);
    const own = now?.agency === agency ? now : undefined;
    const named = whole ? travellingTags : [...tags];
    return {
      recordId,
      version: own?.version ?? version,
      op: own === undefined ? ('D' as const) : ('U' as const),
      whole,
      tags: named,
      rows: rowsOf(own?.sections ?? {}, named),
    };
  });
}
