import { expect, test } from 'vitest';

import { changeNotePattern, dueKinds } from './change-note.ts';
import { decreeSince, dueTable } from './due-table.ts';
import { workingCalendar } from './working-calendar.ts';

const off = [{ code: '2026-11-23' }] as const;
const plain = workingCalendar({ entries: () => [] });

test('each day since the decree has a due day for each kind, by the calendar that is handed in', () => {
  const { events, kinds, dues } = dueTable({ from: '2020-01-01', to: '2026-07-02' }, plain);
  expect(events[0]).toBe(decreeSince);
  expect(events).toHaveLength(2 * dueKinds.length);
  expect(kinds.slice(0, dueKinds.length)).toEqual(dueKinds);
  expect(dues).toHaveLength(events.length);
  const dueOf = (calendar: typeof plain): string | undefined =>
    dueTable({ from: '2026-11-20', to: '2026-11-20' }, calendar).dues[dueKinds.indexOf('system')];
  expect(dueOf(plain)).toBe('2026-11-23');
  // a day off that was decided later
  const changed = workingCalendar({
    entries: (list) =>
      list === 'NGAY_NGHI'
        ? off.map((one) => ({ ...one, vi: 'Nghỉ bù', status: 'unverified' }))
        : [],
  });
  expect(dueOf(changed)).toBe('2026-11-24');
});

test.each([
  ['23:system:2026-11-02:2026-11-03', true],
  ['23:late:2026-11-02:2026-11-03', false],
  ['23:system:2026-11:2026-11-03', false],
  ['99999:system:2026-11-02:2026-11-03', false],
  ['23:system:2026-11-02:2026-11-03:', false],
  ["23:system:2026-11-02:2026-11-03'); drop", false],
])('%s is a note of a change: %s', (note, is) => {
  expect(new RegExp(changeNotePattern, 'u').test(note)).toBe(is);
});
