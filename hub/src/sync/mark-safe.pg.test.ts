import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { backupOf } from '../../../test/support/backup.ts';
import { openTestDatabase } from '../../../test/support/database.ts';
import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit, person, pinOf } from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { markSafe } from './mark-safe.ts';

const safe = 'select agency, safe_seq from registry.unit order by 1';

type World = AsyncDisposable & { readonly hub: TestHub; readonly unit: TestUnit };

/** A unit with four applied batches. */
async function openWorld(): Promise<World> {
  const hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H52');
  await unit.send([orgUnit(1, 'H52'), orgUnit(2, 'H52.01', { parent: 'H52' })]);
  for (const n of [16, 17, 18]) await unit.send([person(n, pinOf(n))]);
  return { hub, unit, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

async function change(url: string, statement: string): Promise<void> {
  await using database = openDatabase(url, { max: 1, applicationName: 'test' });
  await database.pool.query(statement);
}

test('what a restored backup holds, verified batch by batch, is safe; what came after it is not', async () => {
  await using world = await openWorld();
  const { hub, unit } = world;
  await using backup = await backupOf(hub.url);
  await unit.send([person(19, pinOf(19))]);
  const result = { agency: 'H52', before: 0n, safeSeq: 4n, unsafe: 1n, fault: undefined };
  expect(await markSafe(hub, { url: backup.url, dryRun: true })).toEqual([result]);
  expect(await rowsOf(hub, safe)).toEqual([['H52', 0n]]);
  expect(await markSafe(hub, { url: backup.url, dryRun: false })).toEqual([result]);
  expect(await rowsOf(hub, safe)).toEqual([['H52', 4n]]);
  const { progress } = await unit.pull();
  expect([progress.receivedSeq, progress.appliedSeq, progress.safeSeq]).toEqual([5n, 5n, 4n]);
  // an older copy takes nothing back
  await change(backup.url, 'delete from sync.inbox where seq > 2');
  expect(await markSafe(hub, { url: backup.url, dryRun: false })).toMatchObject([{ safeSeq: 4n }]);
});

test('a run reads as many batches as it may, and the next one goes on', async () => {
  await using world = await openWorld();
  const { hub } = world;
  await using backup = await backupOf(hub.url);
  for (const safeSeq of [3n, 4n, 4n]) {
    const options = { url: backup.url, dryRun: false, batchesMax: 3 };
    expect(await markSafe(hub, options)).toMatchObject([{ safeSeq, fault: undefined }]);
  }
});

test.each([
  [
    'a flipped byte of the content',
    'content = set_byte(content, 30, get_byte(content, 30) # 1)',
    'content and hash differ',
  ],
  [
    'a flipped byte of the header',
    'header = set_byte(header, 60, get_byte(header, 60) # 1)',
    /differ|cannot be read|another/u,
  ],
  [
    'another receipt',
    `receipt_signature = set_byte(receipt_signature, 9, get_byte(receipt_signature, 9) # 1)`,
    'receipt not signed by this hub',
  ],
  [
    'another signature',
    `signature = set_byte(signature, 9, get_byte(signature, 9) # 1)`,
    'not signed by the unit',
  ],
])('%s in the copy ends what is safe', async (_, damage, reason) => {
  await using world = await openWorld();
  const { hub } = world;
  await using backup = await backupOf(hub.url);
  await change(backup.url, `update sync.inbox set ${damage} where seq = 3`);
  const [result] = await markSafe(hub, { url: backup.url, dryRun: false });
  expect(result).toMatchObject({ safeSeq: 2n, fault: { seq: 3n } });
  expect(result?.fault?.reason).toMatch(reason);
  expect(await rowsOf(hub, safe)).toEqual([['H52', 2n]]);
  expect(hub.logged()).toContain('a batch of the copy is not good');
});

test('a batch that the copy lacks, or that differs from our own, ends what is safe', async () => {
  await using world = await openWorld();
  const { hub } = world;
  await using backup = await backupOf(hub.url);
  await change(backup.url, 'delete from sync.inbox where seq = 3');
  expect(await markSafe(hub, { url: backup.url, dryRun: true })).toMatchObject([
    { safeSeq: 2n, fault: { seq: 4n, reason: 'batch 3 is missing' } },
  ]);
  await hub.database.pool.query(
    `update sync.inbox set header_hash = sha256('other') where seq = 2`,
  );
  expect(await markSafe(hub, { url: backup.url, dryRun: true })).toMatchObject([
    { safeSeq: 1n, fault: { seq: 2n, reason: 'another batch than in our own archive' } },
  ]);
});

test('this very database, or one of something else, proves nothing', async () => {
  await using world = await openWorld();
  const { hub } = world;
  await using empty = await openTestDatabase();
  for (const url of [hub.url, empty.url]) {
    await expect(markSafe(hub, { url, dryRun: false })).rejects.toMatchObject({
      code: 'HUB_COPY_UNUSABLE',
    });
  }
  expect(await rowsOf(hub, safe)).toEqual([['H52', 0n]]);
});
