import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { openNodePlace } from '../../../test/support/test-node.ts';
import { readFeedPosition, recordMarkers } from './feed-position.ts';
import { claimDatabase, readLink, recordHelloAnswer, recordProgress } from './link.ts';

test('what the hub told of its progress never falls, and of another incarnation it is not heard', async () => {
  await using place = await openNodePlace('H52');
  await using database = openDatabase(place.url, { max: 1, applicationName: 'link' });
  const { db } = database;
  await claimDatabase(db, 'H52');
  await recordHelloAnswer(db, {
    hubIncarnation: 2n,
    epoch: 1n,
    lineageToken: Buffer.alloc(32),
    nightSlot: '0 0 1 * * *',
    clockSkewMs: 0n,
    batchRecordsMax: 10,
    bundleKey: Buffer.alloc(0),
  });
  const told = { hubIncarnation: 2n, receivedSeq: 9n, appliedSeq: 8n, safeSeq: 7n };
  const kept = { receivedSeq: 9n, appliedSeq: 8n, safeSeq: 7n };
  await recordProgress(db, told);
  expect(await readLink(db)).toMatchObject(kept);
  // answers overtake each other, and one may be of before the raise
  await recordProgress(db, { hubIncarnation: 2n, receivedSeq: 8n, appliedSeq: 7n, safeSeq: 6n });
  await recordProgress(db, { hubIncarnation: 1n, receivedSeq: 99n, appliedSeq: 99n, safeSeq: 99n });
  expect(await readLink(db)).toMatchObject(kept);
});

test('a marker that comes again, as in a feed that is read anew, proves nothing new', async () => {
  await using place = await openNodePlace('H52');
  await using database = openDatabase(place.url, { max: 1, applicationName: 'link' });
  const { db, pool } = database;
  await recordMarkers(db, ['one', 'two']);
  expect(await readFeedPosition(db)).toMatchObject({ proofMarker: 'two' });
  await pool.query('update sync.feed_position set proof_at = null');
  await recordMarkers(db, ['one', 'two']);
  expect(await readFeedPosition(db)).toMatchObject({ proofMarker: 'two', proofAt: null });
  await recordMarkers(db, ['three', 'two']);
  expect(await readFeedPosition(db)).toMatchObject({
    proofMarker: 'three',
    proofAt: expect.any(Date),
  });
});
