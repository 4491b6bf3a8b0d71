/** The records of the profile tables by the page, in the order of their ids. */
import { recordKindNumber } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { RecordKind } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import { readStoredSections } from './stored-sections.ts';

export type StoredRecord = { readonly recordId: string; readonly draft: RecordDraft };

/** Below every id. */
export const firstRecord = '00000000-0000-0000-0000-000000000000';

/** Records after the given id, whole; none at the end. */
export async function recordsAfter(
  db: Db,
  after: string,
  limit: number,
): Promise<readonly StoredRecord[]> {
  const { rows } = await sql<{ recordId: string; kind: number }>`
    select record_id, kind from profile.record
    where record_id > ${after}::uuid order by record_id limit ${limit}`.execute(db);
  const stored = await readStoredSections(
    db,
    rows.map((row) => row.recordId),
  );
  return rows.map(({ recordId, kind }) => ({
    recordId,
    draft: { kind: kindOf(kind), sections: stored.get(recordId) ?? {} },
  }));
}

const kindOf = (kind: number): RecordKind =>
  kind === recordKindNumber.person ? 'person' : 'org_unit';
