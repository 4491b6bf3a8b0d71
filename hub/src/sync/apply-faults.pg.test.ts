import { expect, test } from 'vitest';

import { heldFaults, openTestHub, rowsOf } from '../../../test/support/test-hub.ts';
import { change, gone, orgUnit, person, pinOf } from '../../../test/support/test-records.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';

const tree = [orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })];
const codes = `select ltrim(right(record_id::text, 12), '0'), code from national.org_unit order by 1`;

test('every kind of bad value is held with its reasons, and the rest of the batch is applied', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const bad = (n: number, more: Parameters<typeof person>[2]): ReturnType<typeof person> =>
    person(n, pinOf(n), more);
  const marker = 'after the bad ones';
  const records = [
    ...tree,
    bad(16, { fields: { full_name: '' } }),
    bad(17, { fields: { full_name: 'x'.repeat(121) } }),
    bad(18, { fields: { full_name: 'Nguye\u0302n' } }),
    bad(19, { fields: { full_name: 'a\tb', other_names: 'a\\.b\nc' } }),
    bad(20, { fields: { birth_date: '1980-13' } }),
    bad(21, { fields: { sex: '7' } }),
    bad(22, { more: { discipline: [{ from_date: '2025-08', form: '3' }] } }),
    bad(23, { more: { salary: [{ step: '0', coefficient: '4.345' }] } }),
    bad(24, { more: { salary: [{ step: 'x' }] } }),
    bad(25, { unit: 'h52' }),
    person(26, '01080000026'),
    bad(27, { more: { reward: [{ year: '2001' }, { year: '1' }, { form: '1' }] } }),
    person(28, pinOf(28)),
  ];
  const batch = await unit.send(records, { marker });
  expect(await heldFaults(hub, 'H52')).toEqual({
    '10': ['full_name required'],
    '11': ['full_name text_too_long'],
    '12': ['full_name text_illegal'],
    '13': ['full_name text_illegal', 'other_names text_illegal'],
    '14': ['birth_date date_format'],
    '15': ['sex code_unknown'],
    '16': ['form code_not_valid_then'],
    '17': ['coefficient number_format', 'step number_range'],
    '18': ['step number_format'],
    '19': [
      'employing_unit unit_code_format',
      'employing_unit unit_unknown',
      'managing_unit unit_code_format',
      'managing_unit unit_unknown',
    ],
    '1a': ['pin pin_format'],
    '1b': ['year number_range', 'year required'],
  });
  expect(
    await rowsOf(
      hub,
      `select records_sent, records_accepted, records_refused, records_ignored from sync.inbox`,
    ),
  ).toEqual([[15, 3, 12, 0]]);
  expect(await rowsOf(hub, 'select pin from national.identity')).toEqual([[pinOf(28)]]);
  const { content } = await unit.pull();
  expect(content.markers).toEqual([marker]);
  expect(content.verdicts).toHaveLength(12);
  expect(content.verdicts[0]).toEqual({
    recordId: records[2]?.id,
    version: 1n,
    seq: batch.seq,
    faults: [{ code: 'required', section: 10, field: 'full_name' }],
  });
});

test('a part of a refused record is held back until the whole record comes and heals it', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, person(16, pinOf(1))]);
  await unit.send([change(16, 2, { salary: [{ step: 'x' }] })]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': ['step number_format'] });
  await unit.send([change(16, 3, { insurance: [{ health_card_no: 'A1' }] })]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': ['held_back'] });
  expect(await rowsOf(hub, 'select 1 from national.insurance')).toEqual([]);
  const healed = person(16, pinOf(1), {
    version: 4,
    more: { salary: [{ step: '2' }], insurance: [{ health_card_no: 'A1' }] },
  });
  await unit.send([healed]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(
    await rowsOf(
      hub,
      `select version, step, health_card_no from national.record
      join national.salary using (record_id) join national.insurance using (record_id)`,
    ),
  ).toEqual([[4n, 2, 'A1']]);
  await unit.send([change(16, 5, { salary: [{ step: '3' }] })]);
  expect(await rowsOf(hub, 'select step from national.salary')).toEqual([[3]]);
});

test('a part of a record that never came whole is held back', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, change(16, 2, { salary: [{ step: '3' }] })]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': ['held_back'] });
  await unit.send([gone(16, 3)]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
});

test('a record without its head section is refused, whether it never had one or loses it', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const headless = person(17, pinOf(2));
  await unit.send([
    ...tree,
    person(16, pinOf(1)),
    { ...headless, rows: { employment: headless.rows?.['employment'] ?? [] } },
  ]);
  await unit.send([change(16, 2, { identity: [] }), change(2, 2, { org_unit: [] })]);
  const { '2': unitFaults, ...people } = await heldFaults(hub, 'H52');
  expect(people).toEqual({ '10': ['head_missing'], '11': ['head_missing'] });
  expect(unitFaults).toEqual(['head_missing']);
  expect(await rowsOf(hub, 'select pin from national.identity')).toEqual([[pinOf(1)]]);
});

test('a person cannot become a unit of the tree', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, person(16, pinOf(1))]);
  await unit.send([orgUnit(16, 'H52.02', { version: 2 })]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': ['head_missing'] });
  expect(await rowsOf(hub, codes)).toEqual([
    ['1', 'H52'],
    ['2', 'H52.01'],
  ]);
});

test('a person in a unit that is not there, or goes in the same batch, is held', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, orgUnit(3, 'H52.02'), person(16, pinOf(1), { unit: 'H52.09' })]);
  await unit.send([gone(3, 2, 1), person(17, pinOf(2), { unit: 'H52.02' })]);
  const faults = ['employing_unit unit_unknown', 'managing_unit unit_unknown'];
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': faults, '11': faults });
  await unit.send([orgUnit(4, 'H52.09'), person(16, pinOf(1), { version: 2, unit: 'H52.09' })]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '11': faults });
});

