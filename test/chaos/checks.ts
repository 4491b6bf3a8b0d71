/**
 * What must hold once all is at rest, each by SQL on both sides and sharing no code with what it
 * checks: nothing lost, nothing twice, nothing of one unit at another, all sides equal. A finding is
 * a sentence without any value of a record.
 */
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { batchContent, batchHeader } from '@lienthong/shared-schema/wire/messages.ts';
import type { Client } from 'pg';

import { compareSides } from '../constellation/compare.ts';
import { withClient } from '../services/postgres-databases.ts';
import type { Ledger } from './ledger.ts';
import { undoneText } from './writers.ts';

export type Findings = {
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly leaked: readonly string[];
  readonly unequal: readonly string[];
  /** Rows of all sections at the hub. */
  readonly rows: number;
  readonly batches: number;
  readonly markers: number;
};

/** One unit against the hub, by SQL alone. */
export async function checkUnit(
  urls: { readonly agency: string; readonly hub: string; readonly node: string },
  ledger: Ledger,
): Promise<Findings> {
  const { agency } = urls;
  const named = (findings: readonly string[]): readonly string[] =>
    findings.map((finding) => `${agency}: ${finding}`);
  const sides = await compareSides(urls);
  return await withClient(urls.hub, (hub) =>
    withClient(urls.node, async (own) => {
      const archive = await archiveOf(hub, agency);
      return {
        lost: named([...(await lostOf(hub, own, ledger)), ...archive.undone]),
        duplicated: named([...(await duplicatedOf(hub, own, agency)), ...archive.duplicated]),
        leaked: named(await leakedTo(hub, own, agency)),
        unequal: named([
          ...sides.differing.map((table) => `${table} differs`),
          ...(await totalsOf(hub, agency)),
        ]),
        rows: sides.rows,
        batches: archive.batches,
        markers: archive.markers,
      };
    }),
  );
}

/** The ledger against the node's tables, the hub and the mirror: the last value of each record. */
async function lostOf(hub: Client, own: Client, ledger: Ledger): Promise<readonly string[]> {
  const found: string[] = [];
  const outcomes = await own.query<{ token: string }>('select token from chaos.outcome');
  const there = new Set(outcomes.rows.map((row) => row.token));
  const gone = ledger.tokens('committed').filter((token) => !there.has(token));
  const risen = ledger.tokens('rolled back').filter((token) => there.has(token));
  if (gone.length > 0) found.push(`${gone.length} committed transactions are gone at the node`);
  if (risen.length > 0) found.push(`${risen.length} transactions that failed are there`);
  const sides = [
    ['the node', await statesAt(own, 'profile')],
    ['the hub', await statesAt(hub, 'national')],
    ['the mirror', await statesAt(own, 'national')],
  ] as const;
  const planned = await plannedAt(own);
  for (const [recordId, state] of ledger.latest()) {
    const plain =
      state === undefined
        ? undefined
        : JSON.stringify([state.otherNames, state.title, state.institutions]);
    for (const [side, states] of sides) {
      if (states.get(recordId) !== plain) found.push(`${recordId} is not at ${side} as committed`);
    }
    if (planned.get(recordId) !== (state?.plannedTitle ?? undefined)) {
      found.push(`${recordId} has not the sealed section as committed`);
    }
  }
  return found;
}

async function statesAt(client: Client, schema: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{
    id: string;
    names: string | null;
    title: string | null;
    institutions: string[] | null;
  }>(
    `select r.record_id as id, i.other_names as names, p.title,
       (select array_agg(t.institution order by t.ordinal) from ${schema}.training t
         where t.record_id = r.record_id) as institutions
     from ${schema}.record r join ${schema}.identity i using (record_id)
       left join ${schema}.position p using (record_id)
     where r.kind = 2`,
  );
  return new Map(
    rows.map((row) => [row.id, JSON.stringify([row.names, row.title, row.institutions ?? []])]),
  );
}

async function plannedAt(own: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await own.query<{ id: string; title: string }>(
    'select record_id as id, planned_title as title from profile.planning',
  );
  return new Map(rows.map((row) => [row.id, row.title]));
}

