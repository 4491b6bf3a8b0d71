/**
 * Fails a transaction at its first point, its second, and so on until it is through, as SQLite tests
 * are run: with each kind of fault, each time from the same state, tried again as the product does.
 *
 * First it runs without a fault, and what others could see of it between its statements is noted: these
 * are the states in which it may ever be left. After a fault the database is in one of them, and after
 * the retry in the last. The points are counted by what ran, so a new statement is tested by itself.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { expect } from 'vitest';

import { differing, type Keeper, openKeeper, type State } from './committed-state.ts';
import {
  type Fault,
  type FaultKind,
  faultKinds,
  type FaultyDatabase,
  openFaulty,
  type Point,
} from './faults.ts';
import { violations } from './invariants.ts';

export type Side = 'hub' | 'node';

export type Subject<T> = {
  readonly name: string;
  /** The database that has the faults. */
  readonly side: Side;
  readonly urls: Readonly<Partial<Record<Side, string>>>;
  /** Columns of values that are another at each run. */
  readonly drawn?: readonly string[];
  /** Schemas, and tables as `schema.table`, in which a repetition may leave more. */
  readonly besides?: readonly string[];
  /** How often others see something new of it: 1 for a single transaction, 0 for one that only reads. */
  readonly commits: number;
  /** Whoever does not know that it was done does it once more, and may. */
  readonly twice?: boolean;
  /** What is not in a database is put back as well. */
  readonly restore?: () => void | Promise<void>;
  /** Once, as the product does it. */
  readonly act: (database: Database) => Promise<T>;
  /** The same again after a failure, where it is not the same call. */
  readonly again?: (database: Database) => Promise<T>;
  /** What it answered when it was through. */
  readonly check?: (answer: T) => void | Promise<void>;
};

export type Row = {
  readonly name: string;
  readonly points: number;
  readonly commits: number;
  /** Faults that hit, by kind. */
  readonly hits: Readonly<Record<FaultKind, number>>;
  /** Of them those after which it had failed and yet something was committed. */
  readonly unknown: number;
};

/**
 * `every`: each kind at each point, each time tried again to its end. `one`: one kind at a point, and a
 * lost answer at each commit; tried again to its end where a commit may have happened, and at some of
 * the others: there the next failing run is the retry. Of a long transaction then some points only.
 */
export type Thoroughness = 'every' | 'one';

/** So many at least of a transaction that has more, besides its commits. */
const quickPoints = 10;

const runMsMax = 60_000;
/** Of the points that are tested and commit nothing; prime to the number of kinds, so that each has its turn. */
const retryEvery = 4;

export async function failEverywhere<T>(subject: Subject<T>, how: Thoroughness): Promise<Row> {
  await using world = await openWorld(subject);
  const golden = await runWithout(subject, world);
  expect(golden.states.length - 1, `${subject.name}: commits`).toBe(subject.commits);
  const hits: Record<FaultKind, number> = { error: 0, conflict: 0, cut: 0, kill: 0, lost: 0 };
  const due = duePoints(golden.points, how);
  const tested = new Set<number>();
  let unknown = 0;
  let touched = true;
  for (const fault of faultsOf(golden.points, due, how)) {
    if (touched) await world.restore(golden.changed);
    const failed = await failAt(subject, { world, golden }, fault);
    if (failed.kind === 'through') {
      // nothing is left to fail: what ran is what was tested, or left out by its number
      expect(failed.points, `${subject.name}: points`).toBe(golden.points.length);
      break;
    }
    hits[fault.kind] += 1;
    tested.add(fault.point);
    if (failed.unknown) unknown += 1;
    touched = failed.touched;
  }
  const left = [...due].filter((point) => !tested.has(point));
  expect(left, subject.name).toEqual([]);
  if (subject.commits > 0) expect(unknown, `${subject.name}: outcomes unknown`).toBeGreaterThan(0);
  if (due.size >= faultKinds.length) {
    expect(Object.values(hits), `${subject.name}: faults of each kind`).not.toContain(0);
  }
  return {
    name: subject.name,
    points: golden.points.length,
    commits: subject.commits,
    hits,
    unknown,
  };
}

