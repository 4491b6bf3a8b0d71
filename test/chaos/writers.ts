/**
 * Writers that change a node's tables by SQL for the whole time, at a bounded rate: insert, edit,
 * delete, several sections and records in one transaction, savepoints, rollbacks, transactions that
 * stay open for long. A connection that breaks is opened again; whether a commit came through whose
 * answer was lost is read from a table that is no part of the product, once the server is back.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  chance,
  integerIn,
  oneOf,
  type Random,
  weightedChoice,
} from '@lienthong/shared-schema/population/random.ts';
import { Client } from 'pg';

import { withClient } from '../services/postgres-databases.ts';
import type { Changes, Ledger, PersonState } from './ledger.ts';

/** In every value that is rolled back: it must never travel. */
export const undoneText = 'Đã huỷ';

export type WriterOptions = {
  readonly agency: string;
  readonly databaseUrl: string;
  /** Writers of one unit have different numbers, and their records with it. */
  readonly number: number;
  /** Number of the unit: no two units have a record or a PIN in common. */
  readonly unit: number;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly pauseMs: { readonly min: number; readonly max: number };
  readonly signal: AbortSignal;
};

const peopleMax = 120;
const reconnectMs = 250;

/** The unit's tree and the table of outcomes; once, before the writers. */
export async function prepareUnit(
  agency: string,
  databaseUrl: string,
  unit: number,
): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('begin');
    await client.query('create schema chaos');
    await client.query('create table chaos.outcome (token text primary key)');
    const codes = [agency, `${agency}.01`];
    for (const [i, code] of codes.entries()) {
      const id = recordIdOf(unit, 0, i + 1);
      await client.query('insert into profile.record (record_id, kind) values ($1, 1)', [id]);
      await client.query(
        'insert into profile.org_unit (record_id, code, name, parent_code) values ($1, $2, $3, $4)',
        [id, code, `Đơn vị ${code}`, i === 0 ? null : agency],
      );
    }
    await client.query('commit');
  });
}

const recordIdOf = (unit: number, writer: number, n: number): string =>
  `01900000-0000-7${unit.toString(16).padStart(3, '0')}-8${writer.toString(16).padStart(3, '0')}-${n.toString(16).padStart(12, '0')}`;

/** Writes until the signal aborts; every transaction has ended, and its outcome is known, by then. */
export async function write(options: WriterOptions): Promise<void> {
  const { signal, random } = options;
  const people = new Map<string, PersonState>();
  let client: Client | undefined;
  for (let n = 0; !signal.aborted; n++) {
    client ??= await connect(options);
    if (client === undefined) break;
    const token = `${options.agency}-${options.number}-${n}`;
    const planned = planTransaction(options, people, token);
    const outcome = await run(client, planned);
    if (outcome !== 'committed' && !planned.undone) {
      await client.end().catch(() => undefined);
      client = undefined;
    }
    const known = outcome === 'unknown' ? await readOutcome(options, token) : outcome;
    options.ledger.note(token, planned.changes, known);
    if (known === 'committed') {
      for (const [id, state] of planned.changes) {
        if (state === undefined) people.delete(id);
        else people.set(id, state);
      }
    }
    await sleep(integerIn(random, options.pauseMs), undefined, { signal }).catch(() => undefined);
  }
  await client?.end().catch(() => undefined);
}

/** A connection as soon as the server takes one; undefined once the writers are to end. */
async function connect({ databaseUrl, signal }: WriterOptions): Promise<Client | undefined> {
  while (!signal.aborted) {
    const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch {
      await client.end().catch(() => undefined);
      await sleep(reconnectMs);
    }
  }
  return undefined;
}

/** Asks until the server answers: the connection that knew is dead, and its transaction with it. */
async function readOutcome(
  { databaseUrl }: WriterOptions,
  token: string,
): Promise<'committed' | 'rolled back'> {
  for (;;) {
    try {
      const found = await withClient(databaseUrl, (client) =>
        client.query('select from chaos.outcome where token = $1', [token]),
      );
      return found.rowCount === 1 ? 'committed' : 'rolled back';
    } catch {
      await sleep(reconnectMs);
    }
  }
}

type Statement = { readonly text: string; readonly values: readonly unknown[] };

type Planned = {
  readonly statements: readonly (Statement | { readonly waitMs: number })[];
  readonly changes: Changes;
  readonly undone: boolean;
};

async function run(
  client: Client,
  { statements, undone }: Planned,
): Promise<'committed' | 'rolled back' | 'unknown'> {
  try {
    await client.query('begin');
    for (const statement of statements) {
      if ('waitMs' in statement) await sleep(statement.waitMs);
      else await client.query(statement.text, [...statement.values]);
    }
  } catch {
    await client.query('rollback').catch(() => undefined);
    return 'rolled back';
  }
  try {
    await client.query(undone ? 'rollback' : 'commit');
    return undone ? 'rolled back' : 'committed';
  } catch {
    return undone ? 'rolled back' : 'unknown';
  }
}

const kinds = weightedChoice<'insert' | 'edit' | 'many' | 'delete' | 'undone' | 'inner' | 'long'>([
  ['insert', 5],
  ['edit', 8],
  ['many', 3],
  ['delete', 2],
  ['undone', 2],
  ['inner', 2],
  ['long', 0.4],
]);

