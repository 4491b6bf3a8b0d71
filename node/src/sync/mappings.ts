/**
 * What a source writes in place of our codes and headings: taught by people, one by one or as a table
 * filled in in a spreadsheet. A mapping changes how files are read from then on; rows that wait for one
 * go through when the file is imported again or by `intake recheck`.
 */
import { fieldNamed, sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { codeListNames } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { type Database, type Db, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { foldText, tidyText } from '@lienthong/shared-schema/text/fold.ts';

import {
  findSource,
  listSources,
  readMappedCodes,
  readMappedHeadings,
  removeMappedCodes,
  removeMappedHeading,
  type Source,
  storeFileSource,
  storeMappedCodes,
  storeMappedHeadings,
  unmappedValues,
  type UnmappedValue,
} from '../db/sources.ts';
import { NodeError } from '../errors.ts';
import { makeCodeMapping, type MappedCode } from '../intake/code-mapping.ts';
import type { MappedHeading } from '../intake/heading-mapping.ts';
import { foldHeading } from '../intake/heading.ts';

export type Mappings = Source & {
  readonly codes: readonly MappedCode[];
  readonly headings: readonly MappedHeading[];
};

/** Throws NODE_SOURCE_NAME where the name is no name, or is that of a program. */
export async function keepFileSource(
  { db }: Pick<Database, 'db'>,
  source: Pick<Source, 'name' | 'trusted'>,
): Promise<void> {
  const isName = /^[a-z0-9][a-z0-9-]{0,39}$/u.test(source.name);
  if (!isName || !(await storeFileSource(db, source))) {
    throw new NodeError('NODE_SOURCE_NAME', { detail: source.name });
  }
}

/** Of one source, or of all. Throws NODE_SOURCE_UNKNOWN. */
export async function showMappings(
  { db }: Pick<Database, 'db'>,
  name: string | undefined,
): Promise<readonly Mappings[]> {
  const sources = name === undefined ? await listSources(db) : [await knownSource(db, name)];
  return await Promise.all(
    sources.map(async (source) => ({
      ...source,
      codes: await readMappedCodes(db, source.name),
      headings: await readMappedHeadings(db, source.name),
    })),
  );
}

export type NewMappings = {
  readonly codes: readonly MappedCode[];
  readonly headings: readonly MappedHeading[];
};

/**
 * Adds mappings, or changes them, all or none. Throws NODE_SOURCE_UNKNOWN, and NODE_MAPPING_INVALID with
 * every fault at once; faults name lists, fields and values, as the caller gave them.
 */
export async function teachMappings(
  database: Database,
  source: string,
  { codes, headings }: NewMappings,
): Promise<void> {
  await transaction(database, async ({ db }) => {
    const fold = foldOf(await knownSource(db, source));
    const book = await loadCodeBook(db);
    const faults = [
      ...codes.flatMap((one) => codeFault(book, one)),
      ...headings.flatMap(headingFault),
    ];
    if (faults.length > 0) throw invalid(faults);
    const taught = onePerKey(codes.map(tidied), (one) => `${one.list} ${fold(one.value)}`);
    await removeMappedCodes(
      db,
      source,
      ofSameValue(await readMappedCodes(db, source), taught, fold),
    );
    await storeMappedCodes(db, source, taught);
    const folded = headings.map((one) => ({ ...one, heading: foldHeading(one.heading) }));
    await storeMappedHeadings(
      db,
      source,
      onePerKey(folded, (one) => one.heading),
    );
  });
}

/** The last of several for one value. */
function onePerKey<T>(rows: readonly T[], keyOf: (row: T) => string): readonly T[] {
  return Array.from(new Map(rows.map((row) => [keyOf(row), row])).values());
}

type Fold = (text: string) => string;

/** What of a value does not matter: of files letter case as well, of packets spacing only. */
const foldOf = ({ kind }: Pick<Source, 'kind'>): Fold => (kind === 'file' ? foldText : tidyText);

/** Mappings for the values of `others`, in whatever spelling: two of one value would contradict. */
function ofSameValue(
  mapped: readonly MappedCode[],
  others: readonly Pick<MappedCode, 'list' | 'value'>[],
  fold: Fold,
): readonly MappedCode[] {
  const same = new Set(others.map((one) => `${one.list} ${fold(one.value)}`));
  return mapped.filter((one) => same.has(`${one.list} ${fold(one.value)}`));
}

const tidied = (one: MappedCode): MappedCode => ({ ...one, value: tidyText(one.value) });

export type Unlearned = { readonly heading: string } | Pick<MappedCode, 'list' | 'value'>;

/** Throws NODE_SOURCE_UNKNOWN, and NODE_MAPPING_NONE where nothing of the kind is mapped. */
export async function removeMapping(
  { db }: Pick<Database, 'db'>,
  source: string,
  one: Unlearned,
): Promise<void> {
  const fold = foldOf(await knownSource(db, source));
  const removed =
    'heading' in one
      ? await removeMappedHeading(db, source, foldHeading(one.heading))
      : await removeMappedCodes(
          db,
          source,
          ofSameValue(await readMappedCodes(db, source), [one], fold),
        );
  if (removed === 0) throw new NodeError('NODE_MAPPING_NONE');
}

export type WaitingValue = UnmappedValue & {
  /** The code that somebody has mapped it to since: the rows need only be checked again. */
  readonly mapped: string | null;
};

/** Values that hold back rows, of one source or of all. Throws NODE_SOURCE_UNKNOWN. */
export async function waitingValues(
  { db }: Pick<Database, 'db'>,
  name: string | undefined,
): Promise<readonly WaitingValue[]> {
  const sources = name === undefined ? await listSources(db) : [await knownSource(db, name)];
  const mappings = new Map(
    await Promise.all(
      sources.map(
        async ({ name: source, kind }) =>
          [source, makeCodeMapping(await readMappedCodes(db, source), foldOf({ kind }))] as const,
      ),
    ),
  );
  const values = await unmappedValues(db, name ?? null);
  return values.map((one) => {
    const list = codeListNames.find((known) => known === one.list);
    const mapped = list && mappings.get(one.source)?.codeOf(list, one.value);
    return { ...one, mapped: mapped ?? null };
  });
}

async function knownSource(db: Db, name: string): Promise<Source> {
  const source = await findSource(db, name);
  if (source === undefined) throw new NodeError('NODE_SOURCE_UNKNOWN', { detail: name });
  return source;
}

function codeFault(book: CodeBook, { list, value, code }: MappedCode): readonly string[] {
  const known = codeListNames.find((one) => one === list);
  if (known === undefined) return [`there is no code list ${list}`];
  if (tidyText(value) === '') return [`${list}: a value is empty`];
  return book.withCode(known, code).length > 0 ? [] : [`${list} has no code ${code}`];
}

function headingFault({ heading, section, field }: MappedHeading): readonly string[] {
  const known = sections.find((one) => one.name === section);
  if (known === undefined) return [`there is no section ${section}`];
  if (foldHeading(heading) === '') return [`${section}.${field}: a heading is empty`];
  return known.fields.some((one) => one.name === field)
    ? []
    : [`section ${section} has no field ${field}`];
}

const faultsShown = 20;

function invalid(faults: readonly string[]): NodeError {
  const more = faults.length - faultsShown;
  const shown = faults.slice(0, faultsShown).join('; ');
  return new NodeError('NODE_MAPPING_INVALID', {
    detail: more > 0 ? `${shown}; and ${more} more` : shown,
  });
}

/** `salary.rank_code` in two languages, for lists of what there is. */
export function fieldLabel({ section, field }: Pick<MappedHeading, 'section' | 'field'>): string {
  const known = sections.find((one) => one.name === section);
  return known === undefined ? '' : fieldNamed(known, field).vi;
}