function duePoints(points: readonly Point[], how: Thoroughness): ReadonlySet<number> {
  const stride = how === 'every' ? 1 : Math.max(1, Math.floor(points.length / quickPoints));
  const numbers = points.map((_, i) => i + 1);
  return new Set(numbers.filter((n) => n % stride === 0 || points[n - 1]?.commits === true));
}

/** `whole`: it is tried again to its end in any case. */
type DueFault = Fault & { readonly whole: boolean };

/**
 * Ends with a point that is not there: the run that is through says so. Kinds go round by place among
 * the points that are due: by number a stride of five would meet one kind only.
 */
function* faultsOf(
  points: readonly Point[],
  due: ReadonlySet<number>,
  how: Thoroughness,
): Generator<DueFault> {
  for (const [i, point] of [...due, points.length + 1].entries()) {
    const one = faultKinds[i % faultKinds.length] ?? 'cut';
    const quick = points[point - 1]?.commits === true ? new Set<FaultKind>([one, 'lost']) : [one];
    const whole = how === 'every' || i % retryEvery === 0;
    for (const kind of how === 'every' ? faultKinds : quick) yield { point, kind, whole };
  }
}

type Attempt =
  | { readonly kind: 'through'; readonly points: number }
  | {
      readonly kind: 'failed';
      /** It had failed and yet committed something. */
      readonly unknown: boolean;
      /** The database is not as it was before. */
      readonly touched: boolean;
    };

async function failAt<T>(
  subject: Subject<T>,
  run: { readonly world: World; readonly golden: Golden },
  fault: DueFault,
): Promise<Attempt> {
  const { world, golden } = run;
  const { faulty } = world;
  await subject.restore?.();
  faulty.arm(fault);
  const start = `${subject.name}, ${fault.kind} at point ${fault.point}`;
  const outcome = await outcomeOf(subject.act(faulty), start);
  const failed = outcome.failure !== undefined;
  if (!faulty.hit()) {
    expect(outcome.failure, start).toBeUndefined();
    return { kind: 'through', points: faulty.points().length };
  }
  const at = `${start}: ${faulty.points()[fault.point - 1]?.text.slice(0, 80)}`;
  await world.untilGone(await faulty.ended());
  const left = await world.read();
  // a conflict is tried again by itself, and what the other side had done by then it does once more
  const repeated = subject.twice === true && fault.kind === 'conflict' && !failed;
  if (!repeated) {
    expect(
      golden.states.map((state) => different(state, left)),
      at,
    ).toContain('');
    if (!failed) expect(different(golden.last, left), `${at}: said to be done`).toBe('');
  }
  const nothing = different(golden.first, left) === '';
  const ordinary = nothing || golden.points[fault.point - 1]?.commits !== true;
  if (failed && ordinary && !fault.whole) {
    return { kind: 'failed', unknown: !nothing, touched: !nothing };
  }
  await world.expectSound(at);
  faulty.arm();
  const answer = failed
    ? await expectDone((subject.again ?? subject.act)(faulty), `${at}, again`)
    : outcome.value;
  await subject.check?.(answer);
  await world.expectSound(`${at}, again`);
  const twice = repeated || (subject.twice === true && failed && !nothing);
  if (!twice) expect(different(golden.last, await world.read()), `${at}, again`).toBe('');
  return { kind: 'failed', unknown: failed && !nothing, touched: true };
}

type World = AsyncDisposable & {
  readonly faulty: FaultyDatabase;
  readonly read: () => Promise<State>;
  readonly readAll: () => Promise<State>;
  readonly restore: (tables: readonly string[]) => Promise<void>;
  readonly expectSound: (at: string) => Promise<void>;
  readonly untilGone: (pids: readonly number[]) => Promise<void>;
};

