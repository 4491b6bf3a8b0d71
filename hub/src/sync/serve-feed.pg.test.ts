import { setTimeout as sleep } from 'node:timers/promises';

import { sealedSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { checkpointBody } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub, untilWaiting } from '../../../test/support/test-hub.ts';
import {
  linesOf,
  manifestLines,
  type Mirror,
  mirrorPage,
  mirrorText,
} from '../../../test/support/test-mirror.ts';
import {
  change,
  gone,
  orgUnit,
  person,
  pinOf,
  recordId,
  type TestRecord,
} from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { appendToEveryFeed } from '../db/feed.ts';
import { makeCheckpoint } from './make-checkpoint.ts';

const sealedSection = sealedSections[0]?.tag ?? 0;
const tree = [orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })];

test('positions have no gaps and follow the order of commits, with four writers at once', async () => {
  await using hub = await openTestHub();
  await enrolTestUnit(hub);
  await enrolTestUnit(hub, 'H53');
  let writing = true;
  let snapshots = 0;
  const watch = async (): Promise<void> => {
    while (writing) {
      const rows = await rowsOf(
        hub,
        `select u.feed_head, count(position), coalesce(max(position), 0)
         from registry.unit u left join sync.feed_entry using (agency) group by u.agency`,
      );
      // whoever reads up to the head at any moment has missed nothing
      for (const [head, count, newest] of rows) expect([count, newest]).toEqual([head, head]);
      snapshots += 1;
    }
  };
  const watching = watch();
  await Promise.all(
    Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; i < 10; i += 1) {
        await transaction(hub.database, async ({ db }) => {
          await appendToEveryFeed(db, { kind: 'checkpoint', body: Buffer.from(`${writer} ${i}`) });
          await sleep(((writer * 7 + i * 3) % 5) * 2);
        });
      }
    }),
  );
  writing = false;
  await watching;
  expect(snapshots).toBeGreaterThan(5);
  expect(await rowsOf(hub, 'select agency, feed_head from registry.unit order by 1')).toEqual([
    ['H52', 40n],
    ['H53', 40n],
  ]);
});

test('a page holds each changed record once, as it is now', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, person(16, pinOf(1), { more: { salary: [{ step: '1' }] } })]);
  const { header: first } = await unit.pull();
  await unit.send([change(16, 2, { salary: [{ step: '2' }] })]);
  await unit.send([change(16, 3, { salary: [{ step: '3' }], reward: [{ year: '2001' }] })]);
  const page = await unit.pull(first.toCursor);
  expect(page.header).toMatchObject({ fromCursor: 3n, toCursor: 5n, feedHead: 5n });
  expect(manifestLines(page.content)).toEqual([
    {
      id: recordId(16),
      kind: '2',
      version: '3',
      op: 'U',
      whole: false,
      sections: [23, 50],
    },
  ]);
  expect(page.content.blocks.map((block) => block.section)).toEqual([0, 23, 50]);
  const [, salary] = page.content.blocks;
  expect(Buffer.from(salary?.rows ?? []).toString()).toContain('\t3\t');
  const all = await unit.pull();
  expect(manifestLines(all.content).map((line) => [line.id, line.whole])).toEqual([
    [recordId(1), true],
    [recordId(2), true],
    [recordId(16), true],
  ]);
});

test('a deleted record goes down as gone, also where it came and went in one page', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, person(16, pinOf(1))]);
  await unit.send([gone(16, 2)]);
  for (const after of [0n, 3n]) {
    const { content } = await unit.pull(after);
    expect(manifestLines(content).at(-1)).toMatchObject({
      id: recordId(16),
      op: 'D',
      version: '2',
    });
    expect(content.blocks.map((block) => block.section)).not.toContain(10);
  }
});

