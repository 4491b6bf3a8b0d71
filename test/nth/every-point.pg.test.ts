import { type Database, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { openTestHub } from '../support/test-hub.ts';
import { failEverywhere, type Row } from './every-point.ts';

type Pool = Pick<Database['pool'], 'query'>;

/** The row of a unit, once or, with `again`, however often. */
const insert = (pool: Pool, agency: string, again = ''): Promise<unknown> =>
  pool.query(
    `insert into registry.unit (agency, name, slot) values ($1, 'Test', '0 0 1 * * *') ${again}`,
    [agency],
  );
const whatever = 'on conflict do nothing';

async function run(commits: number, act: (database: Database) => Promise<unknown>): Promise<Row> {
  await using hub = await openTestHub();
  const subject = { name: 'work', side: 'hub', urls: { hub: hub.url }, commits, act } as const;
  return await failEverywhere(subject, 'every');
}

test('work of one transaction that may be repeated is sound, at each of its points by each kind', async () => {
  const row = await run(1, (database) =>
    transaction(database, async ({ client }) => {
      await insert(client, 'H52', whatever);
      await insert(client, 'H53', whatever);
    }),
  );
  const hits = { error: 4, conflict: 4, cut: 4, kill: 4, lost: 4 };
  // only a lost answer to the commit leaves anything behind
  expect(row).toEqual({ name: 'work', points: 4, commits: 1, hits, unknown: 1 });
});

test('what is not in one transaction is found, by what others see of it', async () => {
  const halves = run(1, async ({ pool }) => {
    await insert(pool, 'H52', whatever);
    await insert(pool, 'H53', whatever);
  });
  await expect(halves).rejects.toThrow('work: commits: expected 2 to be 1');
});

test('what cannot be repeated after an unknown outcome is found', async () => {
  await expect(run(1, ({ pool }) => insert(pool, 'H52'))).rejects.toThrow(
    /^work, lost at point 1: insert .*, again$/su,
  );
});

test('a failure that is taken for success is found', async () => {
  const careless = run(1, ({ pool }) => insert(pool, 'H52', whatever).catch(() => undefined));
  await expect(careless).rejects.toThrow(/said to be done/u);
});

test('what a failure leaves behind is found in whatever table it is', async () => {
  const leaving = run(1, ({ pool }) =>
    insert(pool, 'H52', whatever).catch(async (error: unknown) => {
      await pool.query(`insert into sync.digest_dirty (agency, record_id)
        values ('H52', '01900000-0000-7000-8000-000000000001')`);
      throw error;
    }),
  );
  await expect(leaving).rejects.toThrow(/^work, error at point 1/u);
});
