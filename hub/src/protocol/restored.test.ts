import { expect, test } from 'vitest';

import { type HubMarks, judgeStart, raisedIncarnation, type StartJudgement } from './restored.ts';

const unit = { agency: 'H52', epoch: 4n, headSeq: 10n, feedHead: 30n };
const marks = (incarnation: bigint): HubMarks => ({
  incarnation,
  checkpoint: { number: 7n, hash: 'seven' },
  units: [unit],
});
const now = { checkpoint: { number: 9n, hash: 'seven' }, units: [{ ...unit, headSeq: 12n }] };
const before = { checkpoint: { number: 6n, hash: '' }, units: [{ ...unit, headSeq: 9n }] };

type Database = 'none' | 'lower' | 'same' | 'higher';
type Witness = 'none' | 'lower' | 'same' | 'higher';
type Present = 'whole' | 'behind';

const databases = { none: 0n, lower: 2n, same: 3n, higher: 4n } as const satisfies Record<
  Database,
  bigint
>;
const witnesses = {
  none: undefined,
  lower: marks(2n),
  same: marks(3n),
  higher: marks(4n),
} as const satisfies Record<Witness, HubMarks | undefined>;

/** The file says 3. Database × witness × what the database holds; a missing cell does not compile. */
const table = {
  none: {
    none: { whole: 'sound', behind: 'sound' },
    lower: { whole: 'sound', behind: 'sound' },
    same: { whole: 'restored', behind: 'restored' },
    higher: { whole: 'restored', behind: 'restored' },
  },
  lower: {
    none: { whole: 'finish-raise', behind: 'finish-raise' },
    lower: { whole: 'finish-raise', behind: 'finish-raise' },
    same: { whole: 'restored', behind: 'restored' },
    higher: { whole: 'restored', behind: 'restored' },
  },
  same: {
    none: { whole: 'sound', behind: 'sound' },
    lower: { whole: 'sound', behind: 'sound' },
    same: { whole: 'sound', behind: 'restored' },
    higher: { whole: 'restored', behind: 'restored' },
  },
  higher: {
    none: { whole: 'foreign', behind: 'foreign' },
    lower: { whole: 'foreign', behind: 'foreign' },
    same: { whole: 'foreign', behind: 'foreign' },
    higher: { whole: 'foreign', behind: 'foreign' },
  },
} as const satisfies Record<Database, Record<Witness, Record<Present, StartJudgement['kind']>>>;

const cells = Object.entries(table).flatMap(([database, byWitness]) =>
  Object.entries(byWitness).flatMap(([witness, byPresent]) =>
    Object.entries(byPresent).map(
      ([present, kind]) =>
        [database as Database, witness as Witness, present as Present, kind] as const,
    ),
  ),
);

test.each(cells)('database %s, witness %s, content %s: %s', (database, witness, present, kind) => {
  const facts = {
    file: 3n,
    database: databases[database],
    witness: witnesses[witness],
    present: present === 'whole' ? now : before,
  };
  expect(judgeStart(facts).kind).toBe(kind);
});

test.each([
  ['a batch', { headSeq: 9n }, 'H52: headSeq is 9 and was 10'],
  ['a position of the feed', { feedHead: 29n }, 'H52: feedHead is 29 and was 30'],
  ['a hello', { epoch: 3n }, 'H52: epoch is 3 and was 4'],
])('%s that is missing is named', (_, change, why) => {
  const present = { ...now, units: [{ ...unit, ...change }] };
  const facts = { file: 3n, database: 3n, witness: marks(3n), present };
  expect(judgeStart(facts)).toEqual({ kind: 'restored', why });
});

test('a unit or a checkpoint that is gone, or another checkpoint, is a loss', () => {
  const facts = { file: 3n, database: 3n, witness: marks(3n) };
  expect(judgeStart({ ...facts, present: { ...now, units: [] } })).toEqual({
    kind: 'restored',
    why: 'unit H52 is not there',
  });
  for (const hash of ['', 'other']) {
    const present = { ...now, checkpoint: { number: 7n, hash } };
    expect(judgeStart({ ...facts, present })).toEqual({
      kind: 'restored',
      why: 'checkpoint 7 is not there',
    });
  }
});

test('more units and higher marks than the witness knows are no loss', () => {
  const units = [
    { ...unit, epoch: 9n },
    { ...unit, agency: 'G09', epoch: 1n },
  ];
  const facts = { file: 3n, database: 3n, witness: marks(3n), present: { ...now, units } };
  expect(judgeStart(facts)).toEqual({ kind: 'sound' });
});

test('a raise is above everything that was ever seen', () => {
  expect(raisedIncarnation({ file: 3n, database: 1n, witness: undefined })).toBe(4n);
  expect(raisedIncarnation({ file: 3n, database: 5n, witness: undefined })).toBe(6n);
  expect(raisedIncarnation({ file: 3n, database: 1n, witness: marks(8n) })).toBe(9n);
});
