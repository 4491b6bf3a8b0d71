/**
 * The two sides compared row by row in SQL, sharing no code with what it checks: which tables and
 * columns there are is read from the hub's own catalogue.
 */
import { createHash } from 'node:crypto';

import type { Client } from 'pg';

import { withClient } from '../services/postgres-databases.ts';

export type Comparison = {
  readonly agency: string;
  /** Rows of all sections at the hub. */
  readonly rows: number;
  readonly hubEqualsNode: boolean;
  readonly mirrorEqualsHub: boolean;
  /** Tables that differ, as `profile.x` or `national.x` of the node. */
  readonly differing: readonly string[];
};

type Table = { readonly name: string; readonly columns: readonly string[] };

export async function compareSides(urls: {
  readonly agency: string;
  readonly hub: string;
  readonly node: string;
}): Promise<Comparison> {
  return withClient(urls.hub, (hub) =>
    withClient(urls.node, async (node) => {
      const differing: string[] = [];
      let rows = 0;
      for (const table of await nationalTables(hub)) {
        const mine = `from national.${table.name} t where t.agency = '${urls.agency}'`;
        const atHub = await contents(hub, table, mine);
        // ciphertext: what it holds is compared by the node, which has the key (`verify`)
        if (table.name === 'sealed') {
          const mirroredSealed = await contents(node, table, 'from national.sealed t');
          rows += atHub.rows;
          if (mirroredSealed.hash !== atHub.hash) differing.push('national.sealed');
          continue;
        }
        // a record that is a state secret travels in no section
        const own = `from profile.${table.name} t join profile.record r using (record_id)
          where not r.state_secret`;
        const atNode = await contents(node, table, own);
        const mirrored = await contents(node, table, `from national.${table.name} t`);
        rows += atHub.rows;
        if (atNode.hash !== atHub.hash) differing.push(`profile.${table.name}`);
        if (mirrored.hash !== atHub.hash) differing.push(`national.${table.name}`);
      }
      return {
        agency: urls.agency,
        rows,
        hubEqualsNode: !differing.some((name) => name.startsWith('profile.')),
        mirrorEqualsHub: !differing.some((name) => name.startsWith('national.')),
        differing,
      };
    }),
  );
}

async function nationalTables(hub: Client): Promise<readonly Table[]> {
  const { rows } = await hub.query<{ name: string; columns: string[] }>(`
    select table_name as name, array_agg(column_name::text order by column_name) as columns
    from information_schema.columns
    where table_schema = 'national' and table_name <> 'record' and column_name <> 'agency'
    group by table_name order by table_name`);
  return rows;
}

async function contents(
  client: Client,
  table: Table,
  source: string,
): Promise<{ readonly rows: number; readonly hash: string }> {
  const columns = table.columns.map((column) => `t.${column}`).join(', ');
  const hash = createHash('sha256');
  const { rows } = await client.query<{ line: string }>(
    `select line from (select jsonb_build_array(${columns})::text as line ${source}) lines
     order by line collate "C"`,
  );
  for (const row of rows) hash.update(`${row.line}\n`);
  return { rows: rows.length, hash: hash.digest('hex') };
}