test('a record that another unit has by now is gone for the unit that had it before', async () => {
  await using hub = await openTestHub();
  const a = await enrolTestUnit(hub);
  const b = await enrolTestUnit(hub, 'H53');
  await a.send([...tree, person(16, pinOf(1))]);
  await a.send([gone(16, 2)]);
  await b.send([orgUnit(5, 'H53'), person(16, pinOf(2), { version: 9, unit: 'H53' })]);
  for (const after of [0n, 3n]) {
    const { content } = await a.pull(after);
    expect(manifestLines(content).at(-1)).toMatchObject({
      id: recordId(16),
      op: 'D',
      version: '2',
    });
    expect(content.blocks.flatMap((one) => linesOf(one)).join()).not.toContain(pinOf(2));
  }
  const { content } = await b.pull();
  expect(content.blocks.flatMap((one) => linesOf(one)).join()).toContain(pinOf(2));
});

test('verdicts, markers, totals and checkpoints come in their order', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([person(17, 'bad'), person(16, 'worse')], { marker: 'first' });
  await makeCheckpoint(hub, '2026-09-01');
  await unit.send([], { marker: 'second' });
  await makeCheckpoint(hub, '2026-09-02');
  const { content, header, progress } = await unit.pull();
  expect(header.toCursor).toBe(6n);
  expect(content.verdicts.map((verdict) => [verdict.recordId, verdict.seq])).toEqual([
    [recordId(16), 1n],
    [recordId(17), 1n],
  ]);
  expect(content.markers).toEqual(['first', 'second']);
  expect(content.checkpoints.map(({ body }) => checkpointBody.decode(body).asOf)).toEqual([
    '2026-09-01',
    '2026-09-02',
  ]);
  expect(content.blocks).toEqual([]);
  expect(progress).toMatchObject({ receivedSeq: 2n, appliedSeq: 2n });
});

test('at the end of the feed a page is empty, and beyond it there is none', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  expect(Object.values((await unit.pull()).content).flat()).toEqual([]);
  await unit.send(tree);
  const { header, content } = await unit.pull(2n);
  expect(header).toMatchObject({ agency: 'H52', fromCursor: 2n, toCursor: 2n, feedHead: 2n });
  expect(Object.values(content).flat()).toEqual([]);
  await expect(unit.pull(3n)).rejects.toMatchObject({ code: 'HUB_CURSOR_INVALID' });
  expect(await rowsOf(hub, 'select feed_acked from registry.unit')).toEqual([[2n]]);
});

test('to ask after a marker is the proof of a round trip, once', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([], { marker: 'one' });
  await unit.send(tree);
  const proof = 'select feed_acked, proof_at is not null from registry.unit';
  await unit.pull();
  expect(await rowsOf(hub, proof)).toEqual([[0n, false]]);
  await unit.pull(1n);
  expect(await rowsOf(hub, proof)).toEqual([[1n, true]]);
  await rowsOf(hub, 'update registry.unit set proof_at = null');
  await unit.pull(3n);
  expect(await rowsOf(hub, proof)).toEqual([[3n, false]]);
});

test('a page is of one moment, whatever is written while it is read', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await unit.send([...tree, person(16, pinOf(1), { more: { salary: [{ step: '1' }] } })]);
  const holder = await hub.database.pool.connect();
  await holder.query('begin; lock table national.employment in access exclusive mode');
  // it has read who is on the page, and waits for a table that comes before that of the salaries
  const pulling = unit.pull();
  await untilWaiting(hub);
  await holder.query('update national.salary set step = 9; commit');
  holder.release();
  const salary = (await pulling).content.blocks.find((one) => one.section === 23);
  expect(salary && linesOf(salary)).toEqual([expect.stringContaining('\t1\t')]);
});

test('a page of checkpoints alone carries them as they were made', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  await makeCheckpoint(hub, '2026-09-01');
  const [stored] = await rowsOf(hub, 'select body, signature from sync.checkpoint');
  const [entry] = (await unit.pull()).content.checkpoints;
  expect([entry?.body, entry?.signature]).toEqual(stored);
});

