import { createPublicKey } from 'node:crypto';

import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook, readCodeLists } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { loadCodeLists } from '@lienthong/shared-schema/runtime/load-code-lists.ts';
import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import {
  type CodeListBody,
  codeListBody,
} from '@lienthong/shared-schema/wire/code-list-messages.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { expect, test } from 'vitest';

import { heldFaults, openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit, person, recordId } from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';
import { tellCodeLists } from '../db/code-lists.ts';
import { publishCodeList } from './publish-code-list.ts';

const shipped = codeLists.HINH_THUC_KY_LUAT;
const added = { code: '8', vi: 'Hình thức thử', from: '2026-01-01', status: 'unverified' };
const second = { ...shipped, version: 2, entries: [...shipped.entries, added] };

/** The code lists that a unit finds on its feed, each checked as a unit checks it. */
async function listsOf(unit: TestUnit, hub: TestHub, after = 0n): Promise<readonly CodeListBody[]> {
  const page = await unit.pull(after);
  return page.content.codeLists.map(({ body, signature }) => {
    const key = createPublicKey(hub.signingKey);
    expect(verifyBytes(key, domains.codeList, body, signature)).toBe(true);
    return codeListBody.decode(body);
  });
}

const punished = (version: number, form: string) =>
  person(2, '001080000002', {
    version,
    unit: 'H52',
    more: { discipline: [{ from_date: '2026-02', form }] },
  });

test('a new version is in force at once, goes down the feeds, and what was held for its codes is asked for', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H52');
  await unit.send([orgUnit(1, 'H52'), punished(1, '8')]);
  expect(await heldFaults(hub, 'H52')).toEqual({ 2: ['form code_unknown'] });
  const { feedHead } = (await unit.pull()).header;

  const dry = await publishCodeList(hub, second, { dryRun: true });
  const changes = { added: [added], closed: [], changed: [] };
  const name = shipped.name;
  expect(dry).toEqual({ name, version: 1, stored: false, changes, feeds: 0, askedFor: 0 });
  expect((await unit.pull(feedHead)).header.feedHead).toBe(feedHead);

  const published = await publishCodeList(hub, second);
  expect(published).toEqual({ name, version: 2, stored: true, changes, feeds: 1, askedFor: 1 });
  expect(await listsOf(unit, hub, feedHead)).toMatchObject([
    { name, version: 2, audience: hub.audience },
  ]);
  expect((await unit.pull(feedHead)).content.resends).toEqual([recordId(2)]);
  await unit.send([punished(2, '8')]);
  expect(await heldFaults(hub, 'H52')).toEqual({});
  expect(hub.logged()).toContain('code list published');

  // the file again, and then once more with another label
  expect(await publishCodeList(hub, second)).toMatchObject({ stored: false, version: 2, feeds: 0 });
  const closed = { ...added, to: '2026-06-30', successor: '1' };
  const third = { ...second, version: 3, entries: [...shipped.entries, closed] };
  expect(await publishCodeList(hub, third)).toMatchObject({
    version: 3,
    changes: { closed: [closed] },
  });
  await unit.send([punished(3, '8')]);
  await unit.send([
    {
      ...punished(4, '8'),
      rows: { ...punished(4, '8').rows, discipline: [{ from_date: '2026-07', form: '8' }] },
    },
  ]);
  expect(await heldFaults(hub, 'H52')).toEqual({ 2: ['form code_not_valid_then'] });

  // a page is of now: it has the list once, in its newest version
  expect(await listsOf(unit, hub)).toMatchObject([{ version: 3 }]);
  // all that was published is kept, and the shipped list takes nothing back
  expect(await rowsOf(hub, 'select name, version from sync.code_list order by version')).toEqual([
    [name, 2],
    [name, 3],
  ]);
  expect(await transaction(hub.database, (tx) => loadCodeLists(tx))).toEqual([]);
  expect(await readCodeLists(hub.database.db, name)).toEqual([third]);

  // a unit that is approved later is told the newest, once
  const later = await enrolTestUnit(hub, 'G09');
  for (let i = 0; i < 2; i += 1) {
    await transaction(hub.database, ({ db }) => tellCodeLists(db, 'G09'));
    expect((await later.pull()).header.feedHead).toBe(1n);
  }
  expect(await listsOf(later, hub)).toMatchObject([{ name, version: 3, hubIncarnation: 1n }]);
});

test('a list with faults is refused whole, with all of them, and nothing changes', async () => {
  await using hub = await openTestHub();
  const unit = await enrolTestUnit(hub, 'H52');
  const [, ...others] = shipped.entries;
  const faulty = {
    ...shipped,
    version: 4,
    entries: [
      ...others,
      { ...added, from: '2026-13-01' },
      { ...added, code: '2', from: '2026-01-01' },
    ],
  };
  const refusal = await publishCodeList(hub, faulty).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'HUB_CODE_LIST_INVALID' });
  for (const part of [
    'row 7: "from" is a day that exists',
    'row 8: 2 is valid here and in row 1 at one time',
    'version 1 is in force: the next one is "version": 2',
    'row 1 of version 1 is missing: 1 without a first day (Khiển trách)',
  ]) {
    expect(String(refusal)).toContain(part);
  }
  for (const document of [
    [],
    { ...second, name: 'KHONG_CO' },
    { ...second, version: 1 },
    { ...shipped, version: 3 },
    { ...second, entries: second.entries.map((entry) => ({ ...entry, note: 'x'.repeat(2001) })) },
  ]) {
    await expect(publishCodeList(hub, document)).rejects.toMatchObject({
      code: 'HUB_CODE_LIST_INVALID',
    });
  }
  expect(await rowsOf(hub, 'select count(*)::integer from sync.code_list')).toEqual([[0]]);
  expect((await unit.pull()).header.feedHead).toBe(0n);
  const book = await loadCodeBook(hub.database.db);
  expect(book.standing('HINH_THUC_KY_LUAT', '8', null)).toBe('unknown');
});

test('what a database says of its lists is what was put into it', async () => {
  await using hub = await openTestHub();
  const stored = new Map((await readCodeLists(hub.database.db)).map((list) => [list.name, list]));
  for (const list of Object.values(codeLists)) {
    const inOrder = list.entries.toSorted((a, b) =>
      a.code === b.code ? ((a.from ?? '') < (b.from ?? '') ? -1 : 1) : a.code < b.code ? -1 : 1,
    );
    expect(stored.get(list.name)).toEqual({ ...list, entries: inOrder });
  }
  const book = await loadCodeBook(hub.database.db);
  expect(book.standing('DVHC', '02', '2025-07-01')).toBe('not-valid-then');
  expect(book.withLabel('DVHC', 'Tỉnh Hà Giang').map((entry) => entry.successor)).toEqual(['08']);
});
