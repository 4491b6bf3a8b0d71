/**
 * What must hold once all is quiet: the tables of hub and nodes against what really happened. It is
 * one function over a world, and shares no code with what it checks.
 */
import { sameSections, textOf } from '../fold.ts';
import type { Sections } from '../messages.ts';
import type { Place } from '../node/state.ts';
import type { World } from '../world.ts';
import { checkChains } from './chains.ts';
import { checkReceipts } from './receipts.ts';
import { refold } from './refold.ts';

/** Adds what does not hold to the violations of the history. */
export function check(world: World): void {
  checkFold(world);
  checkReceipts(world);
  for (const place of world.places) {
    if (place.machine.retired) continue;
    checkCapture(world, place);
    checkEquality(world, place);
    checkChains(world, place);
  }
}

/** I5, I9, I13: the hub has exactly what follows from what it accepted, and nothing else. */
function checkFold({ hub, observer }: World): void {
  const { history } = observer;
  const must = refold(history);
  const ids = new Set([...must.records.keys(), ...hub.national.keys()]);
  for (const recordId of ids) {
    const right = must.records.get(recordId);
    const is = hub.national.get(recordId);
    const fits =
      right?.agency === is?.agency &&
      right?.version === is?.version &&
      sameSections(right?.sections, is?.sections);
    if (fits) continue;
    const invariant = right?.agency === is?.agency ? 'I5' : 'I9';
    const what = `${textOf(is?.sections)}, must be ${textOf(right?.sections)}`;
    history.violate(invariant, `the hub's ${recordId} of ${is?.agency ?? '-'}: ${what}`);
  }
  const pins = new Map<string, string>();
  for (const { recordId, sections } of hub.national.values()) {
    const pin = sections[10]?.split(' ')[0] ?? '';
    const other = pins.get(pin);
    if (other !== undefined) history.violate('I9', `${other} and ${recordId} have ${pin}`);
    pins.set(pin, recordId);
  }
}

/** I1: what was committed is there. */
function checkCapture({ observer }: World, { machine, profile }: Place): void {
  const shadow = observer.history.shadowOf(machine.name);
  for (const recordId of new Set([...shadow.keys(), ...profile.keys()])) {
    const is = profile.get(recordId);
    const must = shadow.get(recordId);
    if (!sameSections(is, must)) {
      const what = `${recordId} at ${machine.name}: ${textOf(is)}, must be ${textOf(must)}`;
      observer.history.violate('I1', what);
    }
  }
}

/** I14: node, hub and mirror are equal. */
function checkEquality(
  { hub, observer }: World,
  { machine, agency, profile, mirror }: Place,
): void {
  const own = [...hub.national.values()].filter((record) => record.agency === agency);
  const atHub = new Map(own.map((record) => [record.recordId, record.sections]));
  const shown = (sections: Sections | undefined): Sections | undefined =>
    sections?.[10] === undefined ? undefined : sections;
  const ids = new Set([...atHub.keys(), ...profile.keys(), ...mirror.keys()]);
  for (const recordId of ids) {
    const sides = [
      shown(profile.get(recordId)),
      atHub.get(recordId),
      mirror.get(recordId)?.sections,
    ];
    const [node, ofHub, ofMirror] = sides.map(textOf);
    if (node === ofHub && ofHub === ofMirror) continue;
    const what = `node ${node}; hub ${ofHub}; mirror ${ofMirror}`;
    observer.history.violate('I14', `${recordId} of ${machine.name}: ${what}`);
  }
}
