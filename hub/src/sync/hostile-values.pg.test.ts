/**
 * Signed batches whose values are whatever a broken program writes: each bad record ends as a verdict,
 * the good ones are applied, what is stored is what was sent; and blocks that are no rows freeze the
 * unit and nothing else. The people are numbers, none exists.
 */
import { createHash } from 'node:crypto';

import { nationalSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { stageBlocks } from '@lienthong/shared-schema/runtime/stage.ts';
import { answersMax } from '@lienthong/shared-schema/wire/limits.ts';
import type { Block } from '@lienthong/shared-schema/wire/messages.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { openTestHub, rowsOf } from '../../../test/support/test-hub.ts';
import {
  block,
  blocksOf,
  orgUnit,
  person,
  pinOf,
  recordId,
  type TestRecord,
} from '../../../test/support/test-records.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';

const seed = 20_261_122;
const tree = [orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })];

/** No index entry has room for it, compressed or not. */
const incompressible = Array.from({ length: 200 }, (_, i) =>
  createHash('sha256').update(String(i)).digest('hex'),
).join('');

/** Dates that PostgreSQL knows and we do not, numbers at the edge, text that only looks like text. */
const nasty = [
  '99999-01-01',
  'infinity',
  '-infinity',
  'now',
  '0000-00-00',
  '2025-02-30',
  'NaN',
  '1e999',
  '-1',
  '-0',
  '+1',
  ' 1',
  '1 ',
  '0x10',
  '1_000',
  '9'.repeat(9),
  '9'.repeat(400),
  '0.1',
  '.5',
  '1.',
  '٣',
  '２０２０',
  'null',
  '\\N',
  '\\.',
  'true',
  '{}',
  "'; drop table national.record; --",
  '\u0001',
  '\u007f',
  '\u0085',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\ufffd',
  'e\u0302',
  'a\tb\nc\rd\ve\ff',
  '\u{1f600}'.repeat(40),
  'x'.repeat(5_000),
  incompressible,
  ' ',
] as const;

/** A person or unit whose one field has one value; everything else of it is right. */
function recordWith(n: number, section: Section, field: Field, value: string): TestRecord {
  const row = { [field.name]: value };
  if (section.kind === 'org_unit') {
    const unit = orgUnit(n, `H52.${n}`, { parent: 'H52' });
    const [own = {}] = unit.rows?.['org_unit'] ?? [];
    return section.name === 'org_unit'
      ? { ...unit, rows: { org_unit: [{ ...own, ...row }] } }
      : { ...unit, rows: { ...unit.rows, [section.name]: [row] } };
  }
  const whole = person(n, pinOf(n));
  const [own = {}] = whole.rows?.[section.name] ?? [];
  return { ...whole, rows: { ...whole.rows, [section.name]: [{ ...own, ...row }] } };
}

test('I5: whatever value stands in whatever field, its record has a verdict or is stored as sent, and the rest is applied', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const cases = nationalSections.flatMap((section) =>
    section.fields.flatMap((field) => nasty.map((value) => ({ section, field, value }))),
  );
  const records = cases.map(({ section, field, value }, i) =>
    recordWith(100 + i, section, field, value),
  );
  const healthy = person(16, pinOf(16));
  // in batches of the size that is allowed, each with a good record of its own
  for (let at = 0, round = 1; at < records.length; at += 5_000, round += 1) {
    const more = round === 1 ? tree : [];
    const good = { ...healthy, version: round };
    await unit.send([...more, good, ...records.slice(at, at + 5_000)]);
  }
  const [inbox] = await rowsOf(
    hub,
    `select bool_and(applied_at is not null), sum(records_sent)::integer,
      sum(records_accepted + records_refused)::integer from sync.inbox`,
  );
  const rounds = Math.ceil(records.length / 5_000);
  const all = records.length + tree.length + rounds;
  expect(inbox).toEqual([true, all, all]);
  expect(await rowsOf(hub, 'select status from registry.unit')).toEqual([['active']]);
  expect(
    await rowsOf(
      hub,
      `select version::integer from national.record where record_id = '${recordId(16)}'`,
    ),
  ).toEqual([[rounds]]);

  const held = new Set(
    (await rowsOf(hub, 'select record_id::text from sync.held_record')).map(([id]) => String(id)),
  );
  expect(held.size).toBeGreaterThan(records.length / 3);
  const altered: string[] = [];
  for (const section of nationalSections) {
    const stored = new Map(
      (
        await rowsOf(hub, `select record_id::text, to_jsonb(t) from national.${section.name} t`)
      ).map(([id, row]) => [String(id), row as Readonly<Record<string, unknown>>]),
    );
    for (const [i, one] of cases.entries()) {
      const id = recordId(100 + i);
      if (one.section !== section || held.has(id)) continue;
      const now = stored.get(id)?.[one.field.name];
      // PostgreSQL knows no negative zero: the same number
      if (String(now) !== one.value && !(one.value === '-0' && now === 0)) {
        altered.push(
          `${section.name}.${one.field.name} ${JSON.stringify(one.value)} → ${String(now)}`,
        );
      }
    }
  }
  expect(altered).toEqual([]);
});

