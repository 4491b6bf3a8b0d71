/** Puts a synthetic population into a node's tables by COPY, as a DBA with plain SQL would. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { population } from '@lienthong/shared-schema/population/population.ts';
import { copyLine, draftToCopyRows } from '@lienthong/shared-schema/sql/copy-text.ts';
import { from as copyFrom } from 'pg-copy-streams';

import { withClient } from '../services/postgres-databases.ts';

export async function loadPopulation(
  databaseUrl: string,
  plan: Parameters<typeof population>[0],
): Promise<number> {
  const records: string[] = [];
  const rows = new Map<string, string[]>();
  let people = 0;
  for (const draft of population(plan)) {
    const recordId = randomUUID();
    records.push(copyLine([recordId, draft.kind === 'org_unit' ? '1' : '2']));
    if (draft.kind === 'person') people += 1;
    for (const { section, line } of draftToCopyRows(draft, recordId)) {
      const lines = rows.get(section);
      if (lines === undefined) rows.set(section, [line]);
      else lines.push(line);
    }
  }
  await withClient(databaseUrl, async (client) => {
    const copy = async (table: string, lines: readonly string[]): Promise<void> =>
      pipeline(Readable.from(lines), client.query(copyFrom(`copy ${table} from stdin`)));
    await client.query('begin');
    await copy('profile.record (record_id, kind)', records);
    for (const section of sections) {
      const keys = section.many ? ['record_id', 'ordinal'] : ['record_id'];
      const columns = [...keys, ...section.fields.map((field) => field.name)].join(', ');
      await copy(`profile.${section.name} (${columns})`, rows.get(section.name) ?? []);
    }
    await client.query('commit');
  });
  return people;
}
