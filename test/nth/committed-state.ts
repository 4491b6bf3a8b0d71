/**
 * What a database has committed, as one text: a hash of each table, whatever tables there are, so that
 * nothing has to think of a new one. Left out of it are values that are drawn or clocked anew at each
 * run: moments, generated numbers, and columns that the test names; of these only whether they are
 * there counts. Kept aside, what changed can be put back. A table is hashed anew only if it has other
 * versions of rows than when it was last looked at: most of them, the code lists among them, never do.
 */
import type { Database } from '@lienthong/shared-schema/runtime/database.ts';

type Pool = Pick<Database['pool'], 'query'>;

type Table = {
  readonly name: string;
  readonly kept: string;
  readonly columns: readonly Column[];
};
type Column = { readonly name: string; readonly drawn: boolean };

export type State = Readonly<Record<string, string>>;

export type Keeper = {
  /** Hash by table, without what is drawn anew. */
  readonly read: () => Promise<State>;
  /** The same with every value. */
  readonly readAll: () => Promise<State>;
  /** What the database has now is what `restore` puts back. */
  readonly keep: () => Promise<void>;
  readonly restore: (tables: readonly string[]) => Promise<void>;
};

export type Ignored = {
  /** Columns, by name or as `table.column`, that are another at each run. */
  readonly drawn?: readonly string[];
  /** Schemas and tables that do not count; they are put back all the same. */
  readonly besides?: readonly string[];
};

export async function openKeeper(pool: Pool, ignored: Ignored): Promise<Keeper> {
  const { drawn = [], besides = [] } = ignored;
  const tables = await readTables(pool, drawn);
  const counting = tables.filter(
    ({ name }) => !besides.includes(name) && !besides.includes(name.split('.')[0] ?? ''),
  );
  // planning it for a hundred tables takes longer than running it, and starting another process too
  await pool.query(
    'set plan_cache_mode = force_generic_plan; set max_parallel_workers_per_gather = 0',
  );
  return {
    read: stateReader(pool, stateQuery('state', counting, true)),
    readAll: stateReader(pool, stateQuery('whole state', tables, false)),
    async keep() {
      const statements = tables.map(({ name, kept }) => `create table ${kept} as table ${name}`);
      await pool.query(
        ['drop schema if exists kept cascade', 'create schema kept', ...statements].join(';'),
      );
    },
    async restore(names) {
      const changed = tables.filter(({ name }) => names.includes(name));
      if (changed.length === 0) return;
      const statements = changed.flatMap(({ name, kept, columns }) => {
        const list = columns.map((column) => `"${column.name}"`).join(', ');
        return [
          `delete from ${name}`,
          `insert into ${name} (${list}) overriding system value select ${list} from ${kept}`,
        ];
      });
      // as on a replica: neither triggers nor the rows that others refer to are looked at
      const text = ['begin', 'set local session_replication_role = replica', ...statements];
      await pool.query([...text, 'commit'].join(';'));
    },
  };
}

async function readTables(pool: Pool, drawn: readonly string[]): Promise<readonly Table[]> {
  const { rows } = await pool.query<Table>(
    `select format('%I.%I', n.nspname, c.relname) as name,
        format('kept.%I', n.nspname || '_' || c.relname) as kept,
        jsonb_agg(jsonb_build_object('name', a.attname, 'drawn',
          a.atttypid = 'timestamptz'::regtype or a.attidentity <> '' or a.attname = any ($1)
            or c.relname || '.' || a.attname = any ($1)) order by a.attnum) as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          and a.attgenerated = ''
      where c.relkind = 'r'
        and n.nspname in ('registry', 'sync', 'national', 'profile', 'intake', 'catalogue', 'reference',
          'access')
      group by n.nspname, c.relname order by 1`,
    [drawn],
  );
  return rows;
}

type StateQuery = { readonly name: string; readonly text: string };
/** Of a table: which versions of rows it has, and its hash unless these are the known ones. */
type Look = readonly [versions: string, hash: string | null];

function stateReader(pool: Pool, query: StateQuery): () => Promise<State> {
  const known = new Map<string, { readonly versions: string; readonly hash: string }>();
  return async () => {
    const versionsKnown = Object.fromEntries(
      Array.from(known, ([name, { versions }]) => [name, versions]),
    );
    const values = [JSON.stringify(versionsKnown)];
    const { rows } = await pool.query<{ state: Record<string, Look> }>({ ...query, values });
    const looks = Object.entries(rows[0]?.state ?? {});
    for (const [name, [versions, hash]] of looks) {
      if (hash !== null) known.set(name, { versions, hash });
    }
    return Object.fromEntries(looks.map(([name]) => [name, known.get(name)?.hash ?? '']));
  };
}

/** No version of a row ever changes: one that is at the same place and of the same transaction is the same. */
function stateQuery(name: string, tables: readonly Table[], without: boolean): StateQuery {
  const one = ({ name: table, columns }: Table): string => {
    const values = columns.map((column) =>
      without && column.drawn ? `t."${column.name}" is null` : `t."${column.name}"`,
    );
    const row = `row(${values.join(', ')})::text`;
    return `select '${table}' as name, versions,
        case when versions is distinct from $1::jsonb ->> '${table}' then (
          select coalesce(md5(string_agg(${row}, E'\\n' order by ${row} collate "C")), '') from ${table} t
        ) end as hash
      from (select concat(count(*), ' ', sum(hashtidextended(t.ctid, t.xmin::text::bigint))) as versions
        from ${table} t) looked_at`;
  };
  const text = `select jsonb_object_agg(name, jsonb_build_array(versions, hash)) as state
    from (${tables.map((table) => one(table)).join(' union all ')}) all_tables`;
  return { name, text };
}

export const differing = (one: State, other: State): readonly string[] =>
  Object.keys(one).filter((name) => one[name] !== other[name]);
