import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expect, test } from 'vitest';

import { olderCatalogue, type Unknown } from '../../../test/support/older-catalogue.ts';
import { heldFaults, openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { manifestLines } from '../../../test/support/test-mirror.ts';
import {
  block,
  blocksOf,
  change,
  gone,
  orgUnit,
  person,
  pinOf,
  recordId,
  type TestRecord,
} from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { unitsWithWork } from '../db/units.ts';
import { applyBatches } from './apply-batches.ts';

const tree = [orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })];
const newer: Unknown = { sections: ['reward'], fields: { identity: ['religion', 'home_town'] } };
const religious = { fields: { religion: '01', home_town: 'Quê Thử' } };
const rewarded = { more: { reward: [{ year: '2001', form: '1' }, { year: '2002' }] } };

async function withTree(hub: TestHub): Promise<TestUnit> {
  const unit = await enrolTestUnit(hub);
  await unit.send(tree);
  return unit;
}

/** Sends batches to a hub of the older catalogue, one after the other. */
async function sendToOlder(
  unit: TestUnit,
  batches: readonly (readonly TestRecord[])[],
  unknown: Unknown = newer,
): Promise<void> {
  const made = batches.map((records) => ({
    blocks: blocksOf(records),
    recordCount: records.length,
  }));
  using _ = olderCatalogue(unknown);
  for (const options of made) await unit.send([], options);
}

const people = `select ltrim(right(record_id::text, 12), '0'), r.version, i.full_name, i.religion,
    i.home_town, (select string_agg(year::text, ' ' order by ordinal) from national.reward w
      where w.record_id = r.record_id)
  from national.record r left join national.identity i using (record_id)
  where r.kind = 2 order by record_id`;

const left =
  'select count(*) from sync.unread_column union all select count(*) from sync.unread_section';

test('what an older catalogue left out is read from the archive once the newer one is there', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  await sendToOlder(unit, [
    [person(16, pinOf(1), { ...religious, ...rewarded }), person(17, pinOf(2))],
  ]);
  expect(await rowsOf(hub, people)).toEqual([
    ['10', 1n, 'Người Thử 16', null, null, null],
    ['11', 1n, 'Người Thử 17', null, null, null],
  ]);
  const { header } = await unit.pull();
  // values of the section that were applied are not touched, whatever became of them
  await rowsOf(
    hub,
    `update national.identity set full_name = 'Tên Khác' where pin = '${pinOf(1)}'`,
  );

  // nothing new waits and the unit says nothing: the sweep finds it all the same
  expect(await unitsWithWork(hub.database.db)).toEqual(['H52']);
  expect(await applyBatches(hub, 'H52')).toBe(0);
  expect(await unitsWithWork(hub.database.db)).toEqual([]);
  expect(await rowsOf(hub, people)).toEqual([
    ['10', 1n, 'Tên Khác', '01', 'Quê Thử', '2001 2002'],
    ['11', 1n, 'Người Thử 17', null, null, null],
  ]);
  expect(await rowsOf(hub, left)).toEqual([[0n], [0n]]);
  const page = await unit.pull(header.toCursor);
  expect(manifestLines(page.content)).toEqual([
    { id: recordId(16), kind: '2', version: '1', op: 'U', whole: false, sections: [10, 50] },
    { id: recordId(17), kind: '2', version: '1', op: 'U', whole: false, sections: [10] },
  ]);
  expect(page.content.blocks.map((one) => one.section)).toEqual([0, 10, 50]);

  // again: nothing is left, and nothing goes down the feed
  expect(await applyBatches(hub, 'H52')).toBe(0);
  expect((await unit.pull(page.header.toCursor)).header.feedHead).toBe(page.header.toCursor);
});

