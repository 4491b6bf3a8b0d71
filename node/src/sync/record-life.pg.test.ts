/** The life of a record at both sides: closed ones stay, travel and count nowhere, and free their number. */
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { reconcileReports } from '../../../hub/src/db/totals.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { countNode } from '../db/status.ts';
import { closePerson, removePerson, reopenPerson, restorePerson } from './record-life.ts';
import { reportTotals } from './report-totals.ts';

const by = 'Phòng Tổ chức';
const [retired, colleague, successor] = [recordId(16), recordId(17), recordId(18)];
const pin = '001064000016';

test('who retires is kept and told at the hub, counts in no total, and frees the number until coming back', async () => {
  await using pair = await openPair();
  const { node, hub } = pair;
  const { database } = node;
  const atHub = async (text: string): Promise<readonly unknown[][]> => {
    const { rows } = await hub.database.pool.query<unknown[]>({ text, rowMode: 'array' });
    return rows;
  };
  const holders = () => atHub('select pin, record_id from registry.identity order by pin');
  const heldBack = () => atHub('select record_id from sync.held_record');
  await putRecords(database, [
    ...tree,
    person(16, pin, { fields: { birth_date: '1964-05', sex: '1' } }),
    person(17, '001090000017', { fields: { sex: '0' } }),
  ]);
  await syncPair(pair);

  const closing = { status: '3', date: '2026-05-31', decision: '12/QĐ-SNV' };
  await closePerson(database, { record: pin, by, today: '2026-11-22', closing });
  await syncPair(pair);
  const employment = `select status, status_date, status_decision from national.employment
    where record_id = '${retired}'`;
  expect(await atHub(employment)).toEqual([['3', '2026-05-31', '12/QĐ-SNV']]);
  const mirror = await database.pool.query({ text: employment, rowMode: 'array' });
  expect(mirror.rows).toEqual([['3', '2026-05-31', '12/QĐ-SNV']]);
  expect(await atHub(`select count(*) from national.identity where pin = '${pin}'`)).toEqual([
    [1n],
  ]);
  expect(await holders()).toEqual([['001090000017', colleague]]);

  await reportTotals(node);
  expect(
    await atHub(`select measure, key, value from sync.totals_figure
      where measure in ('people', 'sex', 'posts_filled') order by 1, 2`),
  ).toEqual([
    ['people', 'active', 1n],
    ['people', 'secret', 0n],
    ['people', 'travelling', 2n],
    ['posts_filled', '1', 1n],
    ['sex', '0', 1n],
  ]);
  expect(await reconcileReports(hub.database.db)).toEqual([]);
  expect(await countNode(database.db)).toMatchObject({ people: 2, activePeople: 1 });

  await putRecords(database, [person(18, pin)]);
  await syncPair(pair);
  expect(await heldBack()).toEqual([]);
  expect(await holders()).toEqual([
    [pin, successor],
    ['001090000017', colleague],
  ]);
  await removePerson(database, { record: successor, by, reason: 'lập trùng hồ sơ' });
  await reopenPerson(database, { record: pin, by });
  await syncPair(pair);
  expect(
    await atHub(`select count(*) from national.record where record_id = '${successor}'`),
  ).toEqual([[0n]]);
  expect((await holders())[0]).toEqual([pin, retired]);

  await closePerson(database, { record: retired, by, today: '2026-11-22', closing });
  await restorePerson(database, { recordId: successor, by });
  await syncPair(pair);
  expect(await heldBack()).toEqual([]);
  expect((await holders())[0]).toEqual([pin, successor]);
  expect(
    await atHub(`select full_name from national.identity where record_id = '${successor}'`),
  ).toEqual([['Người Thử 18']]);
  // what a restore wrote is sealed like any other change, and once
  const logged = await transaction(database, ({ client }) =>
    client.query('select from sync.change_log'),
  );
  expect(logged.rowCount).toBe(0);
});
