import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { party } from '@lienthong/shared-schema/catalogue/career.ts';
import { expect, test } from 'vitest';

import { openScratch } from '../../../test/services/scratch.ts';
import {
  citizens,
  openStandIn,
  type StandIn,
  type StandInFault,
} from '../../../test/support/stand-in-reference.ts';
import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit, person, pinOf } from '../../../test/support/test-records.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import { listRuns } from '../db/reference-runs.ts';
import { listSources } from '../db/reference-sources.ts';
import { failuresMax } from '../protocol/reference-pace.ts';
import { openReferenceSource, type ReferenceSource } from '../reference/reference-source.ts';
import { runReference } from './run-reference.ts';
import { setPolicy } from './set-policy.ts';

type Setting = Partial<Parameters<typeof openReferenceSource>[0]>;

const sourceAt = async ({ url }: StandIn, setting: Setting = {}): Promise<ReferenceSource> =>
  await openReferenceSource({
    name: 'population',
    url,
    keyFile: '',
    callsPerMinute: 600_000,
    firstPauseMs: 1,
    validDays: 30,
    timeoutMs: 10_000,
    ...setting,
  });

const fields = (n: number) => ({
  'identity.full_name': `Người Thử ${n}`,
  'identity.birth_date': '1980-05',
  'identity.sex': '1',
  'identity.ethnic_group': '01',
});

/** A hub whose unit has so many people, and a source that knows them all as they are. */
async function openWith(people: number, agency = 'H52') {
  const hub = await openTestHub();
  const unit = await openUnit(hub, agency, people, 0);
  const standIn = await openStandIn('population');
  for (let n = 1; n <= people; n++) standIn.people.set(pinOf(n), fields(n));
  return {
    hub,
    unit,
    standIn,
    async [Symbol.asyncDispose]() {
      await standIn[Symbol.asyncDispose]();
      await hub[Symbol.asyncDispose]();
    },
  };
}

async function openUnit(hub: TestHub, agency: string, people: number, from: number) {
  const unit = await enrolTestUnit(hub, agency);
  const numbers = Array.from({ length: people }, (_, i) => from + i + 1);
  await unit.send([orgUnit(1_000_000 + from, agency), ...numbers.map((n) => atUnit(agency, n))]);
  return unit;
}

const atUnit = (agency: string, n: number, options: Parameters<typeof person>[2] = {}) =>
  person(n, pinOf(n), { unit: agency, ...options });

const statesOf = async (hub: TestHub) =>
  Object.fromEntries(
    await rowsOf(hub, 'select state, count(*) from reference.comparison group by state'),
  );

const faultsOf = async ({ database }: TestHub) =>
  (await listSources(database.db)).map((one) => [one.failures, one.lastFault]);

test('a run that is cut off goes on behind its last page and asks for nobody whose answer is stored', async () => {
  await using made = await openWith(23);
  const { hub, standIn } = made;
  const source = await sourceAt(standIn);
  const stop = new AbortController();
  standIn.onCall = async () => {
    if (standIn.calls.length === 3) stop.abort();
  };
  const cut = runReference(hub, source, { pageMax: 5, signal: stop.signal });
  await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
  expect(await statesOf(hub)).toEqual({ MATCHED: 15n });
  expect(await listRuns(hub.database.db)).toMatchObject([{ compared: 15n, finishedAt: null }]);
  standIn.onCall = undefined;
  const before = standIn.calls.length;
  expect(await runReference(hub, source, { pageMax: 5 })).toMatchObject({ asked: 8, compared: 8 });
  expect(standIn.calls.slice(before).flatMap((call) => call.pins)).toEqual(
    [16, 17, 18, 19, 20, 21, 22, 23].map((n) => pinOf(n)),
  );
  const [run] = await listRuns(hub.database.db);
  expect(run).toMatchObject({ compared: 23n, doneTo: null });
  expect(run?.finishedAt).toBeInstanceOf(Date);
  // only what is compared is kept of anybody
  const kept = await rowsOf(
    hub,
    'select distinct jsonb_object_keys(fields) from reference.answer order by 1',
  );
  expect(kept.flat()).toEqual(Object.keys(fields(1)).toSorted());
  // once the answers are too old everybody is due
  hub.clock.now = new Date(hub.now().getTime() + 31 * 86_400_000);
  expect(await runReference(hub, source)).toMatchObject({ asked: 23, compared: 23 });
});

