import { expect, test } from 'vitest';

import { changesOf } from './row-changes.ts';

const stored = {
  identity: [{ full_name: 'Cũ', sex: '1' }],
  work_history: [{ unit_name: 'A', from_date: '2010' }],
};

test('only what a row speaks of is compared; an empty cell clears, what is equal is no change', () => {
  const carries = { identity: ['full_name', 'religion', 'sex'], contact: ['phone'] };
  const filed = { identity: [{ full_name: 'Mới', sex: '1', birth_date: '1980' }] };
  expect(changesOf(carries, filed, stored).fields).toMatchObject([
    { section: 'identity', field: 'full_name', old: 'Cũ', new: 'Mới' },
  ]);
  expect(changesOf({ identity: ['sex'] }, { identity: [] }, stored).fields).toMatchObject([
    { field: 'sex', old: '1', new: null },
  ]);
});

test('of a new record everything is a change, also what follows from the row', () => {
  const { fields } = changesOf(
    { employment: ['object_class'] },
    {
      employment: [{ object_class: '2', status: '1' }],
    },
    undefined,
  );
  expect(fields.map((one) => [one.field, one.old, one.new])).toEqual([
    ['object_class', null, '2'],
    ['status', null, '1'],
  ]);
});

test('a list is one change, told whole; the order of the fields of a row does not matter', () => {
  const carries = { work_history: ['from_date', 'unit_name'] };
  const same = { work_history: [{ from_date: '2010', unit_name: 'A' }] };
  expect(changesOf(carries, same, stored).lists).toEqual([]);
  expect(changesOf(carries, { work_history: [] }, stored).lists).toMatchObject([
    { section: 'work_history', old: [{ unit_name: 'A' }], new: [] },
  ]);
});
