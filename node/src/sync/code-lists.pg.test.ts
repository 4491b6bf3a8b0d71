import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { keptCodeBook, readCodeLists } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { loadCodeLists } from '@lienthong/shared-schema/runtime/load-code-lists.ts';
import { createSigningKeyPair, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { codeListBody, entriesToWire } from '@lienthong/shared-schema/wire/code-list-messages.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import type { SignedBody } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { publishCodeList } from '../../../hub/src/sync/publish-code-list.ts';
import { openCourier } from '../../../test/support/bundle-courier.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { heldFaults } from '../../../test/support/test-hub.ts';
import {
  openNodePlace,
  openPair,
  type Pair,
  startNode,
  type TestNode,
} from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { syncPair } from '../../../test/support/whole-sync.ts';
import { openTasks, raiseTasks, settleTasks } from '../db/code-lists.ts';
import { readFeedPosition } from '../db/feed-position.ts';
import { acknowledgeCodeList, codeListImpact, settleCodeListTasks } from './code-list-impact.ts';
import { pullFeed } from './pull-feed.ts';
import { takeCodeLists } from './take-code-lists.ts';
import { verifyState } from './verify.ts';

const today = new Date('2026-11-22T03:00:00Z');
const shipped = codeLists.HINH_THUC_KY_LUAT;
const name = 'HINH_THUC_KY_LUAT';
const added = { code: '8', vi: 'Hình thức thử', from: '2026-01-01', status: 'unverified' };
const second = { ...shipped, version: 2, entries: [...shipped.entries, added] };
/** `8` lasted until June, and is `1` since. */
const third = {
  ...shipped,
  version: 3,
  entries: [...shipped.entries, { ...added, to: '2026-06-30', successor: '1' }],
};

const versionAt = async (node: TestNode, list = name): Promise<number | undefined> =>
  (await readCodeLists(node.database.db, list))[0]?.version;

const impactOf = async (node: TestNode, list?: string) => {
  const { counts, holders, next } = await codeListImpact(node, { list });
  return {
    counts: counts.map((one) => [one.list, one.code, one.standing, one.successor, one.records]),
    holders: holders.map((one) => [one.recordId, `${one.section}.${one.field}`]),
    next,
  };
};

const punished = (n: number, from: string, form: string) =>
  person(n, `00108000000${n}`, { more: { discipline: [{ from_date: from, form }] } });

test('a version published at the hub is in force at the node, and who holds what it closes is named', async () => {
  await using pair = await openPair({ now: today });
  const { hub, node } = pair;
  node.clock.now = today;
  const book = keptCodeBook();
  await syncPair(pair);
  expect((await book(node.database.db)).standing(name, '8', null)).toBe('unknown');

  await publishCodeList(hub, second);
  await pullFeed(node);
  expect(await versionAt(node)).toBe(2);
  expect((await book(node.database.db)).standing(name, '8', '2026-05')).toBe('valid');
  expect(await openTasks(node.database.db)).toEqual([]);
  await putRecords(node.database, [
    ...tree,
    punished(3, '2026-05', '8'),
    punished(4, '2026-08', '8'),
  ]);
  await syncPair(pair);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(await verifyState(node)).toMatchObject({ comparable: true, hubEqualsNode: true });
  expect((await impactOf(node)).counts).toEqual([]);

  await publishCodeList(hub, third);
  await pullFeed(node);
  expect(await impactOf(node, name)).toEqual({
    counts: [[name, '8', 'not-valid-then', '1', 1]],
    holders: [[recordId(4), 'discipline.form']],
    next: undefined,
  });
  expect(await openTasks(node.database.db)).toMatchObject([
    { list: name, version: 3, holders: 1n },
  ]);
  expect(node.logged()).toContain('records hold codes that are closed or unknown');

  // it is mended, and the task goes
  await node.database.pool.query(
    `update profile.discipline set form = '1' where record_id = '${recordId(4)}'`,
  );
  expect(await settleCodeListTasks(node, 'open')).toEqual([]);
  expect((await impactOf(node)).holders).toEqual([]);

  // what was put into the tables by other ways than the checks: one code unknown, one closed by today
  await node.database.pool.query(
    `update profile.identity set religion = 'zz', home_town_code = '02', birth_place_code = '02'`,
  );
  expect(await impactOf(node)).toEqual({
    counts: [
      ['DVHC', '02', 'not-valid-then', '08', 2],
      ['TON_GIAO', 'zz', 'unknown', null, 2],
    ],
    holders: [3, 4].flatMap((n) => [
      [recordId(n), 'identity.home_town_code'],
      [recordId(n), 'identity.religion'],
    ]),
    next: undefined,
  });
  const pages: string[] = [];
  let after: string | undefined;
  do {
    const page = await codeListImpact(node, { after, limit: 3 });
    pages.push(page.holders.map((one) => one.field).join());
    after = page.next;
  } while (after !== undefined);
  expect(pages).toEqual(['home_town_code,religion,home_town_code', 'religion']);
  await expect(codeListImpact(node, { after: 'WzFd' })).rejects.toMatchObject({
    code: 'NODE_CURSOR_INVALID',
  });

  // a task that somebody has seen to is not shown, until the list changes again
  await raiseTasks(node.database.db, ['TON_GIAO']);
  expect(await settleCodeListTasks(node, 'uncounted')).toMatchObject([{ holders: 2n }]);
  await acknowledgeCodeList(node, 'TON_GIAO', 'Phòng tổ chức');
  expect(await settleCodeListTasks(node, 'open')).toEqual([]);
  await expect(acknowledgeCodeList(node, 'TON_GIAO', 'Phòng tổ chức')).rejects.toMatchObject({
    code: 'NODE_CODE_LIST_TASK_NONE',
  });
  await raiseTasks(node.database.db, ['TON_GIAO']);
  expect(await settleCodeListTasks(node, 'uncounted')).toMatchObject([{ list: 'TON_GIAO' }]);
  // a count of the version before ends nothing that a newer one has raised meanwhile
  await settleTasks(node.database.db, [{ list: 'TON_GIAO', version: 0, records: 0n }]);
  expect(await openTasks(node.database.db)).toMatchObject([{ list: 'TON_GIAO', holders: 2n }]);
  expect(node.logged()).not.toMatch(/Người Thử|00108000000/u);
});

test('a machine that was restored takes again what it had taken, and newer software takes nothing back', async () => {
  await using pair = await openPair();
  const { hub, node, place, server } = pair;
  await syncPair(pair);
  await node[Symbol.asyncDispose]();
  await using copy = await openNodePlace('H52', { copyOf: place });
  {
    await using again = await startNode(server, place);
    await publishCodeList(hub, second);
    await publishCodeList(hub, third);
    // one page, which was made when both were published
    await pullFeed(again);
    expect(await versionAt(again)).toBe(3);
    expect(await transaction(again.database, (tx) => loadCodeLists(tx))).toEqual([]);
    expect(await versionAt(again)).toBe(3);
  }
  await hub.database.pool.query(`update registry.unit set lineage_token = '', hello_nonce = null`);
  await using restored = await startNode(server, copy);
  await pullFeed(restored);
  expect(await versionAt(restored)).toBe(3);
});

test('a bundle carries a new version as the line does', async () => {
  await using pair = await openPair();
  await using courier = await openCourier();
  const { hub, node } = pair;
  await courier.round(hub, node);
  await publishCodeList(hub, second);
  await courier.round(hub, node);
  expect(await versionAt(node)).toBe(2);
  expect(await openTasks(node.database.db)).toEqual([]);
});

type Crafted = {
  readonly incarnation?: bigint;
  readonly version?: number;
  readonly audience?: Buffer;
  readonly entries?: typeof third.entries;
  readonly forged?: boolean;
};

function craft(
  { hub }: Pair,
  { incarnation = 1n, forged = false, ...crafted }: Crafted,
): SignedBody {
  const { version = 4, audience = hub.audience, entries = third.entries } = crafted;
  const body = codeListBody.encode({
    ...third,
    hubIncarnation: incarnation,
    version,
    audience,
    entries: entriesToWire(entries),
    asOf: '2026-11-22',
  });
  const key = forged ? createSigningKeyPair().privateKey : hub.signingKey;
  return { body, signature: signBytes(key, domains.codeList, body) };
}

test('I19: of the lists on a page each newer one is taken in its turn, an older one ignored, any other refuses the page', async () => {
  await using pair = await openPair();
  const { hub, node } = pair;
  await publishCodeList(hub, second);
  await pullFeed(node);
  const { cursor } = await readFeedPosition(node.database.db);
  const taken = async (...crafted: readonly Crafted[]) => {
    await transaction(node.database, (tx) =>
      takeCodeLists(
        node,
        tx,
        crafted.map((one) => craft(pair, one)),
      ),
    );
    return versionAt(node);
  };
  for (const bad of [
    { forged: true },
    { audience: Buffer.alloc(32, 7) },
    { version: 3, entries: second.entries },
    { entries: [...third.entries, ...third.entries] },
  ]) {
    await expect(taken({ version: 3 }, bad)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
    expect(await versionAt(node)).toBe(2);
  }
  expect(await taken({ version: 1 })).toBe(2);
  expect(await taken({ version: 3 }, { version: 4 }, { version: 3 })).toBe(4);
  // a hub that lost version 4 gives its number again, under a new incarnation
  expect(await taken({ incarnation: 2n, version: 3 })).toBe(3);
  expect(await taken({ version: 5 })).toBe(3);
  expect((await readFeedPosition(node.database.db)).cursor).toBe(cursor);

  // a forged list on a real page: nothing of the page is taken
  await publishCodeList(hub, third);
  await hub.database.pool.query(`update sync.code_list set signature = '\\x00' where version = 3`);
  await expect(pullFeed(node)).rejects.toMatchObject({ code: 'NODE_HUB_UNTRUSTED' });
  expect((await readFeedPosition(node.database.db)).cursor).toBe(cursor);
});