test('a list emptied, a section replaced and a record deleted since are not what they were', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  const first = [16, 17, 18, 19, 20].map((n) => person(n, pinOf(n), { ...religious, ...rewarded }));
  const identity = (n: number, town: string): TestRecord['rows'] => ({
    identity: (person(n, pinOf(n), { fields: { home_town: town } }).rows ?? {})['identity'] ?? [],
  });
  await sendToOlder(unit, [
    first,
    [change(16, 2, { reward: [] }), change(17, 2, identity(17, 'Mới')), gone(18, 2)],
    [person(18, pinOf(18), { version: 3 }), change(19, 2, { reward: [{ year: '2010' }] })],
    [change(19, 3, { reward: [{ year: '2011' }] }), gone(20, 2)],
  ]);
  await applyBatches(hub, 'H52');
  expect(await rowsOf(hub, people)).toEqual([
    ['10', 2n, 'Người Thử 16', '01', 'Quê Thử', null],
    ['11', 2n, 'Người Thử 17', null, 'Mới', '2001 2002'],
    ['12', 3n, 'Người Thử 18', null, null, null],
    ['13', 3n, 'Người Thử 19', '01', 'Quê Thử', '2011'],
  ]);
  expect(await rowsOf(hub, left)).toEqual([[0n], [0n]]);
});

test('what a unit that went back to an older release sent since is the newer state', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  await sendToOlder(unit, [[person(16, pinOf(1), { ...religious, ...rewarded })]]);
  const older = olderCatalogue(newer);
  // its blocks have no such columns, and it knows of no such section
  await unit.send([
    change(16, 2, { identity: (person(16, pinOf(1)).rows ?? {})['identity'] ?? [] }),
  ]);
  await unit.send([person(17, pinOf(2))]);
  older[Symbol.dispose]();
  await applyBatches(hub, 'H52');
  expect(await rowsOf(hub, people)).toEqual([
    ['10', 2n, 'Người Thử 16', null, null, '2001 2002'],
    ['11', 1n, 'Người Thử 17', null, null, null],
  ]);
});

test('a state that was ignored when it came, since a newer one was there, stays ignored', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  await sendToOlder(unit, [
    [person(16, pinOf(1), { version: 5 })],
    [change(16, 4, { reward: [{ year: '1999' }] }), person(17, pinOf(2), rewarded)],
    [change(16, 6, { employment: person(16, pinOf(1)).rows?.['employment'] ?? [] })],
  ]);
  await applyBatches(hub, 'H52');
  expect(
    await rowsOf(hub, `select record_id, year from national.reward where ordinal = 1`),
  ).toEqual([[recordId(17), 2001]]);
});

test('a bad value that was out of sight holds its record back, and the rest goes on', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  const unknown = { ...newer, fields: { ...newer.fields, training: ['to_date'] } };
  const training = [{ to_date: '2021-06', form: '2' }];
  await sendToOlder(
    unit,
    [
      [
        person(16, pinOf(16), { fields: { religion: 'none' }, ...rewarded }),
        person(17, pinOf(17), { more: { reward: [{ year: 'x' }] } }),
        // the code was valid without a date, and is not as of the date
        person(18, pinOf(18), { more: { training } }),
        person(19, pinOf(19), { ...religious, ...rewarded }),
      ],
    ],
    unknown,
  );
  expect(await heldFaults(hub, 'H52')).toEqual({});
  const { header } = await unit.pull();
  await applyBatches(hub, 'H52');
  expect(await heldFaults(hub, 'H52')).toEqual({
    '10': ['religion code_unknown'],
    '11': ['year number_format'],
    '12': ['form code_not_valid_then'],
  });
  expect(await rowsOf(hub, people)).toEqual([
    ['10', 1n, 'Người Thử 16', null, null, null],
    ['11', 1n, 'Người Thử 17', null, null, null],
    ['12', 1n, 'Người Thử 18', null, null, null],
    ['13', 1n, 'Người Thử 19', '01', 'Quê Thử', '2001 2002'],
  ]);
  const { content } = await unit.pull(header.toCursor);
  expect(manifestLines(content).map((line) => line.id)).toEqual([recordId(19)]);
  expect(content.verdicts.map(({ recordId: id, version, seq }) => [id, version, seq])).toEqual([
    [recordId(16), 1n, 2n],
    [recordId(17), 1n, 2n],
    [recordId(18), 1n, 2n],
  ]);

  // as with any refusal: a part is held back, the whole record heals
  await unit.send([change(16, 2, { salary: [{ step: '2' }] })]);
  expect((await heldFaults(hub, 'H52'))['10']).toEqual(['held_back']);
  await unit.send([person(16, pinOf(16), { version: 3, ...religious })]);
  expect((await heldFaults(hub, 'H52'))['10']).toBeUndefined();
  expect((await rowsOf(hub, people))[0]).toEqual(['10', 3n, 'Người Thử 16', '01', 'Quê Thử', null]);
});

