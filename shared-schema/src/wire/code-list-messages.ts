/** A code list as it travels: its messages, and its entries there and back. */
import type { CodeEntry, CodeList } from '../code-lists/code-list.ts';
import { codec } from './codec.ts';
import type { SignedBody } from './messages.ts';

export type WireCodeEntry = {
  readonly code: string;
  readonly vi: string;
  readonly en: string;
  readonly from: string;
  readonly to: string;
  readonly status: string;
  readonly aliases: readonly string[];
  readonly parent: string;
  readonly successor: string;
  readonly salaryGroup: string;
  readonly note: string;
};

export type CodeListBody = {
  readonly hubIncarnation: bigint;
  readonly name: string;
  readonly version: number;
  readonly audience: Uint8Array;
  readonly vi: string;
  readonly en: string;
  readonly source: string;
  readonly entries: readonly WireCodeEntry[];
  readonly asOf: string;
};

/** A list of all communes has some thousand entries, each of ten fields. */
export const codeListBody = codec<CodeListBody>('CodeListBody', { fieldsMax: 300_000 });
export const codeList = codec<SignedBody>('CodeList');

/** What is absent in an entry is empty on the wire. */
export const entriesToWire = (entries: readonly CodeEntry[]): readonly WireCodeEntry[] =>
  entries.map((entry) => ({
    code: entry.code,
    vi: entry.vi,
    en: entry.en ?? '',
    from: entry.from ?? '',
    to: entry.to ?? '',
    status: entry.status,
    aliases: entry.aliases ?? [],
    parent: entry.parent ?? '',
    successor: entry.successor ?? '',
    salaryGroup: entry.salaryGroup ?? '',
    note: entry.note ?? '',
  }));

/** The list that a message carries, in the form that `checkCodeList` reads. */
export function listFromWire({ name, version, vi, en, source, entries }: CodeListBody): CodeList {
  return { name, version, vi, en, source, entries: entries.map(entryFromWire) };
}

function entryFromWire({ code, vi, status, aliases, ...rest }: WireCodeEntry): CodeEntry {
  const given = Object.entries(rest).filter(([, text]) => text !== '');
  return {
    code,
    vi,
    status,
    ...(aliases.length === 0 ? {} : { aliases }),
    ...Object.fromEntries(given),
  };
}
