import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import {
  type MessKind,
  messKinds,
} from '@lienthong/shared-schema/population/mess/messy-population.ts';
import { beforeAll, describe, expect, test } from 'vitest';

import type { SheetRow } from '../workbook/cell.ts';
import { evaluateRows, readingOrder } from './evaluate-rows.ts';
import type { ListItem, PersonItem, UnitItem } from './intake-item.ts';
import { readListFacts, sheetsOfFacts } from './list-facts.ts';
import { messyWorkbook, type MessyWorkbook, saidOf, sheetRows } from './messy-workbook-fixture.ts';
import { recogniseSheet } from './recognise-sheet.ts';
import type { KnownSheet } from './sheet-plan.ts';

const today = '2026-11-21';
const codes = shippedBook;

type Judged = {
  readonly people: readonly PersonItem[];
  readonly lists: readonly ListItem[];
  readonly units: readonly UnitItem[];
};

async function judged({ sheets }: MessyWorkbook): Promise<Judged> {
  const bySheet = new Map(sheets.map((sheet) => [sheet.name, sheetRows(sheet)]));
  const plans = readingOrder(
    Array.from(bySheet, ([sheet, rows]) =>
      recogniseSheet({ sheet, rows: rows.slice(0, 30), today, codes }),
    ),
  );
  async function* rowsOf(of: readonly KnownSheet[]): AsyncGenerator<SheetRow> {
    for (const plan of of) yield* bySheet.get(plan.sheet) ?? [];
  }
  const before = sheetsOfFacts(plans);
  const listFacts = await readListFacts(before, rowsOf(before), { today, codes });
  const people: PersonItem[] = [];
  const lists: ListItem[] = [];
  const units: UnitItem[] = [];
  for await (const event of evaluateRows(plans, rowsOf(plans), { today, codes, listFacts })) {
    if (event.kind === 'person') people.push(event);
    if (event.kind === 'list-row') lists.push(event);
    if (event.kind === 'unit') units.push(event);
  }
  return { people, lists, units };
}

describe('a workbook with every kind of mess', () => {
  let made: MessyWorkbook;
  let found: Judged;
  beforeAll(async () => {
    made = messyWorkbook({
      agency: 'H52',
      seed: 21,
      people: 600,
      titleRows: 3,
      today,
      typed: true,
    });
    found = await judged(made);
  }, 60_000);

  test('every planted mess comes out with its findings, and nothing else does', () => {
    expect(new Set(made.expected.map((one) => one.mess))).toEqual(new Set([null, ...messKinds]));
    expect(found.people).toHaveLength(made.expected.length);
    const disagreements = made.expected.flatMap((want, i) => {
      const said = saidOf(found.people[i]?.findings ?? []);
      const isSame = said.join() === want.findings.join();
      return isSame && found.people[i]?.verdict === want.verdict
        ? []
        : [{ mess: want.mess, want: want.findings, said }];
    });
    expect(disagreements).toEqual([]);
  });

  test('so do the rows of the lists', () => {
    // sheets are read in the order of the tabs, and each in the order of its rows
    const said = found.lists.map((one) => `${one.section}: ${saidOf(one.findings).join()}`);
    const want = made.expectedLists.map((one) => `${one.section}: ${one.findings.join()}`);
    expect(said.filter((one, i) => one !== want[i])).toEqual([]);
    expect(said).toHaveLength(want.length);
    expect(found.units.filter((unit) => unit.findings.length > 0)).toEqual([]);
    expect(found.units.map((unit) => unit.code)).toEqual(made.units);
  });

  /** Ways to write a value that say less than the value, or another. */
  const lossy: ReadonlySet<MessKind | null> = new Set<MessKind | null>([
    'birth_year_only',
    'birth_month_only',
    'town_of_old_province',
    'text_like_formula',
    'phone_as_number',
  ]);

  test('what has no error is read as the record that was meant', () => {
    const carried = new Set(found.people.flatMap((one) => Object.keys(one.draft.sections)));
    const differences = made.expected.flatMap(({ draft, mess, verdict }, i) => {
      if (verdict === 'error' || lossy.has(mess)) return [];
      const read = found.people[i]?.draft.sections ?? {};
      return Array.from(carried).flatMap((name) =>
        sectionNamed(name).fields.flatMap((field) => {
          const meant = draft.sections[name]?.[0]?.[field.name];
          const value = read[name]?.[0]?.[field.name];
          // a code of a title may follow from the title
          const isDerived = meant === undefined && field.name === 'title_code';
          return meant === value || isDerived ? [] : [{ mess, field: field.name, meant, value }];
        }),
      );
    });
    expect(differences).toEqual([]);
  });
});
