import { openDatabase, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { openNodePlace } from '../../../test/support/test-node.ts';
import { recordId } from '../../../test/support/test-records.ts';
import { appendRows, beginImport } from './intake.ts';
import { publishRows } from './publish-intake.ts';

test('one list is published by the index, though nobody has counted the rows of its table', async () => {
  await using place = await openNodePlace('H52');
  await using database = openDatabase(place.url, { max: 2, applicationName: 'large-set' });
  const one = recordId(1);
  await database.pool.query(
    `with people as (
       insert into profile.record (record_id, kind)
       select catalogue.new_record_id(), 2 from generate_series(1, 999)
       union all select $1::uuid, 2
       returning record_id
     )
     insert into profile.evaluation (record_id, ordinal, year, grade)
     select record_id, n, 2000 + n, '1' from people, generate_series(1, 20) n`,
    [one],
  );
  const { published, read } = await transaction(database, async ({ db }) => {
    const importId = await beginImport(db, { source: 'workbook' });
    await appendRows(db, importId, [
      {
        sheet: 'M0006',
        row_no: 1,
        kind: 'person',
        unit_code: null,
        pin: null,
        verdict: 'ok',
        findings: [],
        sections: { evaluation: [{ year: '2025', grade: '2' }] },
        carries: { evaluation: ['year', 'grade'] },
        source: {},
        record_id: one,
      },
    ]);
    const publication = await publishRows(db, { importId });
    const { rows } = await sql<{ read: number }>`
      select seq_tup_read::integer as read from pg_stat_xact_user_tables
      where relid = 'profile.evaluation'::regclass`.execute(db);
    return { published: publication.published, read: rows[0]?.read };
  });
  expect({ published, read }).toEqual({ published: 1, read: 0 });
});
