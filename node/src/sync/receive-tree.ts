/**
 * A packet of units: all of it is written or none, since units name each other. A tree goes ahead of
 * the profiles that name it.
 */

import { type Db, lockName, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

import {
  appendRows,
  beginImport,
  finishImport,
  type NewRow,
  withdrawOlderRows,
} from '../db/intake.ts';
import { importOutcome } from '../db/packets.ts';
import { publishRows } from '../db/publish-intake.ts';
import { noteRecordTags } from '../db/seen-records.ts';
import { findSource, readMappedCodes } from '../db/sources.ts';
import { readUnitTree } from '../db/stored-people.ts';
import { makeCodeMapping } from '../intake/code-mapping.ts';
import { type Verdict, verdictOf } from '../intake/intake-item.ts';
import { contentText } from '../packet/content-text.ts';
import { openEnvelope, type PacketFinding } from '../packet/envelope.ts';
import { type JsonObject, plainData } from '../packet/parse-json.ts';
import { readTree, type TreePacket, treeService } from '../packet/read-tree.ts';
import { mostTelling, type PacketReply } from '../packet/reply.ts';
import { answerOnce, type Stored } from './answer-once.ts';
import { inTurn } from './in-turn.ts';
import {
  callFindings,
  idOf,
  madeAtOf,
  type PacketNode,
  type PacketRequest,
  receiveUnreadable,
} from './receive-packet.ts';

export type TreeRequest = Omit<PacketRequest, 'service'>;

/** Answers every packet, as `receivePacket` does. */
export async function receiveTree(node: PacketNode, request: TreeRequest): Promise<PacketReply> {
  return await inTurn(node.database, async () => {
    const opened = openEnvelope(request.body);
    return await transaction(node.database, async ({ db }) => {
      await lockName(db, 'intake.publish', 'wait');
      if (opened.kind === 'unreadable') {
        return await receiveUnreadable(db, { ...request, service: treeService, opened });
      }
      const { content, orgCode } = opened;
      const { source } = request;
      const tree = readTree(content, {
        agency: node.agency,
        codes: await node.codeBook(db),
        mapping: makeCodeMapping(await readMappedCodes(db, source), tidyText),
        knownUnits: Array.from((await readUnitTree(db)).keys()),
      });
      const findings = mostTelling([
        ...callFindings({ ...request, orgCode }, node.agency),
        ...tree.findings,
      ]);
      const asked = {
        source,
        service: treeService,
        services: [treeService],
        subject: null,
        recordId: null,
        content: contentText(treeService, content),
        transactionId: idOf(request.idempotencyKey, tree.header.transactionId),
        madeAt: madeAtOf(tree.header),
        repeats: true,
      };
      return await answerOnce(db, asked, async () => ({
        findings,
        store: () => storeTree(db, { source, content, tree, findings }),
      }));
    });
  });
}

type JudgedTree = {
  readonly source: string;
  readonly content: JsonObject;
  readonly tree: TreePacket;
  readonly findings: readonly PacketFinding[];
};

/** A packet in which no unit was found is kept as well. */
const emptyRow = (content: JsonObject, findings: readonly PacketFinding[]): NewRow => ({
  sheet: treeService,
  row_no: 1,
  kind: 'unit',
  unit_code: null,
  pin: null,
  verdict: 'error',
  findings,
  sections: {},
  carries: {},
  source: { service: treeService, packet: plainData(content) },
});

/** One row of the intake a unit; the packet itself stands with the first. */
async function storeTree(db: Db, { source, content, tree, findings }: JudgedTree): Promise<Stored> {
  const importId = await beginImport(db, { source });
  const verdict = verdictOf(findings);
  const ofUnits = new Set(tree.units.flatMap((unit) => unit.findings));
  const general = findings.filter((one) => !ofUnits.has(one));
  const rows = tree.units.map(({ item, carried, findings: own }, i) => ({
    sheet: treeService,
    row_no: i + 1,
    kind: 'unit' as const,
    unit_code: item.code,
    pin: null,
    // all or none: a fault anywhere keeps every unit back
    verdict: verdict === 'error' ? verdict : item.verdict,
    findings: i === 0 ? [...general, ...own] : own,
    sections: item.draft.sections,
    carries: { org_unit: carried },
    source:
      i === 0 ? { service: treeService, packet: plainData(content) } : { service: treeService },
  }));
  const kept = rows.length > 0 ? rows : [emptyRow(content, general)];
  await appendRows(db, importId, kept);
  await withdrawOlderRows(db, importId);
  const countOf = (of: Verdict): number => kept.filter((row) => row.verdict === of).length;
  const totals = { ok: countOf('ok'), warning: countOf('warning'), error: countOf('error') };
  await finishImport(db, importId, totals);
  const stored = { importId, recordId: null, etag: null, findings } as const;
  if (verdict === 'error') return { ...stored, state: 'refused' };
  const known = await findSource(db, source);
  if (known?.trusted === true) await publishRows(db, { importId });
  const { waiting, published } = await importOutcome(db, importId);
  if (waiting > 0) {
    await noteRecordTags(db, importId);
    return { ...stored, state: 'waiting' };
  }
  return { ...stored, state: published > 0 ? 'published' : 'unchanged' };
}
