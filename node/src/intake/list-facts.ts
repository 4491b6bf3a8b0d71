/**
 * What the lists of a file say of each person, as far as the person's own row is judged by it: the
 * salary of today and the highest level of training. The lists come after the people, whom they name,
 * so their rows are read once for this beforehand. Of each list one row a person is kept, with the few
 * fields that rules look at; a row at fault only says that it is there.
 */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { currentRow } from '@lienthong/shared-schema/rules/current-row.ts';
import { severityOf } from '@lienthong/shared-schema/rules/findings.ts';
import { highestLevel } from '@lienthong/shared-schema/rules/history-rules.ts';

import type { SheetRow } from '../workbook/cell.ts';
import { classifyRow } from './classify-row.ts';
import { readListPin } from './evaluate-list-row.ts';
import type { StoredSections } from './evaluate-person.ts';
import { readSection } from './read-section.ts';
import type { KnownSheet, ListSheet } from './sheet-plan.ts';

export type ListFacts = {
  /** The lists of the file that were read for it. */
  readonly sections: ReadonlySet<string>;
  /** One row of each of these lists in which the file has rows of the person. */
  readonly of: (pin: string) => StoredSections;
};

type Context = {
  /** `YYYY-MM-DD` */
  readonly today: string;
  readonly codes: CodeBook;
};

/** What of a list is kept: its fields, and which of two rows. */
type Keeper = {
  readonly fields: readonly string[];
  readonly better: (kept: DraftRow, row: DraftRow, context: Context) => DraftRow;
};

const keepers = {
  salary_history: {
    fields: ['from_date', 'to_date', 'rank_code', 'step', 'coefficient'],
    better: (kept, row, { today }) => currentRow([kept, row], today) ?? kept,
  },
  training: {
    fields: ['level'],
    better: (kept, row, { codes }) => {
      const highest = highestLevel(codes, [kept, row]);
      return highest === undefined || highest === kept['level'] ? kept : row;
    },
  },
} as const satisfies Readonly<Record<string, Keeper>>;

const isKept = (name: string): name is keyof typeof keepers => Object.hasOwn(keepers, name);

/** Lists by which the row of a person is judged. */
export const keptLists: readonly string[] = Object.keys(keepers).map(
  (name) => sectionNamed(name).name,
);

/** The sheets whose rows are to be read beforehand; none where the file has no people or no such list. */
export function sheetsOfFacts(sheets: readonly KnownSheet[]): readonly ListSheet[] {
  if (!sheets.some((plan) => plan.kind === 'person')) return [];
  return sheets.filter((plan) => plan.kind === 'list').filter((plan) => isKept(plan.section.name));
}

/** `rows` are those of `sheets`, in any order. */
export async function readListFacts(
  sheets: readonly ListSheet[],
  rows: AsyncIterable<SheetRow>,
  context: Context,
): Promise<ListFacts> {
  const bySheet = new Map(sheets.map((plan) => [plan.sheet, plan]));
  const facts = new Map<string, Record<string, DraftRow>>();
  const shared = sharedTexts();
  for await (const row of rows) {
    const plan = bySheet.get(row.sheet);
    if (plan === undefined || row.row <= plan.headerRow) continue;
    if (classifyRow(plan, row) !== 'record') continue;
    const { name } = plan.section;
    const pin = readListPin(plan, row, context.codes).value;
    if (pin === null || !isKept(name)) continue;
    const keeper: Keeper = keepers[name];
    const ofPerson = facts.get(pin) ?? {};
    const kept = ofPerson[name];
    const read = shared(readFields(plan, keeper, row, context.codes));
    ofPerson[name] = kept === undefined ? read : keeper.better(kept, read, context);
    facts.set(pin, ofPerson);
  }
  return {
    sections: new Set(sheets.map((plan) => plan.section.name)),
    of: (pin) =>
      Object.fromEntries(
        Object.entries(facts.get(pin) ?? {}).map(([name, row]): [string, readonly DraftRow[]] => [
          name,
          [row],
        ]),
      ),
  };
}

/** The fields that are kept; none of a row that has a fault in one of them. */
function readFields(
  plan: ListSheet,
  { fields }: Keeper,
  { cells }: SheetRow,
  codes: CodeBook,
): DraftRow {
  const readings = plan.sections.map(({ section, fields: columns }) => {
    const wanted = columns.filter(({ field }) => fields.includes(field.name));
    return readSection({ section, fields: wanted }, cells, codes);
  });
  const isAtFault = readings.some(({ findings }) =>
    findings.some((finding) => severityOf(finding.code) === 'error'),
  );
  return isAtFault ? {} : Object.fromEntries(readings.flatMap(({ values }) => [...values]));
}

/** Rows whose equal values are one text in memory: there are few ranks, steps and months. */
function sharedTexts(): (row: DraftRow) => DraftRow {
  const texts = new Map<string, string>();
  return (row) => {
    const entries = Object.entries(row).map(([field, value]): [string, string] => {
      const known = texts.get(value);
      if (known === undefined) texts.set(value, value);
      return [field, known ?? value];
    });
    return Object.fromEntries(entries);
  };
}
