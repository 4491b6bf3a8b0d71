/** People and programs that write at a unit: whatever they like, whenever they like. */
import {
  chance,
  integerIn,
  oneOf,
  type Random,
  randomStream,
} from '@lienthong/shared-schema/population/random.ts';

import { transact } from './engine.ts';
import type { Sections } from './messages.ts';
import { logChange, type Place } from './node/state.ts';
import type { Write } from './observer.ts';
import type { World } from './world.ts';

const recordsAUnit = 5;

class RolledBack extends Error {}

/** One transaction of one to three changes; a tenth of them is rolled back. */
export function writeSomething(world: World, place: Place, draw: number): void {
  const random = randomStream(draw, 2);
  const isRolledBack = chance(random, 0.1);
  const writes: Write[] = [];
  try {
    transact(place.machine, 'node write', () => {
      const count = integerIn(random, { min: 1, max: 3 });
      for (let i = 0; i < count; i++) writes.push(changeOne(world, place, random, `${draw}.${i}`));
      if (isRolledBack) throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    world.shape('write rolled back');
    world.observer.rolledBack(writes.flatMap(({ sections }) => valuesOf(sections, draw)));
    return;
  }
  for (const write of writes) world.observer.wrote(place, write);
}

/** The values that this draw made. */
const valuesOf = (sections: Sections | undefined, draw: number): readonly string[] =>
  Object.values(sections ?? {}).filter((value) => value.includes(` ${draw}.`));

function changeOne(world: World, place: Place, random: Random, label: string): Write {
  const recordId = recordOf(world, place, random);
  const before = place.profile.get(recordId);
  if (before === undefined) {
    world.shape(place.sent.has(recordId) ? 'deleted and made again' : 'record made');
    return make(world, place, { recordId, random, label });
  }
  if (chance(random, 0.15)) {
    world.shape('record deleted');
    return { recordId, tags: removeRecord(place, recordId), sections: undefined };
  }
  const tag = oneOf(random, [10, 11, 11, 12, 20]);
  const after: Record<number, string> = { ...before };
  if (tag !== 10 && chance(random, 0.15)) Reflect.deleteProperty(after, tag);
  else after[tag] = valueOf(world, place, { recordId, random, label, tag });
  logChange(place, recordId, tag);
  place.profile.set(recordId, after);
  return { recordId, tags: [tag], sections: after };
}

/** A record takes its sections along, and each of them is captured. */
function removeRecord(place: Place, recordId: string): readonly number[] {
  const tags = [0, ...Object.keys(place.profile.get(recordId) ?? {}).map(Number)];
  place.profile.delete(recordId);
  for (const tag of tags) logChange(place, recordId, tag);
  return tags;
}

type Making = { readonly recordId: string; readonly random: Random; readonly label: string };

function make(world: World, place: Place, making: Making): Write {
  const sections: Record<number, string> = {};
  for (const tag of [10, 11, 12, 20]) {
    if (tag !== 10 && chance(making.random, 0.3)) continue;
    sections[tag] = valueOf(world, place, { ...making, tag });
    logChange(place, making.recordId, tag);
  }
  logChange(place, making.recordId, 0);
  place.profile.set(making.recordId, sections);
  const tags = [0, ...Object.keys(sections).map(Number)];
  return { recordId: making.recordId, tags, sections };
}

/** Mostly one's own; now and then one that another unit may have. */
function recordOf(world: World, place: Place, random: Random): string {
  const number = integerIn(random, { min: 1, max: recordsAUnit });
  const isForeign = world.hub.units.size > 1 && chance(random, 0.02);
  if (!isForeign) return `${place.agency}-${number}`;
  world.shape('record of another unit written');
  return `${oneOf(random, [...world.hub.units.keys()])}-${number}`;
}

/** Every value is another one. A `!` is what the hub refuses; a shared PIN may be held elsewhere. */
function valueOf(
  world: World,
  { agency }: Place,
  { recordId, random, label, tag }: Making & { readonly tag: number },
): string {
  const bad = chance(random, 0.04) ? '!' : '';
  const salt = world.saltOf(agency);
  if (tag !== 10) return `s${tag}${bad}${salt} ${label}`;
  const shared = chance(random, 0.06);
  if (shared) world.shape('shared PIN');
  return `${shared ? 'pin-shared' : `pin-${recordId}`} ${bad}${salt} ${label}`;
}

/** Records of the unit whose newest version the hub refused: the tasks of its people. */
export function refusedRecords({ verdicts, sent, profile }: Place): readonly string[] {
  return [...verdicts.values()]
    .filter(({ recordId, version }) => sent.get(recordId)?.version === version)
    .map(({ recordId }) => recordId)
    .filter((recordId) => profile.has(recordId));
}

/** The people of a unit mend what the hub refuses, and take out what is not theirs. */
export function mend(world: World, place: Place): void {
  const refused = refusedRecords(place);
  const foreign = [...place.profile.keys()].filter((id) => !id.startsWith(`${place.agency}-`));
  const writes = transact(place.machine, 'node write', () => {
    const made: Write[] = [];
    for (const recordId of foreign) {
      made.push({ recordId, tags: removeRecord(place, recordId), sections: undefined });
    }
    for (const recordId of refused) {
      const before = place.profile.get(recordId);
      if (before === undefined || place.log.size > 0) continue;
      const good = `${place.machine.name} ${world.engine.now}`;
      const sections = Object.fromEntries(
        Object.entries(before).map(([tag, row]) => [
          tag,
          tag === '10' ? `pin-${recordId} mended ${good}` : row.replaceAll('!', ' mended '),
        ]),
      );
      place.profile.set(recordId, sections);
      const tags = Object.keys(before).map(Number);
      for (const tag of tags) logChange(place, recordId, tag);
      made.push({ recordId, tags, sections });
    }
    return made;
  });
  for (const write of writes) world.observer.wrote(place, write);
}