test('I15: a page of large records has fewer, and one that is larger than a page comes alone', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const people = Array.from({ length: 10 }, (_, i) => person(20 + i, pinOf(i)));
  await unit.send([...tree, ...people]);
  await rowsOf(
    hub,
    `insert into national.sealed (record_id, section, agency, payload)
     select record_id, ${sealedSection}, 'H52', repeat('A', case record_id
       when '${recordId(29)}' then 70000 else 9000 end) from national.record where kind = 2`,
  );
  const pages: { readonly bytes: bigint; readonly records: number }[] = [];
  for (let at = 0n; at < 12n;) {
    const { header, content } = await unit.pull(at, 10_000, 64_000);
    pages.push({ bytes: header.rawBytes, records: manifestLines(content).length });
    at = header.toCursor;
  }
  expect(pages.reduce((sum, { records }) => sum + records, 0)).toBe(12);
  const above = pages.filter(({ bytes }) => bytes > 64_000n);
  expect(above.map(({ records }) => records)).toEqual([1]);
  expect(pages.length).toBeLessThan(8);
});

/** Some weeks of a unit: people come, change, leave, are refused and healed. */
function history(): readonly (readonly TestRecord[])[] {
  const people = Array.from({ length: 8 }, (_, i) =>
    person(20 + i, pinOf(i), { more: { reward: [{ year: '2001' }, { year: '2002' }] } }),
  );
  return [
    [...tree, ...people],
    [
      change(20, 2, { reward: [] }),
      change(21, 2, { salary: [{ step: '2', coefficient: '2.67' }] }),
    ],
    [gone(22, 2), person(30, pinOf(2)), person(31, 'bad')],
    [change(21, 3, { salary: [{ step: '3' }], reward: [{ year: '2003', grading: '1' }] })],
    [person(23, pinOf(3), { version: 2, fields: { other_names: 'a\tb'.replace('\t', ' ') } })],
    [person(31, pinOf(9), { version: 2 }), change(24, 2, { salary: [{ step: 'x' }] })],
    [orgUnit(2, 'H52.01', { parent: 'H52', version: 2, name: 'Phòng \\ Thử' }), gone(25, 2)],
  ];
}

async function pullAll(
  unit: TestUnit,
  mirror: Mirror,
  cursor: bigint,
  size: number,
): Promise<bigint> {
  for (let at = cursor; ;) {
    const { header, content } = await unit.pull(at, size);
    expect(header.toCursor - header.fromCursor).toBeLessThanOrEqual(BigInt(size));
    mirrorPage(mirror, content);
    at = header.toCursor;
    if (at === header.feedHead) return at;
  }
}

const textOfTables = async (hub: TestHub): Promise<readonly string[]> =>
  (
    await rowsOf(
      hub,
      `select record_id::text from national.record
       union all select '50 ' || concat_ws(E'\\t', record_id, ordinal, year, coalesce(grading, '\\N'),
         coalesce(emulation, '\\N'), coalesce(form, '\\N')) from national.reward
       union all select '11 ' || concat_ws(E'\\t', record_id, coalesce(staff_number, '\\N'),
         object_class, employing_unit, managing_unit, status, coalesce(status_date::text, '\\N'),
         coalesce(status_decision, '\\N')) from national.employment`,
    )
  )
    .flat()
    .map(String)
    .toSorted();

test('small pages, one page and pages read while the feed grows all give the same mirror', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub);
  const [growing, small, whole]: readonly [Mirror, Mirror, Mirror] = [
    new Map(),
    new Map(),
    new Map(),
  ];
  let cursor = 0n;
  for (const records of history()) {
    await unit.send(records, { marker: 'm' });
    // one page of three only: the rest is read after more has changed
    const { header, content } = await unit.pull(cursor, 3);
    mirrorPage(growing, content);
    cursor = header.toCursor;
  }
  const end = await pullAll(unit, growing, cursor, 3);
  expect(await pullAll(unit, small, 0n, 3)).toBe(end);
  expect(await pullAll(unit, whole, 0n, 10_000)).toBe(end);
  expect(mirrorText(small)).toEqual(mirrorText(whole));
  expect(mirrorText(growing)).toEqual(mirrorText(whole));
  const checked = mirrorText(whole).filter((line) => !/^(?!(?:11|50) )[0-9]{1,2} /u.test(line));
  expect(checked).toEqual(await textOfTables(hub));
  expect(checked.length).toBeGreaterThan(20);
});
