/** I3, I11, I12: chains of batches and of checkpoints, link by link, with receipts for what is kept. */
import { hash } from 'node:crypto';

import { type Checkpoint, hex } from '../messages.ts';
import type { Place } from '../node/state.ts';
import type { World } from '../world.ts';

export function checkChains(world: World, place: Place): void {
  checkOutbox(world, place);
  checkCheckpoints(world, place);
}

function checkOutbox({ hub, observer }: World, { agency, outbox, machine }: Place): void {
  const { history } = observer;
  let before = '';
  for (let seq = 1n; seq <= BigInt(outbox.size); seq += 1n) {
    const own = outbox.get(seq);
    const theirs = hub.inbox.get(`${agency}/${seq}`);
    if (own === undefined || theirs === undefined) {
      history.violate('I2', `${machine.name} has a hole at ${seq}`);
      return;
    }
    const same = hex(own.headerHash);
    if (hex(theirs.headerHash) !== same) history.violate('I3', `${agency}/${seq} is two batches`);
    if (hex(own.header.body.prevHash) !== before) history.violate('I2', `${seq} is not chained`);
    const receipt = own.receipt?.body;
    const isOfIt = receipt?.seq === seq && hex(receipt.headerHash) === same;
    if (!isOfIt) history.violate('I12', `${machine.name}/${seq} has no receipt of its own`);
    before = same;
  }
}

function checkCheckpoints({ observer }: World, { machine, checkpoints }: Place): void {
  const kept = [...checkpoints.values()].toSorted(
    (a, b) => Number(a.hubIncarnation - b.hubIncarnation) || Number(a.number - b.number),
  );
  for (const [i, one] of kept.entries()) {
    const last = kept[i - 1];
    const goesOn = last?.hubIncarnation === one.hubIncarnation;
    if (goesOn && (one.number !== last.number + 1n || hex(one.prevHash) !== hashOf(last))) {
      observer.history.violate('I11', `${machine.name}: checkpoint ${one.number} does not follow`);
    }
  }
}

const hashOf = ({ hubIncarnation, number, prevHash, root }: Checkpoint): string =>
  hash('sha256', `${hubIncarnation} ${number} ${hex(prevHash)} ${root}`, 'hex');
