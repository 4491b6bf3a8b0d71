import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { wireColumns } from '@lienthong/shared-schema/wire/blocks.ts';
import { expect, test } from 'vitest';

import { heldFaults, openTestHub, rowsOf } from '../../../test/support/test-hub.ts';
import {
  block,
  blocksOf,
  change,
  gone,
  orgUnit,
  person,
  recordId,
} from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';

const tree = [orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })];

const counts = (batch: bigint): string =>
  `select records_sent, records_accepted, records_refused, records_ignored
   from sync.inbox where seq = ${batch}`;

test('units and the people who name them are applied from one batch, whatever their order', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([person(10, '001080000001'), ...tree.toReversed()]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(
    await rowsOf(
      hub,
      `select r.agency, r.kind, r.version, r.seq, coalesce(u.code, i.pin) from national.record r
       left join national.org_unit u using (record_id)
       left join national.identity i using (record_id) order by r.record_id`,
    ),
  ).toEqual([
    ['H52', 1, 1n, 1n, 'H52'],
    ['H52', 1, 1n, 1n, 'H52.01'],
    ['H52', 2, 1n, 1n, '001080000001'],
  ]);
  expect(await rowsOf(hub, 'select applied_seq, head_seq from registry.unit')).toEqual([[1n, 1n]]);
});

async function unitWithPerson(
  hub: Awaited<ReturnType<typeof openTestHub>>,
  more: Parameters<typeof person>[2] = {},
): Promise<TestUnit> {
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, person(10, '001080000001', more)]);
  return unit;
}

const rewards = 'select ordinal, year, form from national.reward order by ordinal';

test('a list is replaced whole, and an emptied list is empty', async () => {
  await using hub = await openTestHub();
  const reward = [
    { year: '2001', form: '1' },
    { year: '2002', form: '2' },
    { year: '2003', form: '3' },
  ];
  const unit = await unitWithPerson(hub, { more: { reward } });
  expect(await rowsOf(hub, rewards)).toEqual([
    [1, 2001, '1'],
    [2, 2002, '2'],
    [3, 2003, '3'],
  ]);
  await unit.send([change(10, 2, { reward: [{ year: '2010', form: '4' }] })]);
  expect(await rowsOf(hub, rewards)).toEqual([[1, 2010, '4']]);
  await unit.send([change(10, 3, { reward: [] })]);
  expect(await rowsOf(hub, rewards)).toEqual([]);
  expect(await rowsOf(hub, 'select version from national.record where kind = 2')).toEqual([[3n]]);
});

test('a change of one section leaves the others and other records as they are', async () => {
  await using hub = await openTestHub();
  const more = { insurance: [{ social_insurance_no: '0100000001' }], salary: [{ step: '3' }] };
  const unit = await unitWithPerson(hub, { more });
  await unit.send([person(11, '001080000002', { more })]);
  await unit.send([change(10, 2, { salary: [{ step: '4', coefficient: '3.33' }] })]);
  expect(
    await rowsOf(
      hub,
      `select i.full_name, social_insurance_no, step, coefficient from national.identity i
       join national.insurance using (record_id) join national.salary using (record_id)
       order by record_id`,
    ),
  ).toEqual([
    ['Người Thử 10', '0100000001', 4, '3.33'],
    ['Người Thử 11', '0100000001', 3, null],
  ]);
});

test('a whole record empties the sections that it does not bring', async () => {
  await using hub = await openTestHub();
  const more = { insurance: [{ social_insurance_no: '0100000001' }], reward: [{ year: '2001' }] };
  const unit = await unitWithPerson(hub, { more });
  await unit.send([person(10, '001080000001', { version: 2 })]);
  expect(await rowsOf(hub, 'select 1 from national.insurance, national.reward')).toEqual([]);
  expect(await rowsOf(hub, 'select pin from national.identity')).toEqual([['001080000001']]);
});

