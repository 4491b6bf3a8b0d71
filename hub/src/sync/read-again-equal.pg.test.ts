import { isDeepStrictEqual } from 'node:util';

import {
  type Random,
  chance,
  integerIn,
  oneOf,
  randomStream,
} from '@lienthong/shared-schema/population/random.ts';
import type { Block } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { olderCatalogue, type Unknown } from '../../../test/support/older-catalogue.ts';
import { heldFaults, openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import {
  blocksOf,
  change,
  gone,
  orgUnit,
  person,
  pinOf,
  type TestRecord,
} from '../../../test/support/test-records.ts';
import { enrolTestUnit } from '../../../test/support/test-unit.ts';
import { applyBatches } from './apply-batches.ts';

const oldest: Unknown = {
  sections: ['reward', 'insurance'],
  fields: { identity: ['religion', 'home_town'] },
};
const older: Unknown = { fields: { identity: ['religion'], reward: ['form'] } };
/** What the hub does not know, and for how many batches: a catalogue only grows. */
const phases = [
  { unknown: oldest, batches: 9 },
  { unknown: older, batches: 7 },
  { unknown: {}, batches: 3 },
];

type Batch = { readonly blocks: readonly Block[]; readonly recordCount: number };

/** Changes of a few people as they may come in any order: stale, bad in what all know, gone, back. */
function randomBatch(random: Random, versions: Map<number, number>): Batch {
  const people = [16, 17, 18, 19, 20, 21].filter(() => chance(random, 0.4));
  const records = people.map((n) => randomRecord(random, n, nextVersion(random, n, versions)));
  // a unit that went back to an older release has not all columns
  using _ = olderCatalogue(chance(random, 0.2) ? { fields: { identity: ['religion'] } } : {});
  return { blocks: blocksOf(records), recordCount: records.length };
}

function nextVersion(random: Random, n: number, versions: Map<number, number>): number {
  const last = versions.get(n) ?? 0;
  if (last > 2 && chance(random, 0.2)) return integerIn(random, { min: 1, max: last });
  versions.set(n, last + 1);
  return last + 1;
}

function randomRecord(random: Random, n: number, version: number): TestRecord {
  if (chance(random, 0.1)) return gone(n, version);
  const whole = person(n, pinOf(chance(random, 0.1) ? 99 : n), {
    version,
    fields: {
      sex: chance(random, 0.1) ? '7' : '1',
      religion: oneOf(random, ['01', '02']),
      home_town: `Quê ${version}`,
    },
    more: {
      reward: Array.from({ length: integerIn(random, { min: 0, max: 2 }) }, () => ({
        year: String(2000 + version),
        form: '1',
      })),
      insurance: chance(random, 0.5) ? [{ health_card_no: `A${version}` }] : [],
      salary: [{ step: String(1 + (version % 9)) }],
    },
  });
  if (version === 1 || chance(random, 0.25)) return whole;
  const named = Object.entries(whole.rows ?? {}).filter(
    ([section]) => section !== 'employment' && chance(random, 0.5),
  );
  return change(n, version, Object.fromEntries(named));
}

const state = async (hub: TestHub): Promise<unknown> => ({
  held: await heldFaults(hub, 'H52'),
  rows: await rowsOf(
    hub,
    `select r.record_id, r.version, r.seq, row_to_json(i)::text, row_to_json(s)::text,
       row_to_json(n)::text, g.pin,
       (select jsonb_agg(to_jsonb(w) order by ordinal)::text from national.reward w
         where w.record_id = r.record_id)
     from national.record r
     left join national.identity i using (record_id) left join national.salary s using (record_id)
     left join national.insurance n using (record_id) left join registry.identity g using (record_id)
     order by r.record_id`,
  ),
});

test.each([1, 2, 3])(
  'I5: a hub that learnt its catalogue late ends as one that knew all from the start (run %d)',
  async (run) => {
    const random = randomStream(7, run);
    await using late = await openTestHub();
    await using knowing = await openTestHub();
    const units = { late: await enrolTestUnit(late), knowing: await enrolTestUnit(knowing) };
    const tree = [orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })];
    await units.late.send(tree);
    await units.knowing.send(tree);
    const versions = new Map<number, number>();
    const differed: boolean[] = [];
    for (const { unknown, batches } of phases) {
      for (let i = 0; i < batches; i++) {
        const batch = randomBatch(random, versions);
        await units.knowing.send([], batch);
        using _ = olderCatalogue(unknown);
        await units.late.send([], batch);
      }
      differed.push(!isDeepStrictEqual(await state(late), await state(knowing)));
    }
    // else the run would show nothing
    expect(differed.slice(0, 2)).toEqual([true, true]);
    await applyBatches(late, 'H52');
    // what is held back was left alone, and comes whole
    const held = Object.keys(await heldFaults(late, 'H52')).map((n) => Number.parseInt(n, 16));
    const whole = held.map((n) => person(n, pinOf(n), { version: (versions.get(n) ?? 0) + 1 }));
    await units.knowing.send(whole);
    await units.late.send(whole);
    expect(await heldFaults(late, 'H52')).toEqual({});
    expect(await state(late)).toEqual(await state(knowing));
    expect(await rowsOf(late, 'select 1 from sync.unread_section')).toEqual([]);
  },
);
