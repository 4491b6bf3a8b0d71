import fc from 'fast-check';
import { expect, test } from 'vitest';

import { codeListNames } from '../catalogue/code-list-names.ts';
import { checkCodeList } from './check-code-list.ts';
import type { CodeEntry, CodeList } from './code-list.ts';
import { codeListChanges, isSameList, successionFaults } from './compare-code-lists.ts';
import { codeLists } from './shipped.ts';

test.each(codeListNames)('the shipped list %s is well formed', (name) => {
  expect(codeLists[name].name).toBe(name);
  expect(checkCodeList(codeLists[name])).toEqual({ list: codeLists[name], faults: [] });
});

const listOf = (entries: readonly unknown[], head: object = {}): object => ({
  name: 'HINH_THUC_KY_LUAT',
  version: 2,
  vi: 'Hình thức kỷ luật',
  en: 'Forms of discipline',
  source: 'A decree',
  ...head,
  entries,
});

const faultsOf = (document: unknown): readonly string[] => checkCodeList(document).faults;

test('every fault is told at once, with its row', () => {
  expect(
    faultsOf(
      listOf(
        [
          { code: '1', vi: 'Khiển trách', status: 'verified' },
          { code: '1', vi: 'Khiển trách lại', from: '2026-01-01', status: 'verified' },
          { code: '2', vi: ' Cảnh cáo', status: 'perhaps' },
          { code: 3, vi: 'Hạ bậc lương', status: 'verified', until: '2025' },
          { code: '4', vi: 'Giáng chức', from: '2025-02-30', to: '2025-01', status: 'verified' },
          { code: '5', vi: 'Cách chức', from: '2026-01-02', to: '2026-01-01', status: 'verified' },
          { code: '6', vi: 'Buộc thôi việc', status: 'verified', successor: '9', parent: '8' },
          'Bãi nhiệm',
        ],
        { version: 1.5, extra: true },
      ),
    ),
  ).toEqual([
    '"extra" is no part of a list',
    '"version" is a whole number from 1 on',
    'row 3: "vi" must have no space at its ends, no control character, and be in NFC',
    'row 3: "status" is verified or unverified',
    'row 4: "until" is no part of an entry',
    'row 4: "code" must be a text that is not empty',
    'row 5: "from" is a day that exists, such as 2025-07-01',
    'row 5: "to" is a day that exists, such as 2025-07-01',
    'row 5: it ends on 2025-01, before it begins on 2025-02-30',
    'row 6: it ends on 2026-01-01, before it begins on 2026-01-02',
    'row 8: this is no entry with code, vi and status',
    'row 7: the parent 8 of 6 is not in the list',
    'row 7: the successor 9 of 6 is not in the list',
    'row 2: 1 is valid here and in row 1 at one time',
  ]);
});

test.each<readonly [string, readonly Partial<CodeEntry>[], readonly string[]]>([
  ['one day apart may follow one another', [{ to: '2026-04-29' }, { from: '2026-04-30' }], []],
  ['that share a day may not', [{ to: '2026-04-30' }, { from: '2026-04-30' }], ['row 2']],
  ['that are both open may not', [{}, {}], ['row 2']],
  [
    'may stand in any order',
    [{ from: '2026-04-30' }, { to: '2025-06-30' }, { from: '2025-07-01', to: '2026-04-29' }],
    [],
  ],
])('intervals of one code %s', (_, intervals, rows) => {
  const entries = intervals.map((one) => ({
    code: '75',
    vi: 'Đồng Nai',
    status: 'verified',
    ...one,
  }));
  expect(faultsOf(listOf(entries)).map((fault) => fault.split(':')[0])).toEqual(rows);
});

test('a code is as long as the columns take it, and no longer', () => {
  const of = (length: number): object =>
    listOf([{ code: 'A'.repeat(length), vi: 'Một', status: 'verified' }]);
  expect(faultsOf(of(20))).toEqual([]);
  expect(faultsOf(of(21))).toEqual(['row 1: "code" must have 20 characters at most']);
});

test.each(['NGAY_NGHI', 'NGAY_LAM_BU'])('each code of %s is a day', (name) => {
  const entries = ['2026-11-24', '24/11/2026', '2026-11', '2026-11-31'].map((code) => ({
    code,
    vi: 'Nghỉ hoán đổi',
    status: 'verified',
  }));
  expect(faultsOf(listOf(entries, { name }))).toEqual(
    [2, 3, 4].map((row) => `row ${row}: the code is a day that exists, such as 2025-07-01`),
  );
  expect(faultsOf(listOf(entries))).toEqual([]);
});

test('whatever a document is, it is a list or has faults', () => {
  const keys = fc.constantFrom(
    'code',
    'vi',
    'status',
    'from',
    'to',
    '__proto__',
    'aliases',
    'parent',
  );
  const entry = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        fc.array(entry).map((one) => listOf(one)),
      ),
      (document) => {
        const { list, faults } = checkCodeList(document);
        expect(faults.length > 0 || checkCodeList(list).faults.length === 0).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

const before: CodeList = codeLists.HINH_THUC_KY_LUAT;
const [first, ...others] = before.entries;

test('an entry may be closed and named anew, but neither leave the list nor begin at another day', () => {
  if (first === undefined) throw new RangeError('the list is empty');
  const closed = { ...first, to: '2026-12-31' };
  expect(successionFaults(before, { ...before, entries: [closed, ...others] })).toEqual([]);
  expect(successionFaults(before, { ...before, entries: others })).toEqual([
    'row 1 of version 1 is missing: 1 without a first day (Khiển trách); keep it as it was, and close it by "to"',
  ]);
  const later = { ...first, from: '2020-01-01' };
  expect(successionFaults(before, { ...before, entries: [later, ...others] })).toHaveLength(1);
});

test('what a version changes is told as added, closed and changed', () => {
  if (first === undefined) throw new RangeError('the list is empty');
  const added = { code: '8', vi: 'Hình thức mới', from: '2027-01-01', status: 'verified' };
  const entries = [
    ...others.slice(1),
    { ...first, to: '2026-12-31' },
    { ...others[0], code: '2', vi: 'Cảnh cáo bằng văn bản', status: 'verified' },
    added,
  ];
  const changes = codeListChanges(before, { ...before, entries });
  expect(changes.added).toEqual([added]);
  expect(changes.closed.map((entry) => entry.code)).toEqual(['1']);
  expect(changes.changed.map((entry) => entry.code)).toEqual(['2']);
  // what was closed by mistake and is open again is not closed
  const closed = { ...before, entries: [{ ...first, to: '2026-12-31' }, ...others] };
  const reopened = codeListChanges(closed, before);
  expect([reopened.closed, reopened.changed.map((entry) => entry.code)]).toEqual([[], ['1']]);
  expect(isSameList(before, { ...before, version: 9, entries: before.entries.toReversed() })).toBe(
    true,
  );
  expect(isSameList(before, { ...before, entries })).toBe(false);
});
