import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { compress } from '@lienthong/shared-schema/runtime/compress.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { batchRawBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import type { Block } from '@lienthong/shared-schema/wire/messages.ts';
import { afterAll, expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub, untilWaiting } from '../../../test/support/test-hub.ts';
import {
  block,
  blocksOf,
  orgUnit,
  person,
  recordId,
  type TestRecord,
} from '../../../test/support/test-records.ts';
import {
  type BatchOptions,
  enrolTestUnit,
  type TestUnit,
} from '../../../test/support/test-unit.ts';
import { markRevoked } from '../db/enrolment.ts';
import { unitsWithWork } from '../db/units.ts';
import { applyBatches } from './apply-batches.ts';

const tree = [orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })];
const pin = '001080000001';

const everything = `select (select count(*) from national.record),
  (select count(*) from national.identity), (select count(*) from registry.identity),
  (select count(*) from sync.held_record), (select count(*) from sync.feed_entry),
  (select feed_head from registry.unit), (select applied_seq from registry.unit)`;

test('two appliers at once apply each batch once', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const batches = [
    tree,
    [person(16, pin)],
    [person(16, pin, { version: 2, status: '2' }), person(17, pin)],
    [person(18, 'bad')],
  ];
  for (const records of batches) await unit.push(await unit.seal({ records, marker: 'm' }));
  const applied = await Promise.all([1, 2, 3].map(() => applyBatches(hub, 'H52')));
  await applyBatches(hub, 'H52');
  // each applier counts what it did; nobody counts the work of another
  expect(applied.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(4);
  expect(await rowsOf(hub, everything)).toEqual([[4n, 2n, 1n, 1n, 10n, 10n, 4n]]);
  expect(
    await rowsOf(hub, 'select count(distinct position), max(position) from sync.feed_entry'),
  ).toEqual([[10n, 10n]]);
});

test('a failure in the middle leaves nothing behind, and the next run does the whole batch', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send(tree);
  await hub.database.pool.query(`
    create function fail() returns trigger language plpgsql as $$
      begin raise exception 'disk trouble on purpose' using errcode = '58030'; end $$;
    create trigger fail before insert on national.salary for each row execute function fail()`);
  const before = await rowsOf(hub, everything);
  const records = [person(16, pin, { more: { salary: [{ step: '3' }] } }), person(17, 'bad')];
  await unit.push(await unit.seal({ records, marker: 'm' }));
  await expect(applyBatches(hub, 'H52')).rejects.toThrow('disk trouble on purpose');
  expect(await rowsOf(hub, everything)).toEqual(before);
  expect(await unitsWithWork(hub.database.db)).toEqual(['H52']);
  await hub.database.pool.query('drop trigger fail on national.salary');
  expect(await applyBatches(hub, 'H52')).toBe(1);
  expect(await rowsOf(hub, everything)).toEqual([[3n, 1n, 1n, 1n, 5n, 5n, 2n]]);
});

test('a batch is received while another of the same unit is being applied', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.push(await unit.seal({ records: tree }));
  const { promise: free, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: held, resolve: isHeld } = Promise.withResolvers<void>();
  // stops the apply where it has written to national.record and comes to this table
  const holding = transaction(hub.database, async ({ client }) => {
    await client.query('lock table national.org_unit in exclusive mode');
    isHeld();
    await free;
  });
  await held;
  const applying = applyBatches(hub, 'H52');
  await untilWaiting(hub);
  const reply = unit.push(await unit.seal({ records: [person(16, pin)] }));
  const first = await Promise.race([reply, sleep(5_000)]);
  letGo();
  await holding;
  expect(first?.outcome).toBe('ACCEPTED');
  expect(await applying).toBe(2);
});

const people = (): readonly Block[] => blocksOf([person(16, pin)]);

const replaced = (section: number, change: (text: string) => string): readonly Block[] =>
  people().map((one) =>
    one.section === section
      ? { ...one, rows: Buffer.from(change(Buffer.from(one.rows).toString('latin1')), 'latin1') }
      : one,
  );

const manifestOf = (line: string): readonly Block[] => [block(0, [1, 2, 3, 4, 5, 6], [line])];
const id = recordId(16);
const ordinals = (ordinal: string): readonly Block[] => [
  ...manifestOf(`${id}\t2\t1\tU\tt\t{10,50}\n`),
  block(50, [1001, 1002, 1], [`${id}\t${ordinal}\t2001\n`]),
];

