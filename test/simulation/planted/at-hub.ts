/** Planted bugs of the hub: what it decides, and what it does around its decisions. */
import { productCores as real } from '../cores.ts';
import { soundGlue } from '../glue.ts';
import { appendToFeed } from '../hub/feed.ts';
import { type Hub, keyOf } from '../hub/state.ts';
import { type HelloBody, nothing } from '../messages.ts';
import type { PlantedBug } from './bug.ts';

export const hubBugs = {
  'receipt before commit': {
    removes: 'DURABLE: the hub answers before its commit is on the disk',
    breaks: ['I2', 'I4', 'I6', 'I7', 'I14', 'liveness'],
    options: { lazyHub: true },
    firstSeed: 1,
  },
  'hello asks nothing': {
    removes: 'HANDCHK: every hello is welcome, whatever the heads and the token',
    breaks: ['I7', 'liveness'],
    options: {
      cores: {
        decideHello: (unit, greeting, known, spent) => {
          const decision = real.decideHello(unit, greeting, known, spent);
          return decision.kind === 'refuse'
            ? { kind: 'welcome', relation: 'EQUAL', epoch: unit.epoch + 1n }
            : decision;
        },
      },
    },
    firstSeed: 4,
  },
  'no fence': {
    removes: 'FENCE: a batch is taken under any incarnation and epoch',
    breaks: ['I7'],
    options: {
      cores: {
        decideReceive: (state, batch, stored) =>
          real.decideReceive(state, { ...batch, ...pick(state) }, stored),
      },
    },
    firstSeed: 4,
  },
  'no fence and no chain': {
    removes: 'FENCE and CHAIN: neither the epoch nor the hash before is asked',
    breaks: ['I2', 'I7'],
    options: {
      cores: {
        decideReceive: (state, batch, stored) =>
          real.decideReceive(state, { ...batch, ...pick(state), prevHash: state.headHash }, stored),
      },
    },
    firstSeed: 4,
  },
  'numbers alone': {
    removes: 'sequence-number deduplication and nothing else: no fence, no chain, no hash',
    breaks: ['I2', 'I3', 'I4', 'I7'],
    options: {
      cores: {
        decideReceive: (state, batch, stored) =>
          batch.seq <= state.headSeq
            ? { kind: 'duplicate' }
            : real.decideReceive(
                state,
                { ...batch, ...pick(state), prevHash: state.headHash },
                stored,
              ),
      },
    },
    firstSeed: 3,
  },
  'duplicate by number': {
    removes: 'a batch at or below the head is a duplicate, its hash is not compared',
    breaks: ['I3'],
    options: {
      cores: {
        decideReceive: (state, batch, stored) => {
          const decision = real.decideReceive(state, batch, stored);
          const isOld = decision.kind === 'fork' && batch.seq <= state.headSeq;
          return isOld ? { kind: 'duplicate' } : decision;
        },
      },
    },
    firstSeed: 156,
  },
  'conflict ignored': {
    removes:
      'a fork is taken as accepted and its bytes are dropped, as "on conflict do nothing" does',
    breaks: ['I2', 'I3', 'I4'],
    options: {
      cores: {
        decideReceive: (state, batch, stored) => {
          const decision = real.decideReceive(state, batch, stored);
          return decision.kind === 'fork' ? { kind: 'duplicate' } : decision;
        },
      },
    },
    firstSeed: 156,
  },
  'epoch asked too early': {
    removes: 'the epoch is compared before the transaction that moves the head',
    breaks: ['I7'],
    options: { glue: { unitToDecideBy: (now, seen) => ({ ...now, epoch: seen.epoch }) } },
    firstSeed: 19,
  },
  'restored under the same number': {
    removes: 'HUBINC: a restored hub goes on under the incarnation and the epochs of before',
    breaks: ['liveness', 'I3', 'I7'],
    options: {
      glue: {
        raise: (world) => {
          soundGlue.clearChannels(world.hub);
          world.hub.session.serving = true;
        },
      },
      cores: { judgeStart: () => ({ kind: 'sound' }) },
    },
    firstSeed: 8,
  },
  'epochs used again': {
    removes: 'the incarnation in the frame: a restored hub reuses epochs of before',
    breaks: ['I7'],
    options: {
      cores: {
        decideReceive: (state, batch, stored) =>
          real.decideReceive(state, { ...batch, incarnation: state.incarnation }, stored),
      },
    },
    firstSeed: 39,
  },
  'raise keeps the tokens': {
    removes: 'the raise clears no lineage token, so that every node looks like a clone',
    breaks: ['liveness'],
    options: { glue: { clearChannels: () => undefined } },
    firstSeed: 18,
  },
  'token not spent': {
    removes: 'a welcome gives the token of before, so that a clone has it too',
    breaks: ['I7'],
    options: {
      glue: {
        nextToken: (hub, current) =>
          current.length > 0 ? current : soundGlue.nextToken(hub, current),
      },
    },
    firstSeed: 4,
  },
  'hello not spent': {
    removes: 'the nonce of a welcome is forgotten with the next one, or with a release',
    breaks: ['I7', 'liveness'],
    options: { glue: { spendHello: () => undefined, forgetHello: forgetWithoutSpending } },
    firstSeed: 42,
  },
  'stored repeat': {
    removes: 'a repeated hello gets the bytes of before, and with them the epoch of before',
    breaks: ['I7'],
    options: { glue: { answerHello: storedRepeat() } },
    firstSeed: 3,
  },
  'safe unread': {
    removes: 'what is applied is called safe, and no backup is read',
    breaks: ['I6', 'liveness'],
    options: { glue: { readsBackup: false } },
    firstSeed: 9,
  },
  'applied twice': {
    removes: 'an applier does not look again under the lock',
    breaks: ['I5'],
    options: { glue: { appliedMeanwhile: () => false } },
    firstSeed: 1,
  },
  'held forgotten': {
    removes: 'a part is applied although the whole was refused: quarantine is decided anew',
    breaks: ['I5', 'I14', 'liveness'],
    options: { glue: { heldIsRemembered: false } },
    firstSeed: 19,
  },
  'owner not asked': {
    removes: 'a record of another unit is taken over',
    breaks: ['I5', 'I9'],
    options: {
      cores: {
        judgeRecord: (known, held, record) =>
          real.judgeRecord(known && { ...known, owner: 'own' }, held, record),
      },
    },
    firstSeed: 27,
  },
  'PIN not asked': {
    removes: 'a PIN that another record has is taken as well',
    breaks: ['I5', 'I9'],
    options: { glue: { pinsAreJudged: false } },
    firstSeed: 6,
  },
  'feed published late': {
    removes: 'positions are taken in the transaction, and their entries appear after it',
    breaks: ['I14', 'liveness'],
    options: {
      glue: {
        appendToFeed: (world, agency, entries) => {
          const { hub, engine } = world;
          const base = hub.units.row(agency).feedHead;
          appendToFeed(world, agency, entries);
          for (let i = 1n; i <= BigInt(entries.length); i += 1n) {
            const key = keyOf(agency, base + i);
            const entry = hub.feed.row(key);
            hub.feed.delete(key);
            engine.after(400, () => hub.machine.store.transaction(() => hub.feed.set(key, entry)));
          }
        },
      },
    },
    firstSeed: 1,
  },
  'inbox without a bound': {
    removes: 'no batch is ever told to wait',
    breaks: ['I15'],
    options: {
      cores: {
        decideReceive: (state, batch, stored) =>
          real.decideReceive({ ...state, waiting: 0 }, batch, stored),
      },
    },
    firstSeed: 48,
  },
  'checkpoints unchained': {
    removes: 'a checkpoint does not name the one before, and nodes do not ask',
    breaks: ['I11'],
    options: {
      glue: { checkpointBefore: () => nothing },
      cores: { decideCheckpoint: () => ({ kind: 'keep' }) },
    },
    firstSeed: 1,
  },
  'forgotten receipts not asked': {
    removes: 'neither side asks whether the hub lost what it had receipted',
    breaks: ['I2', 'I3', 'I6', 'liveness'],
    options: {
      cores: {
        decideHello: (unit, greeting, known, spent) =>
          real.decideHello(
            unit,
            { ...greeting, receiptedSeq: 0n, hubIncarnation: 0n },
            known,
            spent,
          ),
        meaningOfHello: (own, answer, hash) =>
          real.meaningOfHello({ ...own, receiptedSeq: 0n, hubIncarnation: 0n }, answer, hash),
        judgeStart: () => ({ kind: 'sound' }),
      },
    },
    firstSeed: 13,
  },
} as const satisfies Readonly<Record<string, PlantedBug>>;

/** The release as it would be without the memory of what was answered. */
function forgetWithoutSpending(hub: Hub, agency: string): void {
  hub.units.update(agency, { lineageToken: nothing, helloNonce: null });
}

/** The answer to the last hello of each unit is kept, and given again. */
function storedRepeat(): typeof soundGlue.answerHello {
  const kept = new WeakMap<Hub, Map<string, HelloBody>>();
  return (hub, kind, body) => {
    const answers = kept.get(hub) ?? new Map<string, HelloBody>();
    kept.set(hub, answers);
    const before = answers.get(body.agency);
    if (kind === 'repeat' && before !== undefined) return before;
    if (kind !== 'refuse') answers.set(body.agency, body);
    return body;
  };
}

type Session = { readonly incarnation: bigint; readonly epoch: bigint };

const pick = ({ incarnation, epoch }: Session): Session => ({ incarnation, epoch });
