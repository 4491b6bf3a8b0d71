/** The SQL that takes the next records from the log against the rule for one record, cell by cell. */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { putRecords } from '../../../test/support/node-records.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { manifestLine, recordsToTake, type SentRecord } from '../protocol/seal.ts';
import { raiseVersions, sealManifest, takeChanges } from './seal.ts';

type Cell = {
  readonly id: string;
  readonly exists: boolean;
  readonly logged: readonly number[];
  readonly sent: SentRecord | undefined;
};

const sentBefore: readonly (SentRecord | undefined)[] = [
  undefined,
  { version: 3n, present: true, wholeNext: false },
  { version: 3n, present: false, wholeNext: false },
  { version: 3n, present: true, wholeNext: true },
];
const loggings = [[0], [11], [10, 11], [0, 12]];

const cells: readonly Cell[] = [true, false]
  .flatMap((exists) =>
    loggings.flatMap((logged) => sentBefore.map((sent) => ({ exists, logged, sent }))),
  )
  .map((cell, i) => ({ ...cell, id: recordId(64 + i) }));

type Line = {
  readonly id: string;
  readonly version: bigint;
  readonly op: 'U' | 'D';
  readonly whole: boolean;
  readonly sections: readonly number[];
};

test('I2: the SQL takes from the log what the rule says, in all cells of its table', async () => {
  await using pair = await openPair();
  const { database } = pair.node;
  const people = cells.flatMap(({ exists, id }, i) =>
    exists ? [{ ...person(64 + i, `001080${String(i).padStart(6, '0')}`), id }] : [],
  );
  await putRecords(database, people);
  await database.pool.query('delete from sync.change_log');
  const log: { n: number; recordId: string; section: number }[] = [];
  for (const { id, logged, sent } of cells) {
    if (sent !== undefined) {
      await database.pool.query(
        `insert into sync.record (record_id, kind, version, present, whole_next)
         values ($1, 2, $2, $3, $4)`,
        [id, sent.version, sent.present, sent.wholeNext],
      );
    }
    for (const section of logged) {
      await database.pool.query(
        'insert into sync.change_log (record_id, section) values ($1, $2)',
        [id, section],
      );
      log.push({ n: log.length, recordId: id, section });
    }
  }
  const most = cells.length - 3;
  const { taken, lines } = await transaction(database, async (tx) => {
    const took = await takeChanges(tx, most);
    const { rows } = await tx.client.query<Line>(
      `select record_id as id, version, op, whole, sections from ${sealManifest} order by record_id`,
    );
    await raiseVersions(tx);
    return { taken: took, lines: rows };
  });
  const ids = new Set(recordsToTake(log, most));
  const byRule = cells
    .filter(({ id }) => ids.has(id))
    .flatMap(({ id, exists, logged, sent }) => {
      const sections = logged.filter((section) => section !== 0);
      const itself = logged.includes(0);
      const line = manifestLine({ sections, itself, shown: exists }, sent);
      return line === undefined ? [] : [{ id, ...line }];
    });
  expect(lines).toEqual(byRule);
  expect(taken.records).toBe(byRule.length);
  const { rows: left } = await database.pool.query<{ id: string }>(
    'select distinct record_id as id from sync.change_log order by 1',
  );
  // whole records only: what is left are those that were not taken, with all their rows
  expect(left.map(({ id }) => id)).toEqual(cells.slice(most).map(({ id }) => id));
});