const garbage = Buffer.from('\xff\xff no batch', 'latin1');
const noBatch = 'the content is no batch';
const noText = (state: string): string => `a block is no COPY text of its columns (${state})`;
const listing = (line: string): BatchOptions => ({ blocks: manifestOf(line), recordCount: 1 });
const changed = (change: (text: string) => string): BatchOptions => ({
  blocks: replaced(10, change),
  recordCount: 1,
});

test.each<readonly [string, string, BatchOptions]>([
  ['no zstd', noBatch, { content: garbage }],
  [
    'zstd of no batch',
    noBatch,
    { content: zstdCompressSync(garbage), header: { rawBytes: BigInt(garbage.length) } },
  ],
  ['more than the size stated', noBatch, { header: { rawBytes: 2n } }],
  ['less than the size stated', noBatch, { header: { rawBytes: 500n } }],
  ['another record count', 'the record count is wrong', { blocks: people(), recordCount: 2 }],
  ['no manifest', 'the first block is no manifest', { blocks: people().slice(1), recordCount: 1 }],
  ['no block at all', 'the first block is no manifest', { blocks: [] }],
  [
    'a row too few in the manifest',
    'block of section 0 has 1 rows and says 2',
    { blocks: people().map((one) => ({ ...one, rowCount: 2 })), recordCount: 2 },
  ],
  [
    'a row too few in a section',
    'block of section 10 has 1 rows and says 2',
    {
      blocks: people().map((one) => ({ ...one, rowCount: one.section === 10 ? 2 : 1 })),
      recordCount: 1,
    },
  ],
  ['a repeated record', noText('23505'), { records: [person(16, pin), person(16, pin)] }],
  ['a kind that is none', noText('23514'), listing(`${id}\t3\t1\tU\tt\t{}\n`)],
  ['an operation that is none', noText('23514'), listing(`${id}\t2\t1\tX\tt\t{}\n`)],
  ['version 0', noText('23514'), listing(`${id}\t2\t0\tU\tt\t{}\n`)],
  ['an identifier that is none', noText('22P02'), listing(`x\t2\t1\tU\tt\t{}\n`)],
  ['ordinal 0', noText('23514'), { blocks: ordinals('0'), recordCount: 1 }],
  ['an ordinal that is no number', noText('22P02'), { blocks: ordinals('first'), recordCount: 1 }],
  [
    'rows of an unlisted record',
    'rows of identity that the manifest lacks',
    { blocks: [block(0, [1, 2, 3, 4, 5, 6], []), ...people().slice(1)] },
  ],
  [
    'rows of a deleted record',
    'rows of identity that the manifest lacks',
    { blocks: [...manifestOf(`${id}\t2\t1\tD\tf\t{10}\n`), ...people().slice(1)], recordCount: 1 },
  ],
  [
    'rows of an unlisted section',
    'rows of identity that the manifest lacks',
    {
      blocks: [...manifestOf(`${id}\t2\t1\tU\tf\t{11}\n`), ...people().slice(1)],
      recordCount: 1,
    },
  ],
  ['a column too many', noText('22P04'), changed((text) => text.replace('\n', '\textra\n'))],
  ['bytes that are no UTF-8', noText('22021'), changed((text) => text.replace('N', '\xff'))],
  [
    'an early end of data',
    'block of section 10 has 0 rows and says 1',
    changed((text) => `\\.\n${text}`),
  ],
  [
    'a section that no manifest can name',
    'block of section 40000 is of no catalogue',
    { blocks: [...people(), block(40_000, [1001, 1], [`${id}\tx\n`])], recordCount: 1 },
  ],
  [
    'more columns than any table has',
    'block of section 900 is of no catalogue',
    {
      blocks: [
        ...people(),
        block(900, [1001, ...Array.from({ length: 1601 }, (_, i) => 2000 + i)], []),
      ],
      recordCount: 1,
    },
  ],
  [
    'a manifest without its key',
    'the columns of the manifest are wrong',
    {
      blocks: people().map((one) =>
        one.section === 0 ? { ...one, columns: one.columns.slice(1) } : one,
      ),
      recordCount: 1,
    },
  ],
  [
    'a section without its key',
    'the columns of section identity are wrong',
    {
      blocks: people().map((one) =>
        one.section === 0 ? one : { ...one, columns: one.columns.slice(1) },
      ),
      recordCount: 1,
    },
  ],
])('a batch with %s freezes the unit and changes nothing else', async (_, reason, options) => {
  const { hub, unit } = await sharedHub();
  expect((await unit.push(await unit.seal(options))).outcome).toBe('ACCEPTED');
  const before = await rowsOf(hub, everythingOf(unit));
  expect(await applyBatches(hub, unit.agency)).toBe(0);
  expect(await rowsOf(hub, everythingOf(unit))).toEqual(before);
  const [row] = await rowsOf(
    hub,
    `select status, frozen_reason from registry.unit where agency = '${unit.agency}'`,
  );
  expect(row).toEqual(['frozen', `UNREADABLE 1: ${reason}`]);
  expect(hub.logged()).toContain('batch cannot be read: unit frozen');
  // the sweep leaves a frozen unit alone
  expect(await unitsWithWork(hub.database.db)).not.toContain(unit.agency);
  await expect(unit.push(await unit.seal({}))).rejects.toThrow('frozen');
});

