import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { openTestDatabase } from '../../../test/support/database.ts';
import { copyIn, copyOut } from './copy.ts';
import { openDatabase, transaction } from './database.ts';

/** A way to the server on which its bytes come in single pieces, as a slow line may deliver them. */
async function openSlowLine(url: string): Promise<AsyncDisposable & { readonly url: string }> {
  const target = new URL(url);
  const port = Number(target.port);
  const server = createServer((client) => {
    const upstream = connect(port, target.hostname);
    client.setNoDelay(true);
    client.pipe(upstream);
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    const deliver = async (): Promise<void> => {
      for await (const chunk of upstream as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length; at++) {
          client.write(chunk.subarray(at, at + 1));
          // until the other end has read it
          await nextTurn();
        }
      }
    };
    deliver().catch(() => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  target.port = String((server.address() as AddressInfo).port);
  return {
    url: target.href,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

test('copyOut counts the rows, wherever the end of the data falls in the packets of the server', async () => {
  await using place = await openTestDatabase();
  await using line = await openSlowLine(place.url);
  await using database = openDatabase(line.url, { max: 1, applicationName: 'copy' });
  await transaction(database, async (tx) => {
    for (const rows of [0, 1, 3]) {
      const copied = await copyOut(tx, `select g from generate_series(1, ${rows}) g`);
      expect([copied.count, copied.bytes.length]).toEqual([rows, rows * 2]);
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
    // unlike a join this takes null for null, and for nothing else
    const { rows } = await tx.client.query(
      '(table one except all table two) union all (table two except all table one)',
    );
    expect(rows).toEqual([]);
    expect(await copyOut(tx, 'select n from one where false')).toEqual({
      bytes: Buffer.alloc(0),
      count: 0,
    });
  });
});
