/** The SQL that judges a batch at once against the rule for one record, cell by cell. */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { createStagingSql, stageRecord } from '@lienthong/shared-schema/sql/staging.ts';
import { expect, test } from 'vitest';

import { openTestHub } from '../../../test/support/test-hub.ts';
import { recordId } from '../../../test/support/test-records.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import {
  type ArrivedRecord,
  judgeRecord,
  type KnownRecord,
  type RecordJudgement,
} from '../protocol/apply.ts';
import { createJudgingTables, judgeRecords } from './judge-staged.ts';

const arriving = 5n;

const known: Readonly<Record<string, KnownRecord | undefined>> = {
  'not here': undefined,
  'here, older': { owner: 'own', kind: 2, version: 4n },
  'here, equal': { owner: 'own', kind: 2, version: 5n },
  'here, newer': { owner: 'own', kind: 2, version: 6n },
  'here as another kind': { owner: 'own', kind: 1, version: 4n },
  'of another unit, older': { owner: 'other', kind: 2, version: 4n },
  'of another unit, newer': { owner: 'other', kind: 2, version: 6n },
  'of another unit, another kind': { owner: 'other', kind: 1, version: 4n },
};
const held: Readonly<Record<string, bigint | undefined>> = {
  'not held': undefined,
  'held, older': 4n,
  'held, equal': 5n,
  'held, newer': 6n,
};
const sent: Readonly<Record<string, Pick<ArrivedRecord, 'op' | 'whole'>>> = {
  whole: { op: 'U', whole: true },
  'a part': { op: 'U', whole: false },
  'a tombstone': { op: 'D', whole: false },
};

const cells = Object.entries(known).flatMap(([here, record]) =>
  Object.entries(held).flatMap(([hold, heldVersion]) =>
    Object.entries(sent).map(([what, change]) => ({
      title: `${what}, ${here}, ${hold}`,
      record,
      heldVersion,
      arrived: { kind: 2, version: arriving, ...change } as const,
    })),
  ),
);

type Row = { readonly id: string; readonly outcome: string | null; readonly faults: string[] };

test('I5: the SQL says of every record what the rule says, in all cells of its table', async () => {
  await using hub = await openTestHub();
  await enrolTestUnit(hub, 'H52');
  await enrolTestUnit(hub, 'H53');
  const rows = await transaction(hub.database, async (tx) => {
    await tx.client.query(createStagingSql);
    for (const [i, { record, heldVersion, arrived }] of cells.entries()) {
      const id = recordId(1_000 + i);
      if (record !== undefined) {
        await tx.client.query(
          `insert into national.record (record_id, agency, kind, version, seq)
           values ($1, $2, $3, $4, 1)`,
          [id, record.owner === 'own' ? 'H52' : 'H53', record.kind, record.version],
        );
      }
      if (heldVersion !== undefined) {
        await tx.client.query(
          `insert into sync.held_record (agency, record_id, kind, version, seq)
           values ('H52', $1, 2, $2, 1)`,
          [id, heldVersion],
        );
      }
      await tx.client.query(
        `insert into ${stageRecord} (record_id, kind, version, op, whole, sections)
         values ($1, $2, $3, $4, $5, '{}')`,
        [id, arrived.kind, arrived.version, arrived.op, arrived.whole],
      );
    }
    await createJudgingTables(tx.db);
    await judgeRecords(tx.db, 'H52');
    const found = await tx.client.query<Row>(
      `select m.record_id as id, m.outcome,
        array(select f.code from pg_temp.stage_fault f where f.record_id = m.record_id) as faults
       from ${stageRecord} m`,
    );
    return found.rows;
  });
  const judged = new Map(rows.map((row) => [row.id, judgementOf(row)]));
  const bySql = Object.fromEntries(
    cells.map(({ title }, i) => [title, judged.get(recordId(1_000 + i))]),
  );
  const byRule = Object.fromEntries(
    cells.map(({ title, record, heldVersion, arrived }) => [
      title,
      sorted(judgeRecord(record, heldVersion, arrived)),
    ]),
  );
  expect(bySql).toEqual(byRule);
  expect(cells).toHaveLength(96);
});

const judgementOf = ({ outcome, faults }: Row): unknown =>
  outcome === 'ignore' ? { kind: 'ignore' } : { kind: 'judged', faults: faults.toSorted() };

const sorted = (judgement: RecordJudgement): unknown =>
  judgement.kind === 'ignore'
    ? judgement
    : { kind: 'judged', faults: [...judgement.faults].toSorted() };
