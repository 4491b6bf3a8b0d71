/**
 * A partial date as it lies in a cell: a date cell, a year as a number, a day number of Excel that
 * lost its format, or text in one of the forms that offices write. Undefined when it is no date.
 */
import { isPartialDate, parseVietnameseDate } from '@lienthong/shared-schema/text/partial-date.ts';

import type { Cell } from '../workbook/cell.ts';

/** Day numbers from May 1927 to October 2173; a year never has five digits. */
const serialShape = /^[1-9]\d{4}$/u;
/** What programs append to a date without a time. */
const midnight = /[ T]0{1,2}:00(:00(\.0+)?)?$/u;
const spacedSigns = / ?([/.-]) ?/gu;
/** `ngày 2 tháng 9 năm 1975`, and less of it. */
const inWords =
  /^(?:(?:ngày )?(?<day>\d{1,2}) )?(?:tháng (?<month>\d{1,2}) )?năm (?<year>\d{4})$/iu;
const dayMs = 86_400_000;
const unixEpochSerial = 25_569;

export function readDate(cell: Cell, text: string): string | undefined {
  if (cell.kind === 'date') return isPartialDate(cell.date) ? cell.date : undefined;
  if (serialShape.test(text)) return serialDate(Number(text));
  const day = text.replace(midnight, '').replaceAll(spacedSigns, '$1');
  return parseVietnameseDate(dateInWords(day) ?? day);
}

function dateInWords(text: string): string | undefined {
  const { day, month, year } = inWords.exec(text)?.groups ?? {};
  if (year === undefined || (day !== undefined && month === undefined)) return undefined;
  return [day, month, year].filter((part) => part !== undefined).join('/');
}

function serialDate(serial: number): string {
  return new Date((serial - unixEpochSerial) * dayMs).toISOString().slice(0, 10);
}
