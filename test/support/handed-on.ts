/**
 * Databases that the tests of a file hand on to each other, as their template has them: making one
 * takes longer than most tests. Whoever gives one back gives it back empty, but for the rows that the
 * template has. One whose tables, triggers, functions or catalogue are not those of the template any
 * more is dropped.
 */
import type { Client } from 'pg';
import { afterAll } from 'vitest';

import { withClient } from '../services/postgres-databases.ts';
import { openTestDatabase, type TestDatabase, templateDatabase } from './database.ts';

export type HandedOn = {
  /** One that is as the template; another test's afterwards. */
  readonly take: () => Promise<TestDatabase>;
  /** A database of the same kind that was made otherwise, such as a copy with data; `give` takes it. */
  readonly give: (database: TestDatabase) => Promise<void>;
};

/** What a database of this kind is made of, and what is in it. */
type Original = { readonly form: string; readonly refill: string };

/** `name` and `prepare` as of `templateDatabase`. */
export function handOn(name: string, prepare: (url: string) => Promise<void>): HandedOn {
  const idle: TestDatabase[] = [];
  let original: Promise<Original> | undefined;
  const give = async (database: TestDatabase): Promise<void> => {
    if (await isOriginalAgain(database.url, original)) idle.push(database);
    else await database[Symbol.asyncDispose]();
  };
  afterAll(async () => {
    await Promise.all(idle.splice(0).map((database) => database[Symbol.asyncDispose]()));
  });
  return {
    async take() {
      const database =
        idle.pop() ?? (await openTestDatabase({ template: await templateDatabase(name, prepare) }));
      original ??= withClient(database.url, readOriginal);
      await original;
      return { url: database.url, [Symbol.asyncDispose]: () => give(database) };
    },
    give,
  };
}

async function isOriginalAgain(
  url: string,
  original: Promise<Original> | undefined,
): Promise<boolean> {
  if (original === undefined) return false;
  const { form, refill } = await original;
  return withClient(url, async (client) => {
    // whatever is still connected, as when a database is dropped
    await client.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    if ((await readForm(client)) !== form) return false;
    await client.query(refill);
    return true;
  });
}

async function readOriginal(client: Client): Promise<Original> {
  const { rows: tables } = await client.query<{ name: string; columns: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name,
       string_agg(quote_ident(a.attname), ', ') as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         and a.attgenerated = ''
     where c.relkind = 'r' and n.nspname <> 'catalogue' and ${isOwn('n')}
     group by n.nspname, c.relname`,
  );
  const contents = tables.map(
    ({ name, columns }) => `select '${name}' as name, '${columns}' as columns,
      (select jsonb_agg(t)::text from ${name} t) as rows`,
  );
  const { rows: filled } = await client.query<{ name: string; columns: string; rows: string }>(
    `select name, columns, rows from (${contents.join(' union all ')}) of_all
     where rows is not null`,
  );
  const { rows: sequences } = await client.query<{ statement: string }>(
    `select format('select setval(%L, %s, %L)', format('%I.%I', schemaname, sequencename),
        coalesce(last_value, start_value), last_value is not null) as statement
     from pg_sequences`,
  );
  const empty = tables.map(({ name }) => `delete from ${name}`);
  const refill = [
    'begin',
    // as on a replica: the rows that others refer to are not looked at
    'set local session_replication_role = replica',
    ...empty,
    // the capture works on a replica too, and has written down what was deleted
    ...empty,
    ...filled.map(
      ({ name, columns, rows }) => `insert into ${name} (${columns}) overriding system value
        select ${columns} from jsonb_populate_recordset(null::${name}, ${client.escapeLiteral(rows)})`,
    ),
    ...sequences.map(({ statement }) => statement),
    'commit',
  ].join(';');
  return { form: await readForm(client), refill };
}

const isOwn = (namespace: string): string =>
  `${namespace}.nspname !~ '^pg_' and ${namespace}.nspname <> 'information_schema'`;

/** Relations, columns, constraints, triggers and functions of a database, its settings, its catalogue. */
async function readForm(client: Client): Promise<string> {
  const { rows: lists } = await client.query<{ query: string }>(
    `select format('select md5(string_agg(t::text, E''\\n'' order by t::text collate "C")) from %I.%I t',
       schemaname, tablename) as query from pg_tables where schemaname = 'catalogue'`,
  );
  const { rows } = await client.query<{ form: string }>(
    `with own as (select oid, nspname from pg_namespace n where ${isOwn('n')}),
      relation as (select c.* from pg_class c join own on own.oid = c.relnamespace)
     select md5(string_agg(line, E'\\n' order by line collate "C")) as form from (
       select row(nspname)::text from own
       union all select row(oid::regclass, relkind, relpersistence, relacl)::text from relation
       union all select row(a.attrelid::regclass, a.attname, a.atttypid::regtype, a.attnotnull,
           a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))::text
         from pg_attribute a join relation c on c.oid = a.attrelid
         left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attnum > 0 and not a.attisdropped
       union all select row(k.conrelid::regclass, k.conname, k.contype, k.convalidated)::text
         from pg_constraint k join own on own.oid = k.connamespace
       union all select row(t.tgrelid::regclass, t.tgname, t.tgenabled, t.tgfoid::regproc)::text
         from pg_trigger t join relation c on c.oid = t.tgrelid where not t.tgisinternal
       union all select row(p.oid::regprocedure, md5(p.prosrc), p.proacl)::text
         from pg_proc p join own on own.oid = p.pronamespace
       union all select s.setconfig::text from pg_db_role_setting s
         join pg_database d on d.oid = s.setdatabase where d.datname = current_database()
       ${lists.map(({ query }) => `union all (${query})`).join(' ')}
     ) lines (line)`,
  );
  return rows[0]?.form ?? '';
}
