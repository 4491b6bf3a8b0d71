/** Comparing with a reference source as operators do it: command lines, processes, one of them killed. */
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';

import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { loadPopulation } from '../constellation/load-population.ts';
import { runCommand, spawnProgram } from '../constellation/processes.ts';
import { openScratch } from '../services/scratch.ts';
import { openStandIn, type StandInPerson } from '../support/stand-in-reference.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

/** What the source says of everybody at the node, as the node has it. */
async function peopleAt(url: string): Promise<ReadonlyMap<string, StandInPerson>> {
  await using database = openDatabase(url, { max: 1, applicationName: 'test' });
  const { rows } = await database.pool.query<{ pin: string; told: StandInPerson }>(
    `select pin, jsonb_build_object('identity.full_name', full_name, 'identity.birth_date', birth_date,
       'identity.sex', sex, 'identity.ethnic_group', ethnic_group) as told
     from profile.identity join profile.employment using (record_id) where status = '1'`,
  );
  return new Map(rows.map(({ pin, told }) => [pin, told]));
}

test('a comparison that is killed goes on, and what differs is settled by the people of the unit', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const standIn = stack.use(await openStandIn('population'));
  const constellation = await openTestConstellation(stack, folder.path);
  const { hub } = constellation;
  const node = await constellation.addNode('H52');
  await loadPopulation(node.databaseUrl, {
    agency: 'H52',
    size: 260,
    seed: 12,
    today: '2026-11-01',
  });
  await node.run(['sync']);
  const people = await peopleAt(node.databaseUrl);
  for (const [pin, told] of people) standIn.people.set(pin, told);
  const [first = '', second = ''] = people.keys();
  for (const pin of [first, second]) {
    const told = standIn.people.get(pin);
    const [year] = told === undefined || told === 'withheld' ? [] : [told['identity.birth_date']];
    const birthDate = `${year?.slice(0, 4) ?? ''}-12-31`;
    standIn.people.set(pin, { 'identity.birth_date': birthDate });
  }
  const env = { ...hub.env, HUB_REFERENCE_POPULATION_URL: standIn.url };
  const onHub = (args: readonly string[]) => runCommand({ side: 'hub', args, env });
  const run = ['reference', 'run', 'population', '--agency', 'H52'];

  expect((await onHub(['reference', 'run', 'party'])).stderr).toContain('HUB_REFERENCE_NOT_SET');
  const stderr = openSync(join(folder.path, 'killed.log'), 'w');
  const killed = spawnProgram({ side: 'hub', args: run, env, stderr });
  standIn.onCall = async () => {
    if (standIn.calls.length === 2) killed.kill('SIGKILL');
  };
  await once(killed, 'exit');
  standIn.onCall = undefined;
  expect((await onHub(['reference', 'status'])).json).toMatchObject({
    runs: [{ agency: 'H52', compared: '200', finishedAt: null }],
  });
  const finished = await onHub(run);
  expect(finished.json).toMatchObject({
    asked: people.size - 200,
    compared: people.size - 200,
  });
  const { json: status } = await onHub(['reference', 'status']);
  expect(status).toMatchObject({
    sources: [{ name: 'population', setUp: true }, { setUp: false }, { setUp: false }],
    runs: [{ compared: String(people.size), finishedAt: expect.any(String) }],
    states: [
      { state: 'DIFFERS', records: '2' },
      { state: 'MATCHED', records: String(people.size - 2) },
    ],
  });

  await node.run(['sync']);
  const { corrections } = (await node.run(['corrections', 'list'])) as {
    corrections: readonly { id: string }[];
  };
  const [one = { id: '' }, other = { id: '' }] = corrections;
  expect(corrections).toHaveLength(2);
  const nobody = await node.tryRun(['corrections', 'accept', 'ffffffffffffffff']);
  expect([nobody.code, nobody.stderr]).toEqual([
    2,
    expect.stringContaining('NODE_CORRECTION_UNKNOWN'),
  ]);
  await node.run(['corrections', 'accept', one.id, '--as', 'Phòng tổ chức']);
  const reason = ['--reason', 'theo giấy khai sinh gốc'];
  await node.run(['corrections', 'contest', other.id, '--as', 'Phòng tổ chức', ...reason]);
  await node.run(['sync']);
  await onHub(run);
  await node.run(['sync']);
  expect((await onHub(['corrections', 'H52', '--contested'])).json).toMatchObject({
    counts: [{ agency: 'H52', open: '1', contested: '1' }],
    corrections: [{ id: other.id, path: 'identity.birth_date', reason: reason[1] }],
  });
  expect((await onHub(['corrections', 'show', other.id])).json).toMatchObject({ agency: 'H52' });
  expect(await node.run(['corrections', 'list', '--all'])).toMatchObject({
    records: [
      { state: 'DIFFERS', records: '1' },
      { state: 'MATCHED', records: String(people.size - 1) },
    ],
    corrections: [{ id: other.id, standing: 'contested' }],
  });
});
