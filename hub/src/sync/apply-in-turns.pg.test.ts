import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit, person } from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { applyInTurns, openApplyLine } from './apply-in-turns.ts';

/** Pushes so many batches of one record each; nothing is applied. */
async function fill(unit: TestUnit, batches: number): Promise<void> {
  const id = Number(unit.agency.slice(1));
  for (let n = 1; n <= batches; n++) {
    await unit.push(await unit.seal({ records: [orgUnit(id, unit.agency, { version: n })] }));
  }
}

/** Agencies in the order in which their batches were applied. */
async function orderApplied(hub: TestHub): Promise<readonly string[]> {
  const rows = await rowsOf(
    hub,
    'select agency from sync.inbox where applied_at is not null order by applied_at, agency, seq',
  );
  return rows.map(([agency]) => String(agency));
}

const light = Array.from({ length: 20 }, (_, n) => `H${30 + n}`);

test(
  'I15: beside one unit with a hundred times their load the others lose less than a tenth',
  { timeout: 180_000 },
  async () => {
    await using hub = await openTestHub();
    const each = 2;
    await fill(await enrolTestUnit(hub, 'G09'), 100 * each);
    for (const agency of light) await fill(await enrolTestUnit(hub, agency), each);
    // the heavy one rings first, and its name is first in order: nothing but the turns holds it back
    const stop = new AbortController();
    const run = applyInTurns(hub, openApplyLine(), 'G09', stop.signal);
    const left = `select 1 from sync.inbox where applied_at is null and agency <> 'G09'`;
    while ((await rowsOf(hub, left)).length > 0) await sleep(50);
    stop.abort();
    const applied = await run;
    expect(light.map((agency) => applied.get(agency))).toEqual(light.map(() => each));
    const order = await orderApplied(hub);
    const workUntilOthersEnd = order.findLastIndex((agency) => agency !== 'G09') + 1;
    const workWithoutHeavy = light.length * each;
    expect(workWithoutHeavy / workUntilOthersEnd).toBeGreaterThan(0.9);
  },
);

test('what arrives while others are worked on has its turn next, and two runs share the line', async () => {
  await using hub = await openTestHub();
  const heavy = await enrolTestUnit(hub, 'G09');
  const late = await enrolTestUnit(hub, 'H52');
  await fill(heavy, 30);
  const line = openApplyLine();
  const runs = [1, 2].map(() => applyInTurns(hub, line, 'G09'));
  while ((await orderApplied(hub)).length < 3) await new Promise((done) => setImmediate(done));
  await fill(late, 1);
  const before = (await orderApplied(hub)).length;
  const applied = await Promise.all(runs);
  expect(applied.reduce((sum, one) => sum + (one.get('G09') ?? 0), 0)).toBe(30);
  expect(applied.reduce((sum, one) => sum + (one.get('H52') ?? 0), 0)).toBe(1);
  // one may have been in the middle of a batch when it was looked at, and in the next when it came
  expect((await orderApplied(hub)).indexOf('H52')).toBeLessThanOrEqual(before + 2);
});

test('a unit whose batch fails costs the others nothing, and is tried again after a pause', async () => {
  await using hub = await openTestHub();
  for (const agency of ['G09', 'H52']) await fill(await enrolTestUnit(hub, agency), 2);
  await hub.database.pool.query(`
    create or replace function fail_turn() returns trigger language plpgsql as
      $$ begin if new.agency = 'G09' then raise exception 'disk trouble on purpose'; end if; return new; end $$;
    create trigger fail_turn before insert on national.org_unit for each row execute function fail_turn()`);
  const line = openApplyLine();
  try {
    expect(Object.fromEntries(await applyInTurns(hub, line, 'H52'))).toEqual({ H52: 2 });
    expect(hub.logged()).toContain('a batch could not be applied');
    expect((await applyInTurns(hub, line, 'G09')).size).toBe(0);
    hub.clock.now = new Date(hub.clock.now.getTime() + 6_000);
    await expect(applyInTurns(hub, line, 'G09')).rejects.toThrow('disk trouble on purpose');
  } finally {
    await hub.database.pool.query('drop trigger fail_turn on national.org_unit');
  }
  hub.clock.now = new Date(hub.clock.now.getTime() + 6_000);
  expect(Object.fromEntries(await applyInTurns(hub, line, 'G09'))).toEqual({ G09: 2 });
});

test('a unit that another process is at work for is left to it, and the run ends', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'G09');
  await fill(unit, 1);
  const client = await hub.database.pool.connect();
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(hashtextextended('apply G09', 0))`);
  expect((await applyInTurns(hub, openApplyLine(), 'G09')).size).toBe(0);
  await client.query('rollback');
  client.release();
  await unit.push(await unit.seal({ records: [person(16, '001080000001')] }));
  expect(Object.fromEntries(await applyInTurns(hub, openApplyLine(), 'G09'))).toEqual({ G09: 2 });
});