test('a record that is held back is left as it is, and comes whole later', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  await sendToOlder(unit, [
    [person(16, pinOf(1), { ...religious, ...rewarded })],
    [change(16, 2, { salary: [{ step: 'x' }] })],
  ]);
  const { header } = await unit.pull();
  await applyBatches(hub, 'H52');
  expect(await heldFaults(hub, 'H52')).toEqual({ '10': ['step number_format'] });
  expect(await rowsOf(hub, people)).toEqual([['10', 1n, 'Người Thử 16', null, null, null]]);
  expect((await unit.pull()).header.feedHead).toBe(header.feedHead);
  expect(await unitsWithWork(hub.database.db)).toEqual([]);
  await unit.send([person(16, pinOf(1), { version: 3, ...religious })]);
  expect(await rowsOf(hub, people)).toEqual([['10', 3n, 'Người Thử 16', '01', 'Quê Thử', null]]);
});

test('names that moved since are not judged by the old state', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  const identity = (n: number, pin: string): TestRecord['rows'] => ({
    identity: person(n, pin).rows?.['identity'] ?? [],
  });
  const more = { org_post: [{ year: '2025', post_kind: '1', assigned: '5' }] };
  await sendToOlder(
    unit,
    [
      [
        person(16, pinOf(1), rewarded),
        {
          ...orgUnit(3, 'H52.02', { parent: 'H52' }),
          rows: { ...orgUnit(3, 'H52.02', { parent: 'H52' }).rows, ...more },
        },
      ],
      // the PIN and the code go over to others
      [
        change(16, 2, identity(16, pinOf(9))),
        person(17, pinOf(1)),
        change(3, 2, { org_unit: [{ code: 'H52.03', name: 'Unit', parent_code: 'H52' }] }),
        orgUnit(4, 'H52.02', { parent: 'H52' }),
      ],
    ],
    { sections: ['reward', 'org_post'] },
  );
  const names = `select pin, record_id from registry.identity
    union all select code, record_id from national.org_unit order by 1`;
  const before = await rowsOf(hub, names);
  expect(before).toHaveLength(6);
  await applyBatches(hub, 'H52');
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(await rowsOf(hub, names)).toEqual(before);
  expect(await rowsOf(hub, 'select assigned from national.org_post')).toEqual([[5]]);
  expect(await rowsOf(hub, 'select count(*) from national.reward')).toEqual([[2n]]);
});

test('a catalogue that learns in two steps reads a batch twice, each time what is new', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  await sendToOlder(unit, [[person(16, pinOf(1), { ...religious, ...rewarded })]]);
  {
    using _ = olderCatalogue({ fields: { identity: ['home_town'], reward: ['form'] } });
    await applyBatches(hub, 'H52');
    expect(await rowsOf(hub, people)).toEqual([
      ['10', 1n, 'Người Thử 16', '01', null, '2001 2002'],
    ]);
    expect(await unitsWithWork(hub.database.db)).toEqual([]);
  }
  expect(await unitsWithWork(hub.database.db)).toEqual(['H52']);
  await applyBatches(hub, 'H52');
  expect(await rowsOf(hub, people)).toEqual([
    ['10', 1n, 'Người Thử 16', '01', 'Quê Thử', '2001 2002'],
  ]);
  expect(await rowsOf(hub, 'select form from national.reward order by ordinal')).toEqual([
    ['1'],
    [null],
  ]);
});

