/** Pulling, as in `node/src/sync/pull-feed.ts`: page and cursor in one transaction. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

import { point, type Task, transact } from '../engine.ts';
import {
  type Checkpoint,
  checkpointHash,
  hex,
  hubSigner,
  type Page,
  type PageContent,
  type Verdict,
} from '../messages.ts';
import { replaced } from '../sections.ts';
import type { World } from '../world.ts';
import { ask } from './ask.ts';
import { ensureHello } from './hello.ts';
import { keepProgress } from './push.ts';
import { logChange, type Place } from './state.ts';
import { Stop } from './stop.ts';

export function* pullFeed(world: World, place: Place): Task<void> {
  yield* ensureHello(world, place);
  let greetedAgain = false;
  for (;;) {
    const { cursor } = place.feed.row('feed');
    const page = yield* fetchPage(world, place, cursor);
    const decision = decide(world, place, page, cursor);
    if (decision.kind === 'refuse') throw new Stop('NODE_HUB_UNTRUSTED', 'feed page');
    if (decision.kind === 'hello-again') {
      world.shape('page of another incarnation');
      if (greetedAgain) throw new Stop('NODE_HUB_UNTRUSTED', 'hub incarnation');
      greetedAgain = true;
      place.session.ready = false;
      yield* ensureHello(world, place);
      continue;
    }
    const atEnd = page.header.body.toCursor >= page.header.body.feedHead;
    if (decision.moves || atEnd) yield* world.glue.takePage(world, place, page);
    yield point('node page committed');
    if (atEnd) return;
  }
}

function* fetchPage(world: World, place: Place, after: bigint): Task<Page> {
  try {
    const { answer } = yield* ask(world, place, { kind: 'feed', agency: place.agency, after });
    if (answer.header.signer !== hubSigner) throw new Stop('NODE_HUB_UNTRUSTED', 'feed page');
    return answer;
  } catch (error) {
    // a restored hub may not know our cursor: the next hello says what became of it
    if (error instanceof Stop && error.code === 'NODE_HUB_REFUSED') place.session.ready = false;
    throw error;
  }
}

function decide(
  world: World,
  place: Place,
  { header: { body }, progress }: Page,
  cursor: bigint,
): ReturnType<World['cores']['decidePage']> {
  const { hubIncarnation } = place.link.row('link');
  const { headSeq } = place.chain.row('chain');
  return world.cores.decidePage(
    { agency: place.agency, cursor, hubIncarnation, headSeq },
    { ...body, receivedSeq: progress.body.receivedSeq },
  );
}

/** Applies the page and moves the cursor; not where somebody else has meanwhile. */
export function* takePage(world: World, place: Place, page: Page): Task<void> {
  yield point('node page arrived');
  const { body } = page.header;
  const taken = transact(place.machine, 'node page', () => {
    const position = place.feed.row('feed');
    const again = decide(world, place, page, position.cursor);
    if (again.kind !== 'apply') return false;
    keepProgress(place, page.progress);
    writePage(world, place, page.content, position.generation);
    place.feed.update('feed', { cursor: body.toCursor });
    if (body.toCursor >= body.feedHead && position.rebuilding) {
      forgetOlderGenerations(place, position.generation);
    }
    return true;
  });
  if (taken) world.observer.pageTaken(place, body);
  else world.shape('page taken by another');
}

export function writePage(
  world: World,
  place: Place,
  content: PageContent,
  generation: number,
): void {
  for (const record of content.records) {
    const { recordId, version, op } = record;
    const before = place.mirror.get(recordId)?.sections ?? {};
    if (op === 'D') place.mirror.delete(recordId);
    else place.mirror.set(recordId, { version, sections: replaced(before, record), generation });
  }
  for (const verdict of content.verdicts) storeVerdict(world, place, verdict);
  for (const { body } of content.checkpoints) keepCheckpoint(world, place, body);
  for (const marker of content.markers) place.markers.set(marker, true);
}

/** The refused record travels whole the next time; one held behind an older refusal goes at once. */
function storeVerdict(world: World, place: Place, verdict: Verdict): void {
  const { recordId, version, codes } = verdict;
  const key = `${recordId} ${version}`;
  place.verdicts.set(key, verdict);
  const sent = place.sent.get(recordId);
  if (sent === undefined) return;
  if (!world.glue.sendsRefusedWhole) return;
  place.sent.set(recordId, { ...sent, wholeNext: true });
  if (codes.includes('held_back') && sent.version === version) logChange(place, recordId, 0);
}

function keepCheckpoint(world: World, place: Place, arrived: Checkpoint): void {
  const { hubIncarnation, number, prevHash } = arrived;
  const kept = [...place.checkpoints.values()];
  const hash = checkpointHash(arrived);
  const conflictKey = `${hubIncarnation}/${number} ${hex(hash)}`;
  const isOfThePast = hubIncarnation < place.link.row('link').hubIncarnation;
  const same = place.checkpoints.get(`${hubIncarnation}/${number}`);
  const newest = kept
    .filter((one) => one.hubIncarnation === hubIncarnation)
    .toSorted((a, b) => (a.number < b.number ? 1 : -1))[0];
  const decision = world.cores.decideCheckpoint(
    { number, hash, prevHash, isOfThePast },
    {
      same: same === undefined ? undefined : checkpointHash(same),
      newest: newest && { number: newest.number, hash: checkpointHash(newest) },
      isEvidence: place.conflicts.has(conflictKey),
      prevIsKnown: [...kept, ...place.conflicts.values()].some(
        (one) =>
          one.hubIncarnation < hubIncarnation &&
          one.number === number - 1n &&
          equalBytes(checkpointHash(one), prevHash),
      ),
      oldestNumber: kept.reduce<bigint | undefined>(
        (least, one) => (least === undefined || one.number < least ? one.number : least),
        undefined,
      ),
    },
  );
  world.shape(`checkpoint ${decision.kind}`);
  if (decision.kind === 'refuse') throw new Stop('NODE_HUB_UNTRUSTED', `checkpoint ${number}`);
  if (decision.kind === 'known') return;
  if (decision.kind === 'keep-as-evidence') place.conflicts.set(conflictKey, arrived);
  else place.checkpoints.set(`${hubIncarnation}/${number}`, arrived);
}

/** What a hub that was restored did not bring again is not there any more. */
function forgetOlderGenerations(place: Place, generation: number): void {
  for (const [recordId, record] of place.mirror.entries()) {
    if (record.generation < generation) place.mirror.delete(recordId);
  }
  place.feed.update('feed', { rebuilding: false });
}