/** Statements that set everything to values of their own, whatever was there before. */
function planTransaction(
  options: WriterOptions,
  people: ReadonlyMap<string, PersonState>,
  token: string,
): Planned {
  const { random } = options;
  const changes = new Map<string, PersonState | undefined>();
  const statements: (Statement | { readonly waitMs: number })[] = [];
  const drawn = kinds(random);
  const known = [...people.keys()];
  const kind =
    known.length < 3
      ? 'insert'
      : known.length >= peopleMax && drawn === 'insert'
        ? 'delete'
        : drawn;
  const text = `${options.agency} ${kind === 'undone' ? undoneText : 'Giữ'} ${token}`;
  const put = (n: number): void => {
    const id = recordIdOf(options.unit, options.number, n);
    const state = stateOf(random, text);
    statements.push(...putPerson(options, { id, n, state }));
    changes.set(id, state);
  };
  const edit = (id: string): void => {
    const before = people.get(id);
    if (before === undefined) return;
    const after = editedOf(random, changes.get(id) ?? before, text);
    statements.push(...editPerson(id, after));
    changes.set(id, after);
  };
  switch (kind) {
    case 'insert':
      put(integerIn(random, { min: 1, max: peopleMax * 2 }));
      break;
    case 'many':
      for (let i = integerIn(random, { min: 3, max: 15 }); i > 0; i--) edit(oneOf(random, known));
      break;
    case 'delete': {
      const id = oneOf(random, known);
      statements.push({ text: 'delete from profile.record where record_id = $1', values: [id] });
      changes.set(id, undefined);
      break;
    }
    case 'inner': {
      const id = oneOf(random, known);
      const undone = editedOf(random, stateOf(random, undoneText), undoneText);
      statements.push({ text: 'savepoint inner_one', values: [] });
      statements.push(...editPerson(id, undone));
      statements.push({ text: 'rollback to savepoint inner_one', values: [] });
      edit(oneOf(random, known));
      break;
    }
    case 'long':
      edit(oneOf(random, known));
      statements.push({ waitMs: integerIn(random, { min: 2_000, max: 9_000 }) });
      edit(oneOf(random, known));
      break;
    case 'edit':
    case 'undone':
      edit(oneOf(random, known));
  }
  statements.push({ text: 'insert into chaos.outcome (token) values ($1)', values: [token] });
  return { statements, changes, undone: kind === 'undone' };
}

const stateOf = (random: Random, text: string): PersonState => ({
  otherNames: text,
  title: chance(random, 0.5) ? text : null,
  institutions: Array.from(
    { length: integerIn(random, { min: 0, max: 3 }) },
    (_, i) => `${text} ${i}`,
  ),
  plannedTitle: chance(random, 0.4) ? text : null,
});

/** One to all of the sections. */
function editedOf(random: Random, before: PersonState, text: string): PersonState {
  const fresh = stateOf(random, text);
  const pick = <T>(old: T, next: T): T => (chance(random, 0.5) ? next : old);
  return {
    otherNames: text,
    title: pick(before.title, fresh.title),
    institutions: pick(before.institutions, fresh.institutions),
    plannedTitle: pick(before.plannedTitle, fresh.plannedTitle),
  };
}

/** A record that was deleted comes back under its own id, by the same statements. */
function putPerson(
  { agency, unit, number }: WriterOptions,
  person: { readonly id: string; readonly n: number; readonly state: PersonState },
): readonly Statement[] {
  const { id, n, state } = person;
  const serial = unit * 50_000 + number * 10_000 + n;
  const pin = `001080${String(serial).padStart(6, '0')}`;
  return [
    {
      text: 'insert into profile.record (record_id, kind) values ($1, 2) on conflict do nothing',
      values: [id],
    },
    {
      text: `insert into profile.identity (record_id, pin, full_name, birth_date, sex, ethnic_group)
             values ($1, $2, 'Người Thử', '1980', '1', '01') on conflict (record_id) do nothing`,
      values: [id, pin],
    },
    {
      text: `insert into profile.employment (record_id, object_class, employing_unit, managing_unit, status)
             values ($1, '2', $2, $2, '1') on conflict (record_id) do nothing`,
      values: [id, `${agency}.01`],
    },
    ...editPerson(id, state),
  ];
}

function editPerson(id: string, state: PersonState): readonly Statement[] {
  const single = (section: string, column: string, value: string | null): Statement =>
    value === null
      ? { text: `delete from profile.${section} where record_id = $1`, values: [id] }
      : {
          text: `insert into profile.${section} (record_id, ${column}) values ($1, $2)
                 on conflict (record_id) do update set ${column} = excluded.${column}`,
          values: [id, value],
        };
  return [
    {
      text: 'update profile.identity set other_names = $2 where record_id = $1',
      values: [id, state.otherNames],
    },
    single('position', 'title', state.title),
    single('planning', 'planned_title', state.plannedTitle),
    { text: 'delete from profile.training where record_id = $1', values: [id] },
    {
      text: `insert into profile.training (record_id, ordinal, institution)
             select $1, n, institution from unnest($2::text[]) with ordinality as t (institution, n)`,
      values: [id, state.institutions],
    },
  ];
}