test('units outside the agency are refused, also one whose code only begins alike', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, orgUnit(3, 'H53.01'), orgUnit(4, 'H521')]);
  expect(await heldFaults(hub, 'H52')).toEqual({
    '3': ['code unit_outside_agency'],
    '4': ['code unit_code_format', 'code unit_outside_agency'].toSorted(),
  });
});

test('an unknown parent refuses the whole chain below it', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([
    orgUnit(1, 'H52'),
    orgUnit(5, 'H52.07.01.01', { parent: 'H52.07.01' }),
    orgUnit(6, 'H52.07.01', { parent: 'H52.07' }),
    orgUnit(7, 'H52.07', { parent: 'H52.99' }),
    orgUnit(8, 'H52.08', { parent: 'H52' }),
  ]);
  expect(Object.entries(await heldFaults(hub, 'H52'))).toEqual([
    ['5', ['parent_code parent_unknown']],
    ['6', ['parent_code parent_unknown']],
    ['7', ['parent_code parent_unknown']],
  ]);
  expect(await rowsOf(hub, codes)).toEqual([
    ['1', 'H52'],
    ['8', 'H52.08'],
  ]);
});

test('a unit whose parent goes or takes another code in the same batch is refused', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([orgUnit(1, 'H52'), orgUnit(2, 'H52.01'), orgUnit(3, 'H52.02')]);
  await unit.send([
    gone(2, 2, 1),
    orgUnit(3, 'H52.03', { version: 2 }),
    orgUnit(4, 'H52.01.01', { parent: 'H52.01' }),
    orgUnit(5, 'H52.02.01', { parent: 'H52.02' }),
    orgUnit(6, 'H52.03.01', { parent: 'H52.03' }),
  ]);
  expect(await heldFaults(hub, 'H52')).toEqual({
    '4': ['parent_code parent_unknown'],
    '5': ['parent_code parent_unknown'],
  });
});

test('a code that another unit has is refused to the newcomer, whichever comes first by number', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([orgUnit(1, 'H52'), orgUnit(5, 'H52.01')]);
  // the holder is in the batch as well and keeps its code
  await unit.send([orgUnit(3, 'H52.01'), orgUnit(5, 'H52.01', { version: 2, name: 'New name' })]);
  await unit.send([orgUnit(6, 'H52.02'), orgUnit(7, 'H52.02'), orgUnit(8, 'H52.01')]);
  expect(await heldFaults(hub, 'H52')).toEqual({
    '3': ['code unit_code_repeated'],
    '7': ['code unit_code_repeated'],
    '8': ['code unit_code_repeated'],
  });
  expect(await rowsOf(hub, `select name from national.org_unit where code = 'H52.01'`)).toEqual([
    ['New name'],
  ]);
});

test('two units exchange their codes in one batch', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([orgUnit(1, 'H52'), orgUnit(2, 'H52.01'), orgUnit(3, 'H52.02')]);
  await unit.send([orgUnit(2, 'H52.02', { version: 2 }), orgUnit(3, 'H52.01', { version: 2 })]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(await rowsOf(hub, codes)).toEqual([
    ['1', 'H52'],
    ['2', 'H52.02'],
    ['3', 'H52.01'],
  ]);
});

test('an exchange of codes of which one half is refused is refused as a whole', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([orgUnit(1, 'H52'), orgUnit(2, 'H52.01'), orgUnit(3, 'H52.02')]);
  await unit.send([
    orgUnit(2, 'H52.02', { version: 2, name: '' }),
    orgUnit(3, 'H52.01', { version: 2 }),
    orgUnit(4, 'H52.02.01', { parent: 'H52.02' }),
  ]);
  expect(await heldFaults(hub, 'H52')).toEqual({
    '2': ['code unit_code_repeated', 'name required'],
    '3': ['code unit_code_repeated'],
  });
  expect(await rowsOf(hub, codes)).toEqual([
    ['1', 'H52'],
    ['2', 'H52.01'],
    ['3', 'H52.02'],
    ['4', 'H52.02.01'],
  ]);
});

test('what is older than a held version is ignored, and the record stays held', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, person(16, pinOf(1)), person(17, pinOf(2))]);
  const bad = { fields: { sex: '7' } };
  await unit.send([
    person(16, pinOf(1), { version: 5, ...bad }),
    person(17, pinOf(2), { version: 5, ...bad }),
    person(18, pinOf(3), { version: 5, ...bad }),
  ]);
  const held = {
    '10': ['sex code_unknown'],
    '11': ['sex code_unknown'],
    '12': ['sex code_unknown'],
  };
  expect(await heldFaults(hub, 'H52')).toEqual(held);
  const late = await unit.send([
    person(16, pinOf(1), { version: 4 }),
    gone(17, 4),
    person(18, pinOf(3)),
  ]);
  expect(await heldFaults(hub, 'H52')).toEqual(held);
  expect(
    await rowsOf(
      hub,
      `select records_accepted, records_refused, records_ignored from sync.inbox
       where seq = ${late.seq}`,
    ),
  ).toEqual([[0, 0, 3]]);
  expect(
    await rowsOf(hub, 'select version from national.record where kind = 2 order by record_id'),
  ).toEqual([[1n], [1n]]);
  await unit.send([
    person(16, pinOf(1), { version: 6 }),
    gone(17, 6),
    person(18, pinOf(3), { version: 6 }),
  ]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
});