test('two processes keep one pace together', async () => {
  await using made = await openWith(8);
  const { hub, standIn } = made;
  await openUnit(hub, 'H53', 8, 100);
  await using second = await openTestHub({ url: hub.url });
  // ten a second, five of them at once
  const pace = { callsPerMinute: 600 };
  const run = async (at: TestHub, agency: string) =>
    await runReference(at, await sourceAt(standIn, pace), { agency, pageMax: 1 });
  const results = await Promise.all([run(hub, 'H52'), run(second, 'H53')]);
  expect(results.map((one) => one.asked)).toEqual([8, 8]);
  const times = standIn.calls.map((call) => call.atMs).toSorted((a, b) => a - b);
  expect(times.length).toBe(16);
  for (const [i, time] of times.entries()) {
    const within = times.slice(0, i + 1).filter((one) => time - one <= 500).length;
    expect(within).toBeLessThanOrEqual(5 + 5 + 1);
  }
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000);
  // and a unit is compared by one of them at a time
  let both: Promise<unknown> | undefined;
  standIn.onCall = async () => {
    standIn.onCall = undefined;
    both = run(second, 'H52');
    await both;
  };
  const fresh = { agency: 'H52', fresh: true };
  expect(await runReference(hub, await sourceAt(standIn), fresh)).toMatchObject({
    elsewhere: [],
    compared: 8,
  });
  expect(await both).toMatchObject({ elsewhere: ['H52'], asked: 0 });
});

test('a source that is busy, slow, cut off or talks nonsense is asked again, and nothing of it is taken', async () => {
  await using made = await openWith(3);
  const { hub, standIn } = made;
  const source = await sourceAt(standIn, { timeoutMs: 400 });
  const stranger = citizens([pinOf(999)], new Map([[pinOf(999), fields(999)]]));
  const bomb = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>';
  const huge = `<a>${'x'.repeat(5 * 1024 * 1024)}</a>`;
  const rounds: readonly (readonly StandInFault[])[] = [
    [{ kind: 'busy', retryAfterS: 0 }, { kind: 'status', status: 500 }, { kind: 'cut' }],
    [{ kind: 'silent' }, { kind: 'body', body: '' }, { kind: 'body', body: '<html>…</html>' }],
    [
      { kind: 'body', body: bomb },
      { kind: 'body', body: huge },
      { kind: 'body', body: stranger },
    ],
  ];
  for (const faults of rounds) {
    standIn.faults.push(...faults);
    expect(await runReference(hub, source, { fresh: true })).toMatchObject({ compared: 3 });
    expect(standIn.faults).toEqual([]);
    expect(await faultsOf(hub)).toEqual([[0, null]]);
  }
  expect(await statesOf(hub)).toEqual({ MATCHED: 3n });
  expect(hub.logged()).not.toMatch(/Người Thử|00108000000/u);
});

test('a source that does not answer again and again is left alone, and asked in its time', async () => {
  await using made = await openWith(3);
  const { hub, standIn } = made;
  standIn.faults.push(
    ...Array.from({ length: failuresMax }, () => ({ kind: 'status', status: 502 }) as const),
  );
  await expect(runReference(hub, await sourceAt(standIn))).rejects.toMatchObject({
    code: 'HUB_REFERENCE_AWAY',
  });
  expect(await faultsOf(hub)).toEqual([[failuresMax, 'HTTP 502']]);
  // nobody waits for it: by the next pause it would be asked in an hour
  await hub.database.pool.query(
    'update reference.source set blocked_until_ms = extract(epoch from now()) * 1000 + 3600000',
  );
  await expect(runReference(hub, await sourceAt(standIn))).rejects.toMatchObject({
    code: 'HUB_REFERENCE_AWAY',
    message: expect.stringContaining('60 minutes'),
  });
  expect(standIn.calls).toEqual([]);
  await hub.database.pool.query('update reference.source set blocked_until_ms = 0');
  expect(await runReference(hub, await sourceAt(standIn))).toMatchObject({ compared: 3 });
  expect(await faultsOf(hub)).toEqual([[0, null]]);
});

