/**
 * A profile packet of a program: read, judged by the same rules as a workbook, put into the intake, and
 * published at once or left to a reviewer, all in one transaction with its answer. Packets come one at
 * a time through the lock of the publication, so two for one person are written one after the other.
 */
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import { isWithinAgency } from '@lienthong/shared-schema/rules/unit-rules.ts';
import { type Db, lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { appendRows, beginImport, finishImport, withdrawOlderRows } from '../db/intake.ts';
import {
  type KnownRecord,
  lastOtherChange,
  ownPackets,
  rowOutcome,
  unitsAmong,
} from '../db/packets.ts';
import { publishRows } from '../db/publish-intake.ts';
import { readRecordTags } from '../db/record-tags.ts';
import { noteRecordTags } from '../db/seen-records.ts';
import { findSource, readMappedCodes } from '../db/sources.ts';
import { readStoredSections } from '../db/stored-sections.ts';
import { makeCodeMapping } from '../intake/code-mapping.ts';
import { verdictOf } from '../intake/intake-item.ts';
import { readUnitCode } from '../intake/read-unit-code.ts';
import { standingFindings } from '../intake/standing-findings.ts';
import { contentText } from '../packet/content-text.ts';
import { type Envelope, openEnvelope, type PacketFinding } from '../packet/envelope.ts';
import { type Change, type Freshness, freshnessOf } from '../packet/freshness.ts';
import { type Header, idMax, idShape, outside } from '../packet/header.ts';
import { type JsonObject, plainData, storable } from '../packet/parse-json.ts';
import { atPath } from '../packet/read-block.ts';
import { type Packet, readPacket } from '../packet/read-packet.ts';
import { inPacket, mostTelling, type PacketReply, type ReplyState } from '../packet/reply.ts';
import { overlapping, type Service } from '../packet/structure.ts';
import { answerOnce, type Judged, type Stored } from './answer-once.ts';
import type { NodeContext } from './context.ts';
import { inTurn } from './in-turn.ts';
import { whoseRecord } from './whose-record.ts';

/** A node with the code lists that are in force, kept between packets. */
export type PacketNode = NodeContext & { readonly codeBook: (db: Db) => Promise<CodeBook> };

export type PacketRequest = {
  /** The source of the key that was shown. */
  readonly source: string;
  readonly service: Service;
  readonly body: Uint8Array;
  /** Of the header `Idempotency-Key`: goes before the packet's own Transaction_ID. */
  readonly idempotencyKey: string | null;
};

/** Answers every packet, whatever it holds. Throws NODE_BUSY where too many wait, and faults of the node. */
export async function receivePacket(
  node: PacketNode,
  request: PacketRequest,
): Promise<PacketReply> {
  return await inTurn(node.database, async () => {
    // not before its turn: opened, a packet takes ten times the memory
    const opened = openEnvelope(request.body);
    return await transaction(node.database, async ({ db }) => {
      await lockName(db, 'intake.publish', 'wait');
      return opened.kind === 'opened'
        ? await receiveOpened(node, db, { ...request, opened })
        : await receiveUnreadable(db, { ...request, opened });
    });
  });
}

type Opened = PacketRequest & { readonly opened: Extract<Envelope, { kind: 'opened' }> };

async function receiveOpened(node: PacketNode, db: Db, request: Opened): Promise<PacketReply> {
  const { source, service, opened } = request;
  const { content } = opened;
  const codes = await node.codeBook(db);
  const mapping = makeCodeMapping(await readMappedCodes(db, source), tidyText);
  const packet = readPacket(service, content, { agency: node.agency, codes, mapping });
  const told = [
    ...callFindings({ ...request, orgCode: opened.orgCode }, node.agency),
    ...packet.findings,
  ];
  const subject = await whoseRecord(db, packet);
  const asked = {
    source,
    service,
    services: overlapping(service),
    subject: packet.staffNumber,
    recordId: subject.record?.recordId ?? null,
    content: contentText(service, content),
    transactionId: idOf(request.idempotencyKey, packet.header.transactionId),
    madeAt: madeAtOf(packet.header),
    repeats: packet.action !== 'ADD',
  };
  return await answerOnce(db, asked, async () => {
    const stored = await storedOf(db, subject.record);
    const faulty = new Set(told.map((one) => one.path));
    const ofRecord = await recordFindings(db, { node, packet, stored, codes });
    const findings = [
      ...told,
      ...subject.findings,
      // a value that was not readable is not said to be missing too
      ...ofRecord.filter((one) => !faulty.has(one.path)),
      ...(await freshnessFindings(db, { source, packet, record: subject.record })),
    ];
    const judged = { source, packet, content, record: subject.record, stored };
    return {
      findings: mostTelling(findings),
      store: (all) => storeProfile(db, judged, all),
    };
  });
}

/** The id that the program gave, if any; one that is too long is told of by `callFindings`. */
export const idOf = (key: string | null, own: string | null): string | null =>
  key !== null && key !== '' && key.length <= idMax ? key : own;

/** When the program made the packet, as it says. */
export const madeAtOf = ({ createdAt }: Pick<Header, 'createdAt'>): Date | null =>
  createdAt === null ? null : new Date(createdAt);

type Call = Pick<PacketRequest, 'idempotencyKey'> & { readonly orgCode: string | null };

/** What is wrong around the packet. The sender must be of the agency whose node this is. */
export function callFindings(
  { orgCode, idempotencyKey }: Call,
  agency: string,
): readonly PacketFinding[] {
  const isLong = idempotencyKey !== null && idempotencyKey.length > idMax;
  return [
    ...orgFindings(orgCode, agency),
    ...(isLong ? [atPath('packet_shape', 'Idempotency-Key', { limit: idShape })] : []),
  ];
}

function orgFindings(orgCode: string | null, agency: string): readonly PacketFinding[] {
  if (orgCode === null || orgCode.trim() === '') {
    return [atPath('packet_member_missing', 'org_Code', { limit: 'org_Code' })];
  }
  const code = readUnitCode(orgCode);
  return isWithinAgency(code, agency) ? [] : [outside('org_Code', code, agency)];
}

type Sections = RecordDraft['sections'];

async function storedOf(db: Db, record: KnownRecord | null): Promise<Sections | undefined> {
  if (record === null) return undefined;
  const found = await readStoredSections(db, [record.recordId]);
  return found.get(record.recordId) ?? {};
}

type RecordContext = {
  readonly node: NodeContext;
  readonly packet: Packet;
  readonly stored: Sections | undefined;
  readonly codes: CodeBook;
};

/** The rules on the record as it would be, told at the places of the packet. */
async function recordFindings(
  db: Db,
  { node, packet, stored, codes }: RecordContext,
): Promise<readonly PacketFinding[]> {
  if (packet.action === null || Object.keys(packet.carries).length === 0) return [];
  const named = [packet.draft.sections, stored ?? {}].flatMap(({ employment: rows = [] }) =>
    rows.flatMap((row) => [row['employing_unit'] ?? '', row['managing_unit'] ?? '']),
  );
  const units = await unitsAmong(db, named);
  const found = checkRecord(packet.draft, {
    today: hanoiDay(node.now().getTime()),
    codes,
    agency: node.agency,
    units,
    carries: packet.carries,
    ...(stored === undefined ? {} : { stored }),
  });
  const { draft, carries } = packet;
  const standing =
    stored === undefined
      ? []
      : standingFindings(
          { sections: draft.sections, carries },
          { sections: stored, pinIsShared: false },
        );
  return [...found, ...standing].map(inPacket);
}

type OfRecord = {
  readonly source: string;
  readonly packet: Packet;
  readonly record: KnownRecord | null;
};

async function freshnessFindings(db: Db, about: OfRecord): Promise<readonly PacketFinding[]> {
  const freshness = await freshnessAtNode(db, about);
  switch (freshness.kind) {
    case 'fresh':
      return [];
    case 'stale':
      return [atPath('NODE_PACKET_STALE', seenPath(about.packet), wordsOf(freshness.change))];
    case 'overwrites':
      return [atPath('packet_overwrites', '', wordsOf(freshness.change))];
  }
}

/** The member by which the program said what it had seen. */
const seenPath = ({ header }: Packet): string =>
  `Data.Header.${header.versionSeen === null ? 'Created_At' : 'Version_Seen'}`;

const wordsOf = ({ source, at }: Change): { readonly value: string; readonly limit: string } => ({
  value: source,
  limit: at?.toISOString() ?? '?',
});

async function freshnessAtNode(db: Db, { source, packet, record }: OfRecord): Promise<Freshness> {
  const { header, service, action } = packet;
  if (record === null || action === 'ADD' || action === null) return { kind: 'fresh' };
  const { recordId } = record;
  const tag = (await readRecordTags(db, [recordId])).get(recordId) ?? '';
  const services = overlapping(service);
  const own = await ownPackets(db, { recordId, source, services, etag: header.versionSeen });
  const lastOwn =
    own.lastTag === null || own.lastAt === null
      ? null
      : { source, tag: own.lastTag, at: own.lastAt };
  return freshnessOf(
    { versionSeen: header.versionSeen, createdAt: madeAtOf(header) },
    {
      tag,
      lastOther: await lastOtherChange(db, { recordId, source }),
      lastOwn,
      seenAt: own.seenAt,
      lastOwnOfBlock: own.lastOfBlockAt,
      lastMade: own.lastMadeAt === null ? null : { source, at: own.lastMadeAt },
    },
  );
}

type JudgedProfile = OfRecord & {
  readonly content: JsonObject;
  readonly stored: Sections | undefined;
};

/** The packet as one row of the intake; published where its source is trusted and nothing is at fault. */
async function storeProfile(
  db: Db,
  { source, packet, content, record, stored }: JudgedProfile,
  findings: readonly PacketFinding[],
): Promise<Stored> {
  const { service, action, carries, draft } = packet;
  const isRemoval = service === 'M0001' && action === 'DEL';
  const overwrites = findings.some((one) => one.code === 'packet_overwrites');
  const written = { service, packet: plainData(content) };
  const before = Object.entries(stored ?? {}).filter(([name]) => isRemoval || name in carries);
  const importId = await beginImport(db, { source });
  const verdict = verdictOf(findings);
  await appendRows(db, importId, [
    {
      sheet: service,
      row_no: 1,
      kind: 'person',
      unit_code: null,
      pin: draft.sections['identity']?.[0]?.['pin'] ?? record?.pin ?? null,
      verdict,
      findings,
      sections: draft.sections,
      carries,
      source: overwrites ? { ...written, before: Object.fromEntries(before) } : written,
      action: isRemoval ? 'remove' : 'put',
      record_id: record?.recordId ?? null,
    },
  ]);
  return await settle(db, { source, importId, verdict, findings });
}

type Unsettled = {
  readonly source: string;
  readonly importId: string;
  readonly verdict: 'ok' | 'warning' | 'error';
  readonly findings: readonly PacketFinding[];
};

/** Publishes what may be published, and says what became of it. */
async function settle(db: Db, { source, importId, verdict, findings }: Unsettled): Promise<Stored> {
  await withdrawOlderRows(db, importId);
  await finishImport(db, importId, { ok: 0, warning: 0, error: 0, [verdict]: 1 });
  const refused = { importId, recordId: null, state: 'refused', etag: null, findings } as const;
  if (verdict === 'error') return refused;
  const known = await findSource(db, source);
  if (known?.trusted === true) await publishRows(db, { importId });
  const outcome = await rowOutcome<PacketFinding>(db, importId);
  if (outcome?.state === 'waiting') await noteRecordTags(db, importId);
  if (outcome === undefined || outcome.state === 'refused') {
    const all = (outcome?.findings ?? []).map((one) => ('path' in one ? one : inPacket(one)));
    return { ...refused, findings: all };
  }
  const state = stateOf(outcome.state);
  const { recordId } = outcome;
  const tags =
    recordId === null || state === 'waiting' ? null : await readRecordTags(db, [recordId]);
  const etag = recordId === null ? null : (tags?.get(recordId) ?? null);
  const isWritten = state !== 'unchanged';
  const told = findings.filter((one) => isWritten || one.code !== 'packet_overwrites');
  return { importId, recordId, state, etag, findings: told };
}

const stateOf = (state: string): ReplyState =>
  state === 'published' || state === 'unchanged' ? state : 'waiting';

type Unreadable = Omit<PacketRequest, 'service'> & {
  readonly service: string;
  readonly opened: Extract<Envelope, { kind: 'unreadable' }>;
};

/** Kept as it came, so that it can be looked at; it names nobody. */
export async function receiveUnreadable(db: Db, request: Unreadable): Promise<PacketReply> {
  const { source, service, opened, idempotencyKey } = request;
  const asked = {
    source,
    service,
    services: [service],
    subject: null,
    recordId: null,
    content: opened.received,
    transactionId: idOf(idempotencyKey, null),
    madeAt: null,
    repeats: true,
  };
  return await answerOnce(db, asked, async (): Promise<Judged> => {
    const findings = [opened.finding];
    return {
      findings,
      store: async () => {
        const importId = await beginImport(db, { source });
        await appendRows(db, importId, [
          {
            sheet: service,
            row_no: 1,
            kind: 'person',
            unit_code: null,
            pin: null,
            verdict: 'error',
            findings,
            sections: {},
            carries: {},
            source: { service, received: storable(opened.received) },
          },
        ]);
        return await settle(db, { source, importId, verdict: 'error', findings });
      },
    };
  });
}