test('a sealed section that was unknown is stored as it came', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  const { tag } = sectionNamed('health');
  const record = { ...person(16, pinOf(1)), rows: { ...person(16, pinOf(1)).rows, health: [] } };
  const sealed = block(tag, [1001, 1003], [`${record.id}\tAQID\n`]);
  {
    using _ = olderCatalogue({ sections: ['health'] });
    await unit.send([], { blocks: [...blocksOf([record]), sealed], recordCount: 1 });
  }
  const payloads = 'select agency, record_id, section, payload from national.sealed';
  expect(await rowsOf(hub, payloads)).toEqual([]);
  const { header } = await unit.pull();
  await applyBatches(hub, 'H52');
  expect(await rowsOf(hub, payloads)).toEqual([['H52', record.id, tag, 'AQID']]);
  const { content } = await unit.pull(header.toCursor);
  expect(content.blocks.at(-1)).toMatchObject({ section: tag, rowCount: 1 });
});

test('what is known by now is read before the next batch is applied', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  await sendToOlder(unit, [[person(16, pinOf(1), { ...religious, ...rewarded })]]);
  const { header } = await unit.pull();
  await unit.send([person(17, pinOf(2))], { marker: 'next' });
  const entries = `select kind, record_id from sync.feed_entry where position > ${header.toCursor}
    order by position`;
  expect(await rowsOf(hub, entries)).toEqual([
    ['record', recordId(16)],
    ['record', recordId(17)],
    ['marker', null],
  ]);
});

test('an interruption goes on later, and several processes read each batch once', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  const numbers = Array.from({ length: 6 }, (_, i) => 16 + i);
  await sendToOlder(
    unit,
    numbers.map((n) => [person(n, pinOf(n), rewarded)]),
  );
  const { header } = await unit.pull();
  await hub.database.pool.query(`
    create function trouble() returns trigger language plpgsql as $$
      begin raise exception 'disk trouble on purpose' using errcode = '58030'; end $$;
    create trigger trouble before insert on national.reward for each row
      when (new.record_id = '${recordId(18)}') execute function trouble()`);
  await expect(applyBatches(hub, 'H52')).rejects.toThrow('disk trouble on purpose');
  // newest first: three were read
  const read = 'select count(distinct record_id) from national.reward';
  expect(await rowsOf(hub, read)).toEqual([[3n]]);
  await hub.database.pool.query('drop trigger trouble on national.reward; drop function trouble');
  await Promise.all([1, 2, 3].map(() => applyBatches(hub, 'H52')));
  await applyBatches(hub, 'H52');
  expect(await rowsOf(hub, read)).toEqual([[6n]]);
  expect(await rowsOf(hub, left)).toEqual([[0n], [0n]]);
  expect((await unit.pull()).header.feedHead - header.feedHead).toBe(6n);
});

test('records whose bytes the archive has not any more are asked for whole', async () => {
  await using hub = await openTestHub();
  const unit = await withTree(hub);
  await sendToOlder(unit, [
    [person(16, pinOf(1), rewarded)],
    [person(17, pinOf(2), rewarded)],
    [person(18, pinOf(3), rewarded)],
  ]);
  await rowsOf(hub, `update sync.inbox set content = set_byte(content, 9, 0) where seq = 2`);
  await rowsOf(hub, `delete from sync.inbox where seq = 3`);
  const { header } = await unit.pull();
  await applyBatches(hub, 'H52');
  expect((await unit.pull(header.toCursor)).content.resends.toSorted()).toEqual([
    recordId(16),
    recordId(17),
  ]);
  expect(await rowsOf(hub, 'select distinct record_id from national.reward')).toEqual([
    [recordId(18)],
  ]);
  expect(await unitsWithWork(hub.database.db)).toEqual([]);
  expect(hub.logged()).toContain('cannot be read again');
});
