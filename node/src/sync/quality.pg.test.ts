import { population } from '@lienthong/shared-schema/population/population.ts';
import { addDays, hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { qualityFigure } from '@lienthong/shared-schema/totals/quality-measures.ts';
import { sharesOf, sharesToFigures } from '@lienthong/shared-schema/totals/roll-up.ts';
import { expect, test } from 'vitest';

import { reportedFigures } from '../../../hub/src/db/totals.ts';
import { quality as qualityAtHub } from '../../../hub/src/sync/quality.ts';
import { putRecords } from '../../../test/support/node-records.ts';
import { openPair, type Pair, type TestNode } from '../../../test/support/test-node.ts';
import { recordId } from '../../../test/support/test-records.ts';
import { sealAll, syncPair } from '../../../test/support/whole-sync.ts';
import { setLiveSince } from '../db/live-since.ts';
import { readQualityDays } from '../db/quality.ts';
import { pullFeed } from './pull-feed.ts';
import { pushBatches } from './push-batches.ts';
import { quality } from './quality.ts';
import { reportTotals } from './report-totals.ts';
import { verifyState } from './verify.ts';

const today = hanoiDay(Date.now());

/** How many are not good, by measure, and of how many. */
const badOf = (figures: Parameters<typeof sharesOf>[0]) => {
  const shares = sharesOf(figures);
  return Object.fromEntries(
    Object.entries(shares).map(([name, { good, of }]) => [name, Number(of - good)]),
  );
};
const countedOf = (figures: Parameters<typeof sharesOf>[0]) =>
  Object.fromEntries(
    Object.entries(sharesOf(figures)).map(([name, share]) => [name, Number(share.of)]),
  );

const edit = (at: TestNode | Pair['hub'], text: string, values: readonly unknown[] = []) =>
  at.database.pool.query(text, [...values]);

/** Active people of a class, in order of their ids. */
const peopleOf = async (node: TestNode, objectClass: string, max: number): Promise<string[]> => {
  const { rows } = await node.database.pool.query<{ record_id: string }>(
    `select i.record_id from profile.identity i join profile.employment e using (record_id)
     join profile.record r using (record_id)
     where e.object_class = $1 and e.status = '1' and not r.state_secret
     order by record_id limit $2`,
    [objectClass, max],
  );
  return rows.map((row) => row.record_id);
};

test('each measure moves by just the faults that were planted, at the node and at the hub', async () => {
  await using pair = await openPair({ now: new Date() });
  const { node, hub } = pair;
  const drafts = population({ seed: 11, agency: 'H52', size: 60, today });
  await putRecords(
    node.database,
    Array.from(drafts, ({ kind, sections }, i) => ({
      id: recordId(i + 1),
      kind: kind === 'org_unit' ? 1 : 2,
      rows: sections,
    })),
  );
  await sealAll(node, 'first');
  await pushBatches(node);
  await pair.server.settled();
  await pullFeed(node);
  await pullFeed(node);
  expect(await verifyState(node)).toMatchObject({ comparable: true, hubEqualsNode: true });
  await setLiveSince(node.database.db, addDays(today, -30));

  const before = await quality(node);
  const clean = badOf(before.figures);
  const people = countedOf(before.figures)['shared'] ?? 0;
  expect(people).toBeGreaterThan(40);
  expect(clean).toMatchObject({ correct: 0, live: 0, unified: 0, shared: 0 });
  expect(countedOf(before.figures)).toMatchObject({
    correct: 0,
    sufficient: people,
    clean: people,
    live: 0,
    unified: people,
    shared: people,
  });
  expect(badOf((await qualityAtHub(hub, 'H52')).figures)).toEqual({ ...clean, unified: 0 });

  const [a, b, c, d, e, f] = await peopleOf(node, '2', 6);
  // đủ: two people who have everything lose two fields and a list
  const { faults } = await quality(node, { measure: 'sufficient', limit: 1000 });
  expect(faults.some((one) => one.recordId === a || one.recordId === b)).toBe(false);
  await edit(node, 'update profile.salary set step_since = null where record_id = $1', [a]);
  await edit(node, 'update profile.insurance set social_insurance_no = null where record_id = $1', [
    a,
  ]);
  await edit(node, 'delete from profile.work_history where record_id = $1', [b]);
  // sạch: one has the name and birth of another, so two are not clean
  await edit(
    node,
    `update profile.identity t set full_name = upper(s.full_name), birth_date = '1980-05-06'
     from profile.identity s where s.record_id = $1 and t.record_id = $2`,
    [c, d],
  );
  await edit(node, `update profile.identity set birth_date = '1980-05-06' where record_id = $1`, [
    c,
  ]);
  const planted = await quality(node);
  // not sealed yet: these four are not back from the hub
  expect(badOf(planted.figures)).toEqual({
    ...clean,
    sufficient: (clean['sufficient'] ?? 0) + 2,
    clean: (clean['clean'] ?? 0) + 2,
    shared: 4,
  });
  // and a third has a code that no list has, until somebody mends it
  const level = 'update profile.education set highest_level = $1 where record_id = $2';
  await edit(node, level, ['zz', e]);
  expect(badOf((await quality(node)).figures)['clean']).toBe((clean['clean'] ?? 0) + 3);
  await edit(node, level, ['4', e]);
  await syncPair(pair);
  await pullFeed(node);
  const settled = {
    ...clean,
    sufficient: (clean['sufficient'] ?? 0) + 2,
    clean: (clean['clean'] ?? 0) + 2,
  };
  expect(badOf((await quality(node)).figures)).toEqual(settled);
  expect(badOf((await qualityAtHub(hub, 'H52')).figures)).toEqual({ ...settled, unified: 0 });
  const named = await quality(node, { measure: 'clean', limit: 1000 });
  expect(named.faults.filter((one) => one.recordId === c || one.recordId === d)).toMatchObject([
    { section: 'identity', field: 'full_name' },
    { section: 'identity', field: 'full_name' },
  ]);

  // sống: what was noted long ago comes late
  await edit(node, 'update profile.position set strengths = $1 where record_id = $2', [
    'Tin học',
    e,
  ]);
  await edit(node, `update sync.change_log set noted_at = now() - interval '20 days'`);
  const { live: waiting } = badOf((await quality(node)).figures);
  expect(waiting).toBe(1);
  await syncPair(pair);
  await pullFeed(node);
  const late = { ...settled, live: 1 };
  expect(badOf((await quality(node)).figures)).toEqual(late);
  expect(badOf((await qualityAtHub(hub, 'H52')).figures)).toEqual({ ...late, unified: 0 });

  // thống nhất: a row of the mirror that somebody edited, found by the next verification
  await edit(node, 'update national.salary set coefficient = 9.99 where record_id = $1', [f]);
  await verifyState(node);
  expect(badOf((await quality(node)).figures)).toEqual({ ...late, unified: 1 });

  // đúng: of three who were compared two differ, one of them in two fields
  for (const [id, state] of [
    [a, 'MATCHED'],
    [b, 'DIFFERS'],
    [c, 'DIFFERS'],
  ]) {
    await edit(
      node,
      `insert into reference.comparison (record_id, source, state, as_of, version, hub_incarnation)
       values ($1, 'population', $2, $3, 1, 1)`,
      [id, state, today],
    );
  }
  for (const [n, id, field] of [
    ['1', b, 'full_name'],
    ['2', b, 'birth_date'],
    ['3', c, 'full_name'],
  ]) {
    await edit(
      node,
      `insert into reference.correction (id, record_id, source, section, field, unit_value,
         source_value, contested) values ($1, $2, 'population', 'identity', $3, 'x', 'y', false)`,
      [n, id, field],
    );
  }
  const last = await quality(node);
  expect(badOf(last.figures)).toEqual({ ...late, unified: 1, correct: 2 });
  expect(countedOf(last.figures)['correct']).toBe(3);

  // the night's report carries them, and each night is kept
  await reportTotals(node);
  const reported = await reportedFigures(hub.database.db, qualityFigure);
  expect(reported.map(({ key, value }) => ({ key, value }))).toEqual(
    sharesToFigures(sharesOf(last.figures)).toSorted((x, y) => (x.key < y.key ? -1 : 1)),
  );
  const nights = await readQualityDays(node.database.db, { days: 5 });
  expect(sharesOf(nights)).toEqual(sharesOf(last.figures));
  await reportTotals(node);
  expect(await readQualityDays(node.database.db, { days: 5 })).toEqual(nights);
});