async function openWorld(
  subject: Pick<Subject<unknown>, 'side' | 'urls' | 'drawn' | 'besides'>,
): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const keepers: { readonly side: Side; readonly pool: Database['pool']; keeper: Keeper }[] = [];
  for (const side of ['hub', 'node'] as const) {
    const url = subject.urls[side];
    if (url === undefined) continue;
    const { pool } = stack.use(openDatabase(url, { max: 1, applicationName: 'test keeper' }));
    const keeper = await openKeeper(pool, subject);
    await keeper.keep();
    keepers.push({ side, pool, keeper });
  }
  const own = keepers.find(({ side }) => side === subject.side);
  const url = subject.urls[subject.side];
  if (own === undefined || url === undefined) throw new RangeError('no database to fail in');
  const faulty = stack.use(
    openFaulty(url, {
      max: 4,
      terminate: async (pid) =>
        void (await own.pool.query('select pg_terminate_backend($1)', [pid])),
    }),
  );
  const all = async (read: (keeper: Keeper) => Promise<State>): Promise<State> =>
    Object.fromEntries(
      (
        await Promise.all(
          keepers.map(async ({ side, keeper }) =>
            Object.entries(await read(keeper)).map(([name, hash]) => [`${side} ${name}`, hash]),
          ),
        )
      ).flat(),
    );
  const open = stack.move();
  return {
    faulty,
    read: () => all((keeper) => keeper.read()),
    readAll: () => all((keeper) => keeper.readAll()),
    async restore(tables) {
      for (const { side, keeper } of keepers) {
        const own_ = tables.filter((name) => name.startsWith(`${side} `));
        await keeper.restore(own_.map((name) => name.slice(side.length + 1)));
      }
    },
    async expectSound(at) {
      for (const { side, pool } of keepers) expect(await violations(pool, side), at).toEqual([]);
    },
    async untilGone(pids) {
      for (;;) {
        const { rowCount } = await own.pool.query(
          'select from pg_stat_activity where pid = any ($1::integer[])',
          [pids],
        );
        if (rowCount === 0) return;
        await sleep(2);
      }
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

type Golden = {
  readonly points: readonly Point[];
  readonly states: readonly State[];
  readonly first: State;
  readonly last: State;
  /** Tables of which it changes anything, values that are drawn anew included. */
  readonly changed: readonly string[];
};

/** Runs it as it is, and notes what others could see meanwhile. */
async function runWithout<T>(subject: Subject<T>, world: World): Promise<Golden> {
  const { faulty } = world;
  await subject.restore?.();
  const allBefore = await world.readAll();
  const states: State[] = [await world.read()];
  const look = async (): Promise<void> => {
    const now = await world.read();
    if (different(states.at(-1) ?? {}, now) !== '') states.push(now);
  };
  faulty.arm();
  faulty.onStatement = look;
  const answer = await expectDone(subject.act(faulty), subject.name);
  faulty.onStatement = undefined;
  await look();
  await subject.check?.(answer);
  await world.expectSound(subject.name);
  const [first = {}] = states;
  return {
    points: faulty.points(),
    states,
    first,
    last: states.at(-1) ?? {},
    changed: differing(allBefore, await world.readAll()),
  };
}

type Outcome<T> = { readonly failure: undefined; readonly value: T } | { readonly failure: Error };

/** A run that hangs is a failure of another kind. */
async function outcomeOf<T>(run: Promise<T>, at: string): Promise<Outcome<T>> {
  const ended = run.then(
    (value) => ({ failure: undefined, value }),
    (failure: unknown) => ({ failure: failure instanceof Error ? failure : new Error(at) }),
  );
  const late = Symbol(at);
  using timer = timerOf(runMsMax);
  const first = await Promise.race([ended, timer.over.then(() => late)]);
  if (typeof first === 'symbol') throw new Error(`${at}: no end after ${runMsMax} ms`);
  return first;
}

function timerOf(ms: number): Disposable & { readonly over: Promise<void> } {
  const stop = new AbortController();
  return {
    over: sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined),
    [Symbol.dispose]: () => stop.abort(),
  };
}

async function expectDone<T>(run: Promise<T>, at: string): Promise<T> {
  const outcome = await outcomeOf(run, at);
  if (outcome.failure !== undefined) throw new Error(at, { cause: outcome.failure });
  return outcome.value;
}

/** The tables in which both differ, as one text. */
const different = (one: State, other: State): string => differing(one, other).join(', ');
