/**
 * The synthetic population with a chosen share of each kind of mess, and beside each record the truth:
 * the findings that it must give, and no others. One person at a time; the same options give the same
 * mess everywhere, and the people are those of the clean population.
 */
import type { RecordDraft } from '../../catalogue/draft.ts';
import { type PopulationOptions, population } from '../population.ts';
import { type Random, randomStream, seedOf } from '../random.ts';
import { valueAt } from './amend.ts';
import { careerMess } from './career-mess.ts';
import { cellMess } from './cell-mess.ts';
import type { Mess, MessFacts, Planted } from './mess.ts';
import { personMess } from './person-mess.ts';
import { rowMess } from './row-mess.ts';
import { type WrittenPerson, writtenPerson } from './written-person.ts';

const all = { ...personMess, ...careerMess, ...cellMess, ...rowMess } as const;

export type MessKind = keyof typeof all;

const isKind = (name: string): name is MessKind => Object.hasOwn(all, name);

export const messKinds: readonly MessKind[] = Object.keys(all).filter((name) => isKind(name));

/** Kinds that spoil the record itself, so that packets and the API bring them as workbooks do. */
export const recordKinds = messKinds.filter((kind) => all[kind].on === 'record');

/** Share of the people, from 0 to 1, that come with this kind of mess; together at most 1. */
export type MessRates = Readonly<Partial<Record<MessKind, number>>>;

/** The same share for each of these kinds. */
export const evenRates = (kinds: readonly MessKind[], together: number): MessRates =>
  Object.fromEntries(kinds.map((kind) => [kind, together / kinds.length]));

export type MessyRecord = {
  /** Null for a record that came through as it should be; units always do. */
  readonly mess: MessKind | null;
  /** As it comes in, where it is the record that is spoilt; else as it was meant. */
  readonly draft: RecordDraft;
  /** How a workbook has it; null for a unit. */
  readonly written: WrittenPerson | null;
  readonly planted: readonly Planted[];
};

export type MessyOptions = PopulationOptions & { readonly rates: MessRates };

/** Units first, then people. Throws RangeError on shares below 0 or above 1 together. */
export function* messyPopulation(options: MessyOptions): Generator<MessyRecord> {
  const { rates, seed, agency, today } = options;
  const draw = drawOf(rates);
  const base = seedOf(seed, `${agency} mess`);
  const owed = new Map<MessKind, number>();
  const openUnits: string[] = [];
  let closedUnit: string | undefined;
  let previous: RecordDraft | undefined;
  let index = 0;
  for (const draft of population(options)) {
    if (draft.kind === 'org_unit') {
      const code = valueAt(draft, 'org_unit.code');
      if (code !== undefined && valueAt(draft, 'org_unit.closed_on') === undefined)
        openUnits.push(code);
      else closedUnit ??= code;
      yield { mess: null, draft, written: null, planted: [] };
      continue;
    }
    const random = randomStream(base, index);
    index += 1;
    const drawn = draw(random);
    if (drawn !== undefined) owed.set(drawn, (owed.get(drawn) ?? 0) + 1);
    const facts = { random, agency, today, closedUnit, openUnits, previous };
    const [messy, kind] = firstThatFits(draft, owed, facts);
    if (kind === undefined) previous = draft;
    else owe(owed, kind);
    yield* messy;
  }
}

/** A mess that does not fit a person waits for the next that it fits, so that the shares come true. */
function firstThatFits(
  draft: RecordDraft,
  owed: ReadonlyMap<MessKind, number>,
  facts: MessFacts,
): readonly [readonly MessyRecord[], MessKind | undefined] {
  for (const [kind, count] of owed) {
    const messy = count > 0 ? withMess(draft, kind, facts) : undefined;
    if (messy !== undefined) return [messy, kind];
  }
  return [[clean(draft)], undefined];
}

/** The person with that mess, and the row behind it where the mess is one; undefined where it does not fit. */
function withMess(
  draft: RecordDraft,
  kind: MessKind,
  facts: MessFacts,
): readonly MessyRecord[] | undefined {
  const mess: Mess = all[kind];
  switch (mess.on) {
    case 'record': {
      const spoilt = mess.spoil(draft, facts);
      return spoilt && [{ mess: kind, ...spoilt, written: writtenPerson(spoilt.draft) }];
    }
    case 'cell': {
      const spoilt = mess.spoil(writtenPerson(draft), { ...facts, draft });
      return spoilt && [{ mess: kind, draft, ...spoilt }];
    }
    case 'row': {
      const spoilt = mess.spoil(draft, facts);
      if (spoilt === undefined) return undefined;
      // the rows of the lists come once
      const written = { ...writtenPerson(spoilt.draft), lists: {} };
      return [clean(draft), { mess: kind, ...spoilt, written }];
    }
  }
}

const clean = (draft: RecordDraft): MessyRecord => ({
  mess: null,
  draft,
  written: writtenPerson(draft),
  planted: [],
});

function owe(owed: Map<MessKind, number>, paid: MessKind): void {
  const left = (owed.get(paid) ?? 0) - 1;
  // who was served stands behind the others
  owed.delete(paid);
  if (left > 0) owed.set(paid, left);
}

function drawOf(rates: MessRates): (random: Random) => MessKind | undefined {
  const shares = messKinds.map((kind) => [kind, rates[kind] ?? 0] as const);
  const together = shares.reduce((sum, [, share]) => sum + share, 0);
  if (shares.some(([, share]) => !(share >= 0)) || together > 1 + 1e-9) {
    throw new RangeError(`the shares of mess must be from 0 to 1 together, not ${together}`);
  }
  return (random) => {
    let rest = random();
    for (const [kind, share] of shares) {
      rest -= share;
      if (rest < 0) return kind;
    }
    return undefined;
  };
}
