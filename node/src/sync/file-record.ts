/**
 * What a program writes of one person, as a row of the intake: published in the same transaction where
 * its source is trusted, else left to a reviewer, who is told when the record changes meanwhile.
 */
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import {
  appendRows,
  beginImport,
  finishImport,
  type NewRow,
  withdrawOlderRows,
} from '../db/intake.ts';
import { rowOutcome } from '../db/packets.ts';
import { publishRows } from '../db/publish-intake.ts';
import { readRecordTags } from '../db/record-tags.ts';
import { noteRecordTags } from '../db/seen-records.ts';
import { findSource } from '../db/sources.ts';
import { NodeError } from '../errors.ts';
import { verdictOf } from '../intake/intake-item.ts';
import type { PointedFinding } from '../intake/read-json-section.ts';
import { FaultyWrite, type Written } from './write-once.ts';

export type Filing = Pick<NewRow, 'pin' | 'sections' | 'carries' | 'action'> & {
  readonly source: string;
  /** Null for a new person. */
  readonly recordId: string | null;
  /** Warnings. */
  readonly findings: readonly PointedFinding[];
  /** What was asked, as it came. */
  readonly written: object;
  readonly correctsClosed?: boolean;
  readonly reason?: string;
  /** Of records that the writer may not see: for the unit's own people to sort out. */
  readonly hidden?: readonly Finding[];
};

const place = { sheet: 'api', row: 1 } as const;

/** Throws FaultyWrite with what only the publication could see, NODE_RECORD_CLOSED. */
export async function fileRecord(db: Db, filing: Filing): Promise<Written> {
  const { source, recordId, correctsClosed = false, reason, hidden = [] } = filing;
  const findings = [...filing.findings, ...hidden];
  const verdict = verdictOf(findings);
  const importId = await beginImport(db, { source });
  await appendRows(db, importId, [
    {
      sheet: place.sheet,
      row_no: place.row,
      kind: 'person',
      unit_code: null,
      pin: filing.pin,
      verdict,
      findings,
      sections: filing.sections,
      carries: filing.carries,
      source: filing.written,
      action: filing.action ?? 'put',
      record_id: recordId,
    },
  ]);
  await noteRecordTags(db, importId);
  await withdrawOlderRows(db, importId);
  await finishImport(db, importId, { ok: 0, warning: 0, error: 0, [verdict]: 1 });
  const waiting: Written = {
    state: 'waiting',
    recordId,
    row: { importId, ...place },
    etag: null,
    warnings: filing.findings,
  };
  const trusted = (await findSource(db, source))?.trusted === true;
  if (!trusted || verdict === 'error') return waiting;
  const { held } = await publishRows(db, { importId, correctsClosed, reason });
  if (held.closed > 0) throw new NodeError('NODE_RECORD_CLOSED');
  const outcome = await rowOutcome<PointedFinding>(db, importId);
  if (outcome?.state === 'refused') {
    throw new FaultyWrite(outcome.findings.map((one) => ({ ...one, pointer: one.pointer ?? '' })));
  }
  if (outcome?.state !== 'published' && outcome?.state !== 'unchanged') return waiting;
  const written = outcome.recordId;
  const tags = written === null ? undefined : await readRecordTags(db, [written]);
  return {
    ...waiting,
    state: outcome.state,
    recordId: written,
    etag: tags?.get(written ?? '') ?? null,
  };
}