test('a deleted record is gone with all its sections, and its PIN is free', async () => {
  await using hub = await openTestHub();
  const unit = await unitWithPerson(hub, { more: { reward: [{ year: '2001' }] } });
  await unit.send([gone(10, 2)]);
  expect(
    await rowsOf(
      hub,
      `select (select count(*) from national.record where kind = 2),
        (select count(*) from national.identity), (select count(*) from national.reward),
        (select count(*) from registry.identity)`,
    ),
  ).toEqual([[0n, 0n, 0n, 0n]]);
  await unit.send([person(12, '001080000001')]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
});

test('an older or equal version is ignored, and the sum of outcomes is what was sent', async () => {
  await using hub = await openTestHub();
  const unit = await unitWithPerson(hub, { version: 5 });
  const batch = await unit.send([
    person(10, '001080000001', { version: 5, fields: { full_name: 'Người Khác' } }),
    person(11, '001080000002'),
    person(12, 'not a pin'),
  ]);
  expect(await rowsOf(hub, counts(batch.seq))).toEqual([[3, 1, 1, 1]]);
  await unit.send([change(10, 4, { employment: [] }), gone(11, 1)]);
  expect(
    await rowsOf(
      hub,
      'select version, full_name from national.record join national.identity using (record_id) order by 1 desc',
    ),
  ).toEqual([
    [5n, 'Người Thử 10'],
    [1n, 'Người Thử 11'],
  ]);
  expect(await rowsOf(hub, counts(batch.seq + 1n))).toEqual([[2, 0, 0, 2]]);
});

const noted = `select seq, section, tag, (select count(*) from sync.unread_section s
    where s.seq = c.seq and s.section = c.section) from sync.unread_column c`;

test('columns of a newer catalogue are left out and noted', async () => {
  await using hub = await openTestHub();
  const unit = await unitWithPerson(hub);
  const record = person(11, '001080000002');
  const blocks = blocksOf([record]).map((one) => {
    if (one.section !== 10) return one;
    const [line = ''] = Buffer.from(one.rows).toString().split('\n');
    const [id = '', ...rest] = line.split('\t');
    const [key = 0, ...fields] = one.columns;
    // a column that nobody here knows, between those that are known
    return block(10, [key, 900, ...fields], [`${[id, 'something\\nnew', ...rest].join('\t')}\n`]);
  });
  await unit.send([], { blocks, recordCount: 1 });
  expect(await rowsOf(hub, noted)).toEqual([[2n, 10, 900n, 1n]]);
  expect(
    await rowsOf(
      hub,
      `select pin, full_name, ethnic_group from national.identity
       where record_id = '${record.id}'`,
    ),
  ).toEqual([['001080000002', 'Người Thử 11', '01']]);
});

test('a section of a newer catalogue is left out and noted', async () => {
  await using hub = await openTestHub();
  const unit = await unitWithPerson(hub);
  const record = person(11, '001080000002');
  const unknown = block(900, [1001, 1], [`${record.id}\tof a later law\n`]);
  await unit.send([], { blocks: [...blocksOf([record]), unknown], recordCount: 1 });
  expect(await rowsOf(hub, noted)).toEqual([[2n, 900, 1n, 1n]]);
  expect(await rowsOf(hub, 'select count(*) from national.identity')).toEqual([[2n]]);
});

test('columns may come in any order, and those left out are empty', async () => {
  await using hub = await openTestHub();
  const unit = await unitWithPerson(hub);
  const [manifest] = blocksOf([change(10, 2, { identity: [] })]);
  const names = ['ethnic_group', 'pin', 'record_id', 'full_name', 'sex', 'birth_date'];
  const columns = wireColumns(sectionNamed('identity'));
  const tags = names.map((name) => columns.find((column) => column.name === name)?.tag ?? 0);
  const line = ['02', '001080000001', recordId(10), 'Tên Mới', '0', '1999'].join('\t');
  const blocks = manifest === undefined ? [] : [manifest, block(10, tags, [`${line}\n`])];
  await unit.send([], { blocks, recordCount: 1 });
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(
    await rowsOf(hub, 'select full_name, sex, birth_date, religion from national.identity'),
  ).toEqual([['Tên Mới', '0', '1999', null]]);
});

test('a batch without records carries its marker and is applied', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([], { marker: 'round trip' });
  expect(await rowsOf(hub, 'select applied_seq, feed_head from registry.unit')).toEqual([[1n, 1n]]);
  expect((await unit.pull()).content.markers).toEqual(['round trip']);
});