const good = blocksOf([...tree, person(16, pinOf(16), { more: { reward: [{ year: '2001' }] } })]);

/** One of the blocks with its rows, columns or count changed. */
const damagedBlocks: fc.Arbitrary<readonly Block[]> = fc
  .record({
    at: fc.nat(good.length - 1),
    from: fc.nat(400),
    length: fc.nat(6),
    instead: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(
        '\\N',
        '\\.',
        '\n',
        '\t',
        '\\',
        '\\0',
        '\\x00',
        '\\377',
        '\0',
        '{',
        '}',
        'NULL',
      ),
    ),
    column: fc.option(fc.tuple(fc.nat(6), fc.oneof(fc.nat(10), fc.constantFrom(1001, 1002, 1003)))),
    count: fc.option(fc.nat(5)),
  })
  .map(({ at, from, length, instead, column, count }) =>
    good.map((one, i) => {
      if (i !== at) return one;
      const rows = Buffer.from(one.rows);
      const cut = Math.min(from, rows.length);
      return {
        ...one,
        rows: Buffer.concat([
          rows.subarray(0, cut),
          Buffer.from(instead),
          rows.subarray(cut + length),
        ]),
        columns: one.columns.map((tag, c) => (column?.[0] === c ? column[1] : tag)),
        rowCount: count ?? one.rowCount,
      };
    }),
  );

test('I5: damaged rows are staged or unreadable, and the transaction lives on', async () => {
  await using hub = await openTestHub();
  const seen = { staged: 0, unreadable: 0 };
  // the staging tables of the connection stay: to make them anew for each case would take the time
  await transaction(hub.database, (tx) => stageBlocks(tx, good));
  await transaction(hub.database, async (tx) => {
    await fc.assert(
      fc.asyncProperty(damagedBlocks, async (blocks) => {
        await tx.client.query('savepoint one');
        const { kind } = await stageBlocks(tx, blocks);
        seen[kind] += 1;
        await tx.client.query('select 1');
        await tx.client.query('rollback to savepoint one');
      }),
      { seed, numRuns: 500 },
    );
  });
  expect(seen.staged).toBeGreaterThan(10);
  expect(seen.unreadable).toBeGreaterThan(200);
});

const manifestOf = (line: string): readonly Block[] => [block(0, [1, 2, 3, 4, 5, 6], [line])];

test.each([
  ['more dimensions than an array has', '{{{{{{{1}}}}}}}'],
  ['bounds that no array has', '[2147483647:2147483647]={1}'],
  ['a section that no number names', '{99999}'],
  ['half an array', '{1,'],
])('a manifest whose sections are %s is unreadable', async (_, sections) => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const lines = `${recordId(1)}\t1\t1\tU\tt\t${sections}\n`;
  await unit.send([], { blocks: manifestOf(lines), recordCount: 1 });
  expect(await rowsOf(hub, `select status, left(frozen_reason, 12) from registry.unit`)).toEqual([
    ['frozen', 'UNREADABLE 1'],
  ]);
});

test('a marker that is a book makes the batch unreadable, one of 256 bytes comes back', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const marker = 'ộ'.repeat(85);
  await unit.send(tree, { marker });
  expect((await unit.pull()).content.markers).toEqual([marker]);
  await unit.send([], { marker: `${marker}x`.repeat(2) });
  expect(await rowsOf(hub, 'select status from registry.unit')).toEqual([['frozen']]);
});

test('a batch with more answers than it may have is unreadable, one with as many is applied', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const answers = Array.from({ length: answersMax + 1 }, (_, i) => ({
    recordId: recordId(1),
    correction: createHash('sha256').update(String(i)).digest('hex').slice(0, 32),
    contested: false,
    reason: '',
  }));
  await unit.send([], { answers: answers.slice(1) });
  await unit.send([], { answers });
  expect(await rowsOf(hub, 'select applied_seq, status, frozen_reason from registry.unit')).toEqual(
    [[1n, 'frozen', 'UNREADABLE 2: the content is no batch']],
  );
});

test('I15: a batch of empty blocks by the million is unreadable before it is objects', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const empty: Block = {
    section: 0,
    catalogueVersion: 0,
    columns: [],
    rowCount: 0,
    rows: new Uint8Array(0),
  };
  const blocks = Array.from({ length: 200_000 }, () => empty);
  const before = process.memoryUsage.rss();
  await unit.send([], { blocks });
  expect(process.memoryUsage.rss() - before).toBeLessThan(1_000_000_000);
  expect(await rowsOf(hub, 'select frozen_reason from registry.unit')).toEqual([
    ['UNREADABLE 1: the content is no batch'],
  ]);
});