const everythingOf = ({ agency }: TestUnit): string =>
  `select (select count(*) from national.record where agency = '${agency}'),
    (select count(*) from sync.held_record where agency = '${agency}'), feed_head, applied_seq
   from registry.unit where agency = '${agency}'`;

let shared: Promise<TestHub> | undefined;
let units = 10;

/** One hub for the many batches that nobody can read, a unit for each. */
async function sharedHub(): Promise<{ readonly hub: TestHub; readonly unit: TestUnit }> {
  shared ??= openTestHub();
  const hub = await shared;
  units += 1;
  return { hub, unit: await enrolTestUnit(hub, `X${units}`) };
}

afterAll(async () => {
  await (await shared)?.[Symbol.asyncDispose]();
});

test('a batch that expands to far more than it says freezes the unit, in bounded memory', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const bomb = await compress(Buffer.alloc(16 * batchRawBytesMax));
  await unit.push(await unit.seal({ content: bomb, header: { rawBytes: 5000n } }));
  const before = process.memoryUsage().rss;
  expect(await applyBatches(hub, 'H52')).toBe(0);
  expect(process.memoryUsage().rss - before).toBeLessThan(2 * batchRawBytesMax);
  expect(await rowsOf(hub, 'select status from registry.unit')).toEqual([['frozen']]);
});

test('a revoked unit stays revoked, also where what waits of it is no batch', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const state = 'select status, left(frozen_reason, 12) from registry.unit';
  await unit.push(await unit.seal({ content: Buffer.from('x'), header: { catalogueVersion } }));
  await markRevoked(hub.database.db, 'H52');
  await applyBatches(hub, 'H52');
  expect(await rowsOf(hub, state)).toEqual([['revoked', 'UNREADABLE 1']]);
  expect(await unitsWithWork(hub.database.db)).toEqual([]);
});

test('a unit that is unreadable does not keep the others waiting', async () => {
  await using hub = await openTestHub();
  const bad = await enrolTestUnit(hub, 'H53');
  const good = await enrolTestUnit(hub);
  await bad.push(await bad.seal({ content: Buffer.from('x'), header: { catalogueVersion } }));
  await applyBatches(hub, 'H53');
  await good.send(tree);
  expect(await rowsOf(hub, 'select agency, applied_seq from registry.unit order by 1')).toEqual([
    ['H52', 1n],
    ['H53', 0n],
  ]);
});

test('a batch in which every record is refused is applied about as fast as a good one', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send(tree);
  const timeOf = async (records: readonly TestRecord[]): Promise<number> => {
    await unit.push(await unit.seal({ records }));
    const start = performance.now();
    expect(await applyBatches(hub, 'H52')).toBe(1);
    return performance.now() - start;
  };
  const numbers = Array.from({ length: 3000 }, (_, i) => i);
  const good = await timeOf(numbers.map((i) => person(1000 + i, `001${100_000_000 + i}`)));
  const bad = await timeOf(numbers.map((i) => person(1000 + i, `bad ${i}`, { version: 2 })));
  expect(await rowsOf(hub, 'select count(*) from sync.held_record')).toEqual([[3000n]]);
  expect(bad).toBeLessThan(4 * good);
});