test('the key goes along, and a source that does not take it is not asked again', async () => {
  await using made = await openWith(1);
  const { hub, standIn } = made;
  await using folder = await openScratch();
  const keyFile = join(folder.path, 'key');
  await writeFile(keyFile, 'matkhauthu\n');
  const source = await sourceAt(standIn, { keyFile });
  standIn.faults.push({ kind: 'status', status: 401 });
  await expect(runReference(hub, source)).rejects.toMatchObject({ code: 'HUB_REFERENCE_DENIED' });
  expect(standIn.keys).toEqual(['Bearer matkhauthu']);
  expect(hub.logged()).not.toContain('matkhauthu');
  await expect(sourceAt(standIn, { keyFile: `${keyFile}.no` })).rejects.toMatchObject({
    code: 'HUB_REFERENCE_KEY',
  });
  // what no header can carry is said here, and not called a source that does not answer
  for (const text of ['', '\n', 'mat\nkhau', 'mật khẩu']) {
    await writeFile(keyFile, text);
    await expect(sourceAt(standIn, { keyFile })).rejects.toMatchObject({
      code: 'HUB_REFERENCE_KEY',
    });
  }
  for (const url of ['http://dancu.example.vn/', 'file:///etc/passwd', 'dancu.example.vn']) {
    await expect(sourceAt(standIn, { url })).rejects.toMatchObject({
      code: 'HUB_REFERENCE_NOT_SET',
    });
  }
  await expect(runReference(hub, source, { agency: 'H99' })).rejects.toMatchObject({
    code: 'HUB_UNIT_INACTIVE',
  });
});

test('what the unit changes while the source is asked is not called compared', async () => {
  await using made = await openWith(3);
  const { hub, unit, standIn } = made;
  const source = await sourceAt(standIn);
  standIn.onCall = async () => {
    standIn.onCall = undefined;
    await unit.send([atUnit('H52', 2, { version: 2, fields: { sex: '0' } })]);
  };
  expect(await runReference(hub, source)).toMatchObject({
    asked: 3,
    compared: 2,
    states: { MATCHED: 2 },
  });
  expect(await runReference(hub, source)).toMatchObject({ asked: 0, compared: 1, corrections: 1 });
  // a change of what is not compared makes nothing stale, one of what is does; whoever left is let be
  await unit.send([
    atUnit('H52', 1, { version: 2, fields: { other_names: 'Tên khác' } }),
    atUnit('H52', 3, { version: 2, fields: { full_name: 'Tên Mới' } }),
  ]);
  expect(await statesOf(hub)).toEqual({ MATCHED: 1n, DIFFERS: 1n, STALE: 1n });
  await unit.send([atUnit('H52', 3, { version: 3, status: '3' })]);
  expect(await runReference(hub, source)).toMatchObject({ asked: 0, compared: 0 });
});

test('what a policy seals is compared with nothing from then on, and no value of it stays', async () => {
  await using hub = await openTestHub();
  await using standIn = await openStandIn('plain');
  const unit = await enrolTestUnit(hub, 'H52');
  const member = { more: { party: [{ admitted_on: '2001-01-01', card_no: '11 222' }] } };
  const numbers = [1, 2, 3, 4];
  await unit.send([orgUnit(9, 'H52'), ...numbers.map((n) => atUnit('H52', n, member))]);
  for (const n of numbers) {
    standIn.people.set(pinOf(n), { 'party.admitted_on': '2001-02-01', 'party.card_no': '11222' });
  }
  const source = await sourceAt(standIn, { name: 'party' });
  // in the middle of a run, which began under the policy before
  standIn.onCall = async (pins) => {
    if (pins.includes(pinOf(3))) await setPolicy(hub, new Map([[party.tag, 'unit']]));
  };
  expect(await runReference(hub, source, { pageMax: 2 })).toMatchObject({
    compared: 2,
    corrections: 2,
  });
  standIn.onCall = undefined;
  expect(await rowsOf(hub, 'select id from reference.correction')).toEqual([]);
  expect(await statesOf(hub)).toEqual({ STALE: 2n });
  const { comparisons } = (await unit.pull()).content;
  expect(comparisons.map((one) => [one.state, one.corrections])).toEqual([
    ['STALE', []],
    ['STALE', []],
  ]);
  expect(await runReference(hub, source)).toMatchObject({ sealed: true, asked: 0, compared: 0 });
});

test('answers above the limits make a batch unreadable', async () => {
  await using made = await openWith(1);
  const { hub, unit } = made;
  const answer = { recordId: 'x', correction: 'none', contested: true };
  await unit.send([], { answers: [{ ...answer, reason: 'chữ'.repeat(100) }] });
  expect(await rowsOf(hub, 'select status from registry.unit')).toEqual([['active']]);
  await unit.send([], { answers: [{ ...answer, reason: 'x'.repeat(4_001) }] });
  expect(await rowsOf(hub, 'select status from registry.unit')).toEqual([['frozen']]);
  // an index has no room for such an id, and without a bound the batch would never be applied
  const second = await enrolTestUnit(hub, 'H53');
  const id = randomBytes(5_000).toString('hex');
  await second.send([], { answers: [{ ...answer, correction: id, reason: '' }] });
  expect(await rowsOf(hub, "select status from registry.unit where agency = 'H53'")).toEqual([
    ['frozen'],
  ]);
});
