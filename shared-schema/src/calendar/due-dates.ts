/**
 * When a change must be at the hub: Decree 27/2026/NĐ-CP art. 18 and 19. The day of the event is not
 * counted (Civil Code 2015 art. 147(2)), and a period that is given in days and ends on a day of rest
 * ends with the next working day (art. 148(5)). Each is due by the end of its day in Hanoi. That the
 * Civil Code's way of counting holds here is our reading.
 */
import { addDays } from '../text/hanoi-day.ts';
import type { WorkingCalendar } from './working-calendar.ts';

export type DueRule = {
  readonly vi: string;
  readonly en: string;
  readonly days: number;
  readonly unit: 'days' | 'working days';
  readonly source: string;
};

/** By the kind of change. */
export const dueRules = {
  creation: {
    vi: 'Tạo lập hồ sơ',
    en: 'Creation of a record',
    days: 3,
    unit: 'days',
    source: 'Decree 27/2026/NĐ-CP art. 18: within 3 days of the decision',
  },
  declaration: {
    vi: 'Kê khai lần đầu',
    en: 'First declaration',
    days: 3,
    unit: 'working days',
    source: 'Decree 27/2026/NĐ-CP art. 19: within 3 working days of the creation',
  },
  system: {
    vi: 'Dữ liệu phát sinh trên hệ thống của đơn vị',
    en: "Data born in the unit's own system",
    days: 1,
    unit: 'days',
    source: 'Decree 27/2026/NĐ-CP art. 19: no later than 1 day after the process is finished',
  },
  elsewhere: {
    vi: 'Dữ liệu từ nguồn khác',
    en: 'Data from elsewhere',
    days: 3,
    unit: 'working days',
    source: 'Decree 27/2026/NĐ-CP art. 19: within 3 working days',
  },
} as const satisfies Readonly<Record<string, DueRule>>;

export type DueKind = keyof typeof dueRules;

/** The last day on which the change is in time. `event` is the day of the event, `YYYY-MM-DD`. */
export function dueDay(kind: DueKind, event: string, calendar: WorkingCalendar): string {
  const { days, unit } = dueRules[kind];
  switch (unit) {
    case 'working days':
      return calendar.addWorkingDays(event, days);
    case 'days':
      return calendar.workingDayFrom(addDays(event, days));
  }
}
