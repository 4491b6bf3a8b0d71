import { expect, test } from 'vitest';

import { openTestHub, rowsOf } from '../../../test/support/test-hub.ts';
import { change, gone, orgUnit, person } from '../../../test/support/test-records.ts';
import { certifyTestUnit, serveTestHub, TestClient } from '../../../test/support/test-server.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import { applyBatches } from '../sync/apply-batches.ts';

const pins = ['001080777001', '001080777002', '00108077700X'];
const names = ['Nguyễn Văn Riêng', 'Trần Thị Tư', 'Lê Kín'];
const [pin1 = '', pin2 = '', badPin = ''] = pins;
const [name1 = '', name2 = '', name3 = ''] = names;

test('nothing of a person is in the log or in an answer, whatever goes wrong', async () => {
  await using hub = await openTestHub({ logLevel: 'debug' });
  await using server = await serveTestHub(hub);
  const unit = await enrolTestUnit(hub);
  using client = new TestClient(hub, server, await certifyTestUnit(hub, 'H52'));
  const answers: Buffer[] = [];
  const post = async (body: Uint8Array): Promise<number> => {
    const answer = await client.call({ method: 'POST', path: '/sync/v1/batches', body });
    answers.push(answer.body);
    return answer.status;
  };
  // quarantined, healed, exchanged, deleted: the ordinary life
  await unit.send([
    orgUnit(1, 'H52'),
    orgUnit(2, 'H52.01', { name: 'Đơn vị của Lê Kín' }),
    person(16, pin1, { fields: { full_name: name1 } }),
    person(17, pin1, { fields: { full_name: name2 } }),
    person(18, badPin, { fields: { full_name: name3, birth_date: 'born on a day' } }),
  ]);
  await unit.send([change(18, 2, { salary: [] }), gone(16, 2)]);

  // a database that says the row aloud
  await rowsOf(
    hub,
    `create function talk() returns trigger language plpgsql as $$
       begin raise exception 'cannot store % of %', new.pin, new.full_name
         using errcode = 'XX000', detail = new.full_name, hint = new.pin; end $$`,
  );
  await rowsOf(
    hub,
    'create trigger talk before insert on national.identity for each row execute function talk()',
  );
  const loud = person(19, pin2, { fields: { full_name: name2 } });
  expect(await post((await unit.seal({ records: [loud] })).frame())).toBe(200);
  const failure: unknown = await applyBatches(hub, 'H52').catch((error: unknown) => error);
  expect(String(failure)).toContain(pin2);
  // as the workers and the sweep log what a job throws
  hub.log.warn({ err: failure }, 'sweep failed');
  hub.log.error({ err: new Error('the job failed', { cause: failure }) }, 'queue');
  await rowsOf(hub, 'drop trigger talk on national.identity');
  await applyBatches(hub, 'H52');

  // the same from inside a request: the archive complains about the bytes it was given
  await rowsOf(
    hub,
    `create function leak() returns trigger language plpgsql as $$
       begin raise exception 'row % of ${name1}', new.seq using detail = '${pin1}'; end $$`,
  );
  await rowsOf(
    hub,
    'create trigger leak before insert on sync.inbox for each row execute function leak()',
  );
  const next = await unit.makeBatch(unit.seq + 1n, unit.headHash, { records: [loud] });
  expect(await post(next.frame())).toBe(500);
  await rowsOf(hub, 'drop trigger leak on sync.inbox');
  // bytes of people where a message is expected
  expect(await post(Buffer.from(`${pin1} ${name1}`))).toBe(400);
  const wrong = { path: `/sync/v1/feed?after=${pin1}x`, method: 'GET' };
  answers.push((await client.call(wrong)).body);
  // a batch that nobody can read, with people in its rows
  const broken = await unit.seal({ records: [loud, loud] });
  expect(await post(broken.frame())).toBe(200);
  await applyBatches(hub, 'H52');

  const logged = hub.logged();
  for (const message of ['sweep failed', 'request failed', 'request refused', 'unit frozen']) {
    expect(logged).toContain(message);
  }
  const told = `${logged}${Buffer.concat(answers).toString()}`;
  for (const secret of [...pins, ...names]) expect(told).not.toContain(secret);
  const kept = await rowsOf(hub, 'select frozen_reason from registry.unit');
  expect(JSON.stringify(kept)).toMatch(/UNREADABLE/u);
  for (const secret of [...pins, ...names]) expect(JSON.stringify(kept)).not.toContain(secret);
});
