import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import {
  heldFaults,
  openTestHub,
  rowsOf,
  type TestHub,
  untilWaiting,
} from '../../../test/support/test-hub.ts';
import {
  change,
  gone,
  orgUnit,
  person,
  type TestRecord,
} from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { applyBatches } from './apply-batches.ts';

const p1 = '001080000001';
const p2 = '001080000002';
const held = ['pin pin_held_elsewhere'];

/** A unit with its tree and these people, all applied. */
async function unitWith(
  hub: TestHub,
  people: readonly TestRecord[],
  agency = 'H52',
): Promise<TestUnit> {
  const unit = await enrolTestUnit(hub, agency);
  const first = agency === 'H52' ? 1 : 2;
  await unit.send([orgUnit(first, agency), orgUnit(first + 2, `${agency}.01`), ...people]);
  return unit;
}

const registry = (hub: TestHub): Promise<readonly (readonly unknown[])[]> =>
  rowsOf(
    hub,
    `select pin, ltrim(right(record_id::text, 12), '0'), agency from registry.identity order by 1`,
  );

test('a PIN that another unit has is held, and the other unit sees nothing of it', async () => {
  await using hub = await openTestHub();
  const a = await unitWith(hub, [person(16, p1)]);
  const b = await unitWith(hub, [person(17, p1, { unit: 'H53.01' })], 'H53');
  expect(await heldFaults(hub, 'H53')).toEqual({ '11': held });
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(await registry(hub)).toEqual([[p1, '10', 'H52']]);
  expect((await b.pull()).content.verdicts.map((verdict) => verdict.faults)).toEqual([
    [{ code: 'pin_held_elsewhere', section: 10, field: 'pin' }],
  ]);
  expect((await a.pull()).content.verdicts).toEqual([]);
});

test('who has a PIN keeps it against a newcomer of the same batch, whichever comes first by number', async () => {
  await using hub = await openTestHub();
  const unit = await unitWith(hub, [person(20, p1)]);
  await unit.send([person(16, p1), person(20, p1, { version: 2 }), person(24, p1)]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': held, '18': held });
  expect(await registry(hub)).toEqual([[p1, '14', 'H52']]);
});

test('of two newcomers with one PIN the first is applied', async () => {
  await using hub = await openTestHub();
  await unitWith(hub, [person(17, p1), person(16, p1)]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '11': held });
});

