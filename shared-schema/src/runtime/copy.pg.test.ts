import { expect, test } from 'vitest';

import { openTestDatabase } from '../../../test/support/database.ts';
import { copyIn, copyOut } from './copy.ts';
import { openDatabase, transaction } from './database.ts';

/** The server flushes in pieces of this size, so that a message may begin in another packet. */
const serverBuffer = 8_192;

test('copyOut counts the rows, wherever the end of the data falls in the packets of the server', async () => {
  await using place = await openTestDatabase();
  await using database = openDatabase(place.url, { max: 1, applicationName: 'copy' });
  await transaction(database, async (tx) => {
    for (let size = serverBuffer - 80; size < serverBuffer + 20; size++) {
      const copied = await copyOut(tx, `select repeat('x', ${size})`);
      expect([size, copied.count, copied.bytes.length]).toEqual([size, 1, size + 1]);
    }
  });
});

test('what copyOut gives copyIn takes, rows with tabs, backslashes and newlines in them too', async () => {
  await using place = await openTestDatabase();
  await using database = openDatabase(place.url, { max: 1, applicationName: 'copy' });
  await transaction(database, async (tx) => {
    await tx.client.query(`create table one (n integer, t text);
      create table two (like one);
      insert into one select g, E'a\\tb\\\\c\\nd' || g from generate_series(1, 1000) g;
      insert into one values (0, null), (0, '')`);
    const copied = await copyOut(tx, 'select n, t from one order by n');
    expect(copied.count).toBe(1_002);
    expect(await copyIn(tx, 'two (n, t)', copied.bytes)).toBe(1_002);
    const { rows } = await tx.client.query(
      `select count(*)::integer as differing from one full join two using (n, t)
       where (one.n is null or two.n is null) and t is not null`,
    );
    expect(rows).toEqual([{ differing: 0 }]);
    expect(await copyOut(tx, 'select n from one where false')).toEqual({
      bytes: Buffer.alloc(0),
      count: 0,
    });
  });
});
