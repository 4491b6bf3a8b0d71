/**
 * Where people come from. Personal numbers and birth places name the 63 provinces of before July
 * 2025; home addresses name the communes of after. An agency of a province draws most people from
 * the old provinces that make it up, a ministry from the whole country.
 */
import { shippedBook } from '../code-lists/code-book.ts';
import type { CodeEntry } from '../code-lists/code-list.ts';
import { foldText } from '../text/fold.ts';

/** The day on which the 34 provinces took the place of the 63. */
export const mergerDay = '2025-07-01';

export type Place = { readonly code: string; readonly name: string };

/** One of the 63 provinces. `successor` is the code of the province that holds it since the merger. */
export type OldProvince = Place & { readonly successor: string };

const toPlace = (entry: CodeEntry): Place => ({ code: entry.code, name: entry.vi });

const places = shippedBook.entries('DVHC');

export const oldProvinces: readonly OldProvince[] = places
  .filter((entry) => entry.code.length === 2 && entry.to !== undefined && entry.to < mergerDay)
  .map((entry) => ({ ...toPlace(entry), successor: entry.successor ?? entry.code }));

const newProvinceNames = new Map(
  places
    .filter((entry) => entry.code.length === 2 && entry.from !== undefined)
    .map((entry) => [entry.code, entry.vi]),
);

const communes = places.filter((entry) => entry.parent !== undefined);

/** Communes, wards and special zones since the merger, by the code of their province. */
export const communesByProvince: ReadonlyMap<string, readonly Place[]> = new Map(
  Array.from(
    Map.groupBy(communes, (entry) => entry.parent ?? ''),
    ([province, entries]) => [province, entries.map(toPlace)],
  ),
);

/** Name of a province as it is since the merger, by its code. */
export function newProvinceName(code: string): string {
  const name = newProvinceNames.get(code);
  if (name === undefined) throw new RangeError(`the list DVHC has no province ${code} today`);
  return name;
}

export type Homeland = {
  /** Old provinces that the agency lies in; for a ministry all of them. */
  readonly provinces: readonly OldProvince[];
  /** Code of the province since the merger, whose communes are the agency's; none for a ministry. */
  readonly seat: string | undefined;
};

/** The land of an agency by its level-1 code. Throws when the list CO_QUAN does not know the code. */
export function homelandOf(agency: string): Homeland {
  const entries = shippedBook.withCode('CO_QUAN', agency);
  if (entries.length === 0) {
    throw new RangeError(`${agency} is no level-1 agency code of the list CO_QUAN (such as H52)`);
  }
  if (!agency.startsWith('H')) return { provinces: oldProvinces, seat: undefined };
  const names = new Set(entries.map((entry) => foldText(entry.vi.replace(/^UBND /u, ''))));
  const own = oldProvinces.find((province) => names.has(foldText(province.name)));
  if (own === undefined) throw new RangeError(`the list DVHC has no province for agency ${agency}`);
  const provinces = entries.some((entry) => entry.to === undefined)
    ? oldProvinces.filter((province) => province.successor === own.successor)
    : [own];
  return { provinces, seat: own.successor };
}