/** Chain, receipts, versions and markers, the same at both sides and each once. */
async function duplicatedOf(hub: Client, own: Client, agency: string): Promise<readonly string[]> {
  const found: string[] = [];
  const atHub = await linesOf(
    hub,
    `select seq || ' ' || encode(header_hash, 'hex') || ' ' || encode(sha256(receipt), 'hex') || ' ' ||
       encode(sha256(content), 'hex') as line from sync.inbox where agency = '${agency}' order by seq`,
  );
  const atNode = await linesOf(
    own,
    `select seq || ' ' || encode(header_hash, 'hex') || ' ' || encode(sha256(receipt), 'hex') || ' ' ||
       encode(sha256(content), 'hex') as line from sync.outbox_batch order by seq`,
  );
  if (atHub.join() !== atNode.join())
    found.push('batches or receipts differ between the two chains');
  const gaps = atHub.filter((line, i) => !line.startsWith(`${i + 1} `));
  if (gaps.length > 0) found.push('the chain has a gap');
  const versionsAtHub = await linesOf(
    hub,
    `select record_id || ' ' || version as line from national.record where agency = '${agency}'
     order by record_id`,
  );
  const versionsAtNode = await linesOf(
    own,
    `select record_id || ' ' || version as line from sync.record where present order by record_id`,
  );
  if (versionsAtHub.join() !== versionsAtNode.join()) found.push('versions differ');
  const counts = await linesOf(
    hub,
    `select 'batch ' || seq || ' does not add up, or has records refused or ignored' as line
     from sync.inbox where agency = '${agency}' and (records_refused > 0 or records_ignored > 0
       or records_sent is distinct from records_accepted + records_refused + records_ignored)`,
  );
  const forks = await linesOf(
    hub,
    `select 'a second history of batch ' || seq as line from sync.fork_evidence where agency = '${agency}'`,
  );
  const feed = await linesOf(
    hub,
    `select 'the feed has a gap' as line from sync.feed_entry where agency = '${agency}'
     having count(*) <> coalesce(max(position), 0)`,
  );
  const markers = await linesOf(
    hub,
    `select 'a marker came ' || count(*) || ' times' as line from sync.feed_entry
     where agency = '${agency}' and kind = 'marker' group by body having count(*) > 1`,
  );
  return [...found, ...counts, ...forks, ...feed, ...markers];
}

/** Anything of another unit in this one's mirror or feed: by record, and by the text of the values. */
async function leakedTo(hub: Client, own: Client, agency: string): Promise<readonly string[]> {
  const others = await linesOf(
    hub,
    `select position || ' of the feed is of a record of another unit' as line
     from sync.feed_entry f join national.record r using (record_id)
     where f.agency = '${agency}' and r.agency <> '${agency}'`,
  );
  const strangers = await linesOf(
    own,
    `select record_id || ' is in the mirror and was never sealed here' as line
     from national.record r where not exists (
       select from sync.record s where s.record_id = r.record_id)`,
  );
  const texts: string[] = [];
  for (const [table, column] of [
    ['identity', 'other_names'],
    ['position', 'title'],
    ['training', 'institution'],
  ] as const) {
    texts.push(
      ...(await linesOf(
        own,
        `select 'a value of another unit in national.${table}' as line from national.${table}
         where ${column} not like '${agency} %'`,
      )),
    );
  }
  return [...others, ...strangers, ...texts];
}

/** Versions of each record rise by one along the archive, and nothing that was rolled back is in it. */
async function archiveOf(
  hub: Client,
  agency: string,
): Promise<{
  readonly duplicated: readonly string[];
  readonly undone: readonly string[];
  readonly batches: number;
  readonly markers: number;
}> {
  const duplicated: string[] = [];
  const undone: string[] = [];
  const versions = new Map<string, number>();
  const markers = new Set<string>();
  const { rows } = await hub.query<{ seq: string; header: Buffer; content: Buffer }>(
    'select seq::text, header, content from sync.inbox where agency = $1 order by sync.inbox.seq',
    [agency],
  );
  for (const { seq, header, content } of rows) {
    const raw = await expand(content, Number(batchHeader.decode(header).rawBytes));
    if (raw === undefined) {
      undone.push(`batch ${seq} does not expand`);
      continue;
    }
    if (raw.includes(undoneText)) undone.push(`batch ${seq} has what was rolled back`);
    const { blocks, marker } = batchContent.decode(raw);
    if (marker !== '' && markers.has(marker)) duplicated.push(`batch ${seq} repeats a marker`);
    if (marker !== '') markers.add(marker);
    const manifest = Buffer.from(blocks[0]?.rows ?? []).toString();
    for (const line of manifest.split('\n').slice(0, -1)) {
      const [id = '', , version] = line.split('\t');
      const expected = (versions.get(id) ?? 0) + 1;
      if (Number(version) !== expected) {
        duplicated.push(`${id} has version ${version} where ${expected} is due`);
      }
      versions.set(id, Number(version));
    }
  }
  return { duplicated, undone, batches: rows.length, markers: markers.size };
}

/** The people that the unit reported last are those that the hub counts. */
async function totalsOf(hub: Client, agency: string): Promise<readonly string[]> {
  return linesOf(
    hub,
    `select 'the totals do not fit' as line from sync.totals_figure
     where agency = '${agency}' and measure = 'people' and key = 'travelling'
       and as_of = (select max(as_of) from sync.totals_report where agency = '${agency}')
       and value <> (select count(*) from national.record where agency = '${agency}' and kind = 2)`,
  );
}

async function linesOf(client: Client, query: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ line: string }>(query);
  return rows.map((row) => row.line);
}
