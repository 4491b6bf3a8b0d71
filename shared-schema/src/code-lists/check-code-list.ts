/**
 * What a code list must be, wherever it comes from: a file of this folder, a file that somebody wants
 * to publish, a message of the hub. All faults are told at once, each with its row, that is the number
 * of its entry from 1. What a version may change of the one before is in `compare-code-lists.ts`.
 */
import { isPartialDate } from '../text/partial-date.ts';
import { type CodeEntry, type CodeList, codeMax } from './code-list.ts';

export type CheckedCodeList = {
  /** As far as it could be read; whole where there is no fault. */
  readonly list: CodeList;
  readonly faults: readonly string[];
};

/** The list that a parsed JSON document is, in the form of the files of `shared-schema/code-lists`. */
export function checkCodeList(document: unknown): CheckedCodeList {
  if (!isObject(document)) {
    const list = { name: '', version: 0, vi: '', en: '', source: '', entries: [] };
    return { list, faults: ['this is no object with name, version and entries'] };
  }
  const faults: string[] = [];
  for (const key of Object.keys(document)) {
    if (!headKeys.has(key)) faults.push(`"${key}" is no part of a list`);
  }
  const say = (fault: string): void => void faults.push(fault);
  const list: CodeList = {
    name: textOf(document, 'name', say) ?? '',
    version: versionOf(document['version'], say),
    vi: textOf(document, 'vi', say) ?? '',
    en: textOf(document, 'en', say) ?? '',
    source: textOf(document, 'source', say) ?? '',
    entries: entriesOf(document['entries'], say),
  };
  if (!/^[A-Z][A-Z0-9_]{1,39}$/u.test(list.name)) {
    say('"name" is capital letters, digits and _, such as DVHC');
  }
  faults.push(...referenceFaults(list.entries), ...overlapFaults(list.entries));
  if (listsOfDays.has(list.name)) faults.push(...dayFaults(list.entries));
  return { list, faults };
}

type Say = (fault: string) => void;
type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const headKeys: ReadonlySet<string> = new Set(['name', 'version', 'vi', 'en', 'source', 'entries']);

/** Texts of an entry with the longest that each may be; those of `needed` must be there. */
const textMax = {
  code: codeMax,
  vi: 500,
  en: 500,
  from: 10,
  to: 10,
  status: 20,
  parent: codeMax,
  successor: codeMax,
  salaryGroup: 40,
  note: 2000,
} as const;
const needed: ReadonlySet<string> = new Set(['code', 'vi', 'status']);

function versionOf(value: unknown, say: Say): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= versionMax) {
    return value;
  }
  say('"version" is a whole number from 1 on');
  return 0;
}

const versionMax = 2 ** 31 - 1;

function textOf(document: Json, key: string, say: Say): string | undefined {
  const fault = textFault(document[key], 1000);
  if (fault !== undefined) say(`"${key}" ${fault}`);
  return typeof document[key] === 'string' ? document[key] : undefined;
}

function entriesOf(value: unknown, say: Say): readonly CodeEntry[] {
  if (!Array.isArray(value) || value.length === 0) {
    say('"entries" is a list of at least one entry');
    return [];
  }
  return value.map((entry: unknown, i) => entryOf(entry, (fault) => say(`row ${i + 1}: ${fault}`)));
}

function entryOf(value: unknown, say: Say): CodeEntry {
  if (!isObject(value)) {
    say('this is no entry with code, vi and status');
    return { code: '', vi: '', status: '' };
  }
  const entry: Record<string, string | readonly string[]> = {};
  for (const [key, one] of Object.entries(value)) {
    if (key === 'aliases') entry[key] = aliasesOf(one, say);
    else if (!Object.hasOwn(textMax, key)) say(`"${key}" is no part of an entry`);
    else if (typeof one === 'string') entry[key] = one;
  }
  for (const [key, max] of Object.entries(textMax)) {
    if (value[key] === undefined && !needed.has(key)) continue;
    const fault = textFault(value[key], max);
    if (fault !== undefined) say(`"${key}" ${fault}`);
  }
  const { code = '', vi = '', status = '', ...others } = entry;
  const read = { ...others, code: String(code), vi: String(vi), status: String(status) };
  sayOfEntry(read, say);
  return read;
}

function sayOfEntry({ status, from, to }: CodeEntry, say: Say): void {
  if (status !== 'verified' && status !== 'unverified') {
    say('"status" is verified or unverified');
  }
  for (const [key, day] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (day !== undefined && !isDay(day)) {
      say(`"${key}" is a day that exists, such as 2025-07-01`);
    }
  }
  if ((from ?? '0') > (to ?? '9')) say(`it ends on ${to}, before it begins on ${from}`);
}

const isDay = (text: string): boolean => text.length === 10 && isPartialDate(text);

/** The lists that the calendar reads (`calendar/working-calendar.ts`): it would pass over any other code. */
const listsOfDays: ReadonlySet<string> = new Set(['NGAY_NGHI', 'NGAY_LAM_BU']);

const dayFaults = (entries: readonly CodeEntry[]): readonly string[] =>
  entries.flatMap(({ code }, i) =>
    isDay(code) ? [] : [`row ${i + 1}: the code is a day that exists, such as 2025-07-01`],
  );

function aliasesOf(value: unknown, say: Say): readonly string[] {
  const aliases: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  const fault = aliases.map((one) => textFault(one, 500)).find((one) => one !== undefined);
  if (fault !== undefined) say(`"aliases" is a list of texts, each of which ${fault}`);
  return aliases.filter((one) => typeof one === 'string');
}

function textFault(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string' || value === '') return 'must be a text that is not empty';
  if (value.length > max) return `must have ${max} characters at most`;
  if (value !== value.trim() || value !== value.normalize('NFC') || /\p{Cc}/u.test(value)) {
    return 'must have no space at its ends, no control character, and be in NFC';
  }
  return value.isWellFormed() ? undefined : 'must be well-formed text';
}

function referenceFaults(entries: readonly CodeEntry[]): readonly string[] {
  const codes = new Set(entries.map((entry) => entry.code));
  return entries.flatMap(({ code, parent, successor }, i) =>
    [
      ['parent', parent],
      ['successor', successor],
    ]
      .filter(([, named]) => named !== undefined && !codes.has(named))
      .map(([what, named]) => `row ${i + 1}: the ${what} ${named} of ${code} is not in the list`),
  );
}

/** A code may mean one thing at a time only. */
function overlapFaults(entries: readonly CodeEntry[]): readonly string[] {
  const rows = entries
    .map((entry, i) => ({ ...entry, row: i + 1 }))
    .filter(({ code }) => code !== '');
  return [...Map.groupBy(rows, (entry) => entry.code).values()].flatMap((same) => {
    const inTime = same.toSorted((a, b) => compare(a.from ?? '', b.from ?? ''));
    return inTime.flatMap((entry, i) => {
      const before = inTime[i - 1];
      if (before === undefined || (before.to ?? '9999') < (entry.from ?? '')) return [];
      return [`row ${entry.row}: ${entry.code} is valid here and in row ${before.row} at one time`];
    });
  });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
