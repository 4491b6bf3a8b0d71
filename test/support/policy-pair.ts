/** A hub and a node in step, with rows in the sections that tests of the reach policy narrow. */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Reach } from '@lienthong/shared-schema/catalogue/types.ts';
import type { ReachTable } from '@lienthong/shared-schema/rules/reach-policy.ts';

import { putRecords, tree } from './node-records.ts';
import { openPair, type Pair } from './test-node.ts';
import { person, recordId } from './test-records.ts';
import { syncPair } from './whole-sync.ts';

export const policyOf = (reaches: Readonly<Record<string, Reach>>): ReachTable =>
  new Map(Object.entries(reaches).map(([name, reach]) => [sectionNamed(name).tag, reach]));
export const shipped = policyOf({});
export const tagOf = (name: string): number => sectionNamed(name).tag;

export type Pool = Pair['node']['database']['pool'];

export async function columnOf(pool: Pool, query: string): Promise<readonly unknown[]> {
  const { rows } = await pool.query<unknown[]>({ text: query, rowMode: 'array' });
  return rows.map(([value]) => value);
}

/** Rows in plain text of each section named, and payloads by section: what a hub or mirror holds. */
export async function heldBy(pool: Pool, names: readonly string[]): Promise<object> {
  const plain: Record<string, unknown> = {};
  for (const name of names) {
    [plain[name]] = await columnOf(pool, `select count(*)::integer from national.${name}`);
  }
  const { rows } = await pool.query<{ section: number; payloads: number }>(
    `select section, count(*)::integer as payloads from national.sealed group by section`,
  );
  const sealed = Object.fromEntries(
    names.map((name) => [name, rows.find((row) => row.section === tagOf(name))?.payloads ?? 0]),
  );
  return { plain, sealed };
}

/** What waits to be sealed: last digits of the record and the name of the section. */
export async function logged(
  { node }: Pair,
  names: readonly string[],
): Promise<readonly unknown[]> {
  const name = `case section ${names.map((one) => `when ${tagOf(one)} then '${one}'`).join(' ')} end`;
  return columnOf(
    node.database.pool,
    `select distinct right(record_id::text, 2) || ' ' || coalesce(${name}, section::text) as entry
     from sync.change_log order by entry`,
  );
}

export const school = 'Trường giả định';
export const relative = 'Người thân giả định';
export const names = ['org_post', 'salary', 'training', 'family_own'];

/** Two people with a salary, one of them with two trainings and a relative, a third with nothing. */
export async function openSyncedPair(): Promise<Pair> {
  const pair = await openPair();
  const { database } = pair.node;
  await putRecords(database, [
    ...tree,
    person(3, '001080000003', {
      more: {
        salary: [{ step: '2', coefficient: '4.40' }],
        training: [{ institution: school }, { institution: `${school} hai` }],
        family_own: [{ relationship: '1', full_name: relative }],
      },
    }),
    person(4, '001080000004', { more: { salary: [{ step: '3', coefficient: '4.74' }] } }),
    person(5, '001080000005'),
  ]);
  await database.pool.query(
    `insert into profile.org_post (record_id, ordinal, year, post_kind, assigned)
     values ('${recordId(1)}', 1, 2026, '1', 40), ('${recordId(1)}', 2, 2026, '2', 20)`,
  );
  await syncPair(pair);
  return pair;
}

export const equal = {
  comparable: true,
  hubEqualsNode: true,
  mirrorEqualsHub: true,
  differing: [],
};