test('two people exchange their PINs in one batch', async () => {
  await using hub = await openTestHub();
  const unit = await unitWith(hub, [person(16, p1), person(17, p2)]);
  await unit.send([person(16, p2, { version: 2 }), person(17, p1, { version: 2 })]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(await registry(hub)).toEqual([
    [p1, '11', 'H52'],
    [p2, '10', 'H52'],
  ]);
});

test('a PIN is not free as long as the record that gives it up is refused', async () => {
  await using hub = await openTestHub();
  const unit = await unitWith(hub, [person(16, p1), person(17, p2)]);
  await unit.send([
    person(16, p2, { version: 2, fields: { sex: '7' } }),
    person(17, p1, { version: 2 }),
  ]);
  const faults = await heldFaults(hub, 'H52');
  expect(faults['11']).toEqual(held);
  expect(faults['10']).toContain('sex code_unknown');
  expect(await registry(hub)).toEqual([
    [p1, '10', 'H52'],
    [p2, '11', 'H52'],
  ]);
  expect(await rowsOf(hub, 'select applied_seq from registry.unit')).toEqual([[2n]]);
});

test.each([
  ['leaves', change(16, 2, { employment: [leftRow('2')] })],
  ['retires', person(16, p1, { version: 2, status: '3' })],
  ['is deleted', gone(16, 2)],
])('a person who %s frees the PIN in the same batch', async (_, departure) => {
  await using hub = await openTestHub();
  const unit = await unitWith(hub, [person(16, p1)]);
  await unit.send([departure, person(17, p1)]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(await registry(hub)).toEqual([[p1, '11', 'H52']]);
});

function leftRow(status: string): Readonly<Record<string, string>> {
  return { object_class: '2', employing_unit: 'H52.01', managing_unit: 'H52.01', status };
}

test('who comes back by a change of status alone finds the PIN held by the successor', async () => {
  await using hub = await openTestHub();
  const unit = await unitWith(hub, [person(16, p1, { status: '2' }), person(17, p1)]);
  await unit.send([change(16, 2, { employment: [leftRow('1')] })]);
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': held });
  expect(await registry(hub)).toEqual([[p1, '11', 'H52']]);
  await unit.send([gone(17, 2), person(16, p1, { version: 3 })]);
  expect(await registry(hub)).toEqual([[p1, '10', 'H52']]);
});

test('who has left claims no PIN, also when only the identity changes', async () => {
  await using hub = await openTestHub();
  const unit = await unitWith(hub, [person(16, p1), person(17, p2, { status: '2' })]);
  await unit.send([change(17, 2, { identity: person(17, p1).rows?.['identity'] ?? [] })]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(await registry(hub)).toEqual([[p1, '10', 'H52']]);
});

test('a record of another unit can be neither changed nor deleted, and its data stays', async () => {
  await using hub = await openTestHub();
  const a = await unitWith(hub, [person(16, p1)]);
  const b = await unitWith(hub, [], 'H53');
  await b.send([person(16, p2, { version: 9, unit: 'H53.01' })]);
  const verdicts = (await b.pull()).content.verdicts.flatMap((verdict) => verdict.faults);
  expect(verdicts).toEqual([{ code: 'not_owner', section: 0, field: '' }]);
  // nor is it held for who does not have it
  expect(await heldFaults(hub, 'H53')).toEqual({});
  await b.send([gone(16, 10)]);
  await b.send([change(16, 11, { reward: [{ year: '2001' }] })]);
  expect(
    await rowsOf(
      hub,
      `select r.agency, version, pin, i.agency from national.record r
      join national.identity i using (record_id)`,
    ),
  ).toEqual([['H52', 1n, p1, 'H52']]);
  expect(await rowsOf(hub, 'select 1 from national.reward')).toEqual([]);
  const { blocks } = (await b.pull()).content;
  expect(Buffer.concat(blocks.map((one) => one.rows)).toString()).not.toContain(p1);
  await a.send([change(16, 2, { reward: [{ year: '2002' }] })]);
  expect(await rowsOf(hub, 'select year from national.reward')).toEqual([[2002]]);
});

test('what one unit sends cannot heal, hold or hide a held record of another', async () => {
  await using hub = await openTestHub();
  const a = await unitWith(hub, [person(16, p1), person(17, 'bad')]);
  const b = await unitWith(hub, [], 'H53');
  await a.send([change(16, 2, { salary: [{ step: 'x' }] })]);
  // both identifiers in the hands of another unit: one refused there, one applied there
  await b.send([person(16, p2, { unit: 'H53.01' }), person(17, 'bad too', { unit: 'H53.01' })]);
  expect(await heldFaults(hub, 'H52')).toEqual({
    '10': ['step number_format'],
    '11': ['pin pin_format'],
  });
  await a.send([change(16, 3, { insurance: [{ health_card_no: 'A1' }] })]);
  expect(await rowsOf(hub, 'select 1 from national.insurance')).toEqual([]);
  await b.send([person(17, p2, { version: 2, unit: 'H53.01' })]);
  await b.send([change(17, 3, { salary: [{ step: '2' }] })]);
  expect(await rowsOf(hub, 'select agency, step from national.salary')).toEqual([['H53', 2]]);
});

test('of two units that bring one PIN at the same moment one wins and the other is held', async () => {
  await using hub = await openTestHub();
  const units = [await unitWith(hub, []), await unitWith(hub, [], 'H53')];
  for (let round = 0; round < 5; round += 1) {
    const pins = Array.from({ length: 20 }, (_, i) => `00108${round}${String(i).padStart(6, '0')}`);
    await Promise.all(
      units.map(async (unit, side) => {
        // opposite orders: rows that wait for each other must not end in a deadlock for good
        const people = pins.map((pin, i) => {
          const n = 1000 + round * 100 + side * 50 + (side === 0 ? i : 49 - i);
          return person(n, pin, { unit: `${unit.agency}.01` });
        });
        await unit.push(await unit.seal({ records: people }));
      }),
    );
    await Promise.all(units.map((unit) => applyBatches(hub, unit.agency)));
  }
  expect(await rowsOf(hub, 'select agency, applied_seq from registry.unit order by 1')).toEqual([
    ['H52', 6n],
    ['H53', 6n],
  ]);
  expect(await rowsOf(hub, 'select count(*), count(distinct pin) from national.identity')).toEqual([
    [100n, 100n],
  ]);
  expect(
    await rowsOf(
      hub,
      `select count(distinct record_id), count(*) filter (where code <> 'pin_held_elsewhere')
       from sync.held_fault`,
    ),
  ).toEqual([[100n, 0n]]);
});

test('of two units that bring one new record at the same moment one owns it, whole', async () => {
  await using hub = await openTestHub();
  const units = [await unitWith(hub, []), await unitWith(hub, [], 'H53')];
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(
      units.map(async (unit, side) => {
        const pin = `00108${side}00000${round}`;
        const record = person(100 + round, pin, { unit: `${unit.agency}.01` });
        await unit.push(await unit.seal({ records: [record] }));
      }),
    );
    await Promise.all(units.map((unit) => applyBatches(hub, unit.agency)));
  }
  expect(
    await rowsOf(
      hub,
      `select count(*), count(*) filter (
          where (r.agency, r.agency, r.agency) = (i.agency, e.agency, g.agency)
            and i.pin = g.pin)
       from national.record r join national.identity i using (record_id)
       join national.employment e using (record_id) join registry.identity g using (record_id)`,
    ),
  ).toEqual([[5n, 5n]]);
});

test.each([
  ['deletes', gone(500, 2)],
  ['brings', person(500, p2, { unit: 'H53.01' })],
])(
  'who %s a record that another unit brings at that moment leaves it untouched',
  async (_, record) => {
    await using hub = await openTestHub();
    await unitWith(hub, []);
    const b = await unitWith(hub, [], 'H53');
    await b.push(await b.seal({ records: [record] }));
    const applying = await transaction(hub.database, async ({ client }) => {
      // B has judged by now that nobody has the record, and waits for this table
      await client.query('lock table national.org_unit in access exclusive mode');
      const started = applyBatches(hub, 'H53');
      await untilWaiting(hub);
      await client.query(
        `insert into national.record (record_id, agency, kind, version, seq)
         values ('${record.id}', 'H52', 2, 1, 1);
       insert into national.identity (record_id, agency, pin, full_name, birth_date, sex, ethnic_group)
         values ('${record.id}', 'H52', '${p1}', 'Người Của A', '1980', '1', '01')`,
      );
      return { started };
    });
    await applying.started;
    expect(
      await rowsOf(
        hub,
        `select r.agency, r.version, i.agency, pin from national.record r
      join national.identity i using (record_id)`,
      ),
    ).toEqual([['H52', 1n, 'H52', p1]]);
    expect(await rowsOf(hub, `select applied_seq from registry.unit where agency = 'H53'`)).toEqual(
      [[2n]],
    );
  },
);
