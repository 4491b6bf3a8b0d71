/**
 * The messy population as a workbook of an office: titles above the header, numbers below it, columns
 * and tabs in any order, blank rows, totals and signatures; and for every row exactly what an importer
 * must say of it. Same seed, same workbook.
 */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import type { Planted } from '@lienthong/shared-schema/population/mess/mess.ts';
import {
  evenRates,
  type MessKind,
  messKinds,
  messyPopulation,
} from '@lienthong/shared-schema/population/mess/messy-population.ts';
import type { Written } from '@lienthong/shared-schema/population/mess/written-person.ts';
import {
  chance,
  oneOf,
  type Random,
  randomStream,
} from '@lienthong/shared-schema/population/random.ts';
import { type Finding, severityOf } from '@lienthong/shared-schema/rules/findings.ts';

import type { Cell, SheetRow } from '../workbook/cell.ts';
import type { FixtureSheet, FixtureValue } from '../workbook/workbook-fixture.ts';
import type { Verdict } from './intake-item.ts';

export type MessySheet = {
  readonly name: string;
  readonly rows: readonly (readonly (Written | null)[])[];
};

export type ExpectedRow = {
  readonly stt: number;
  readonly mess: MessKind | null;
  readonly verdict: Verdict;
  /** `code section.field`, in order of text. */
  readonly findings: readonly string[];
  /** The record as it was meant. */
  readonly draft: RecordDraft;
};

export type ExpectedListRow = {
  readonly section: string;
  readonly mess: MessKind | null;
  readonly verdict: Verdict;
  readonly findings: readonly string[];
};

export type MessyWorkbook = {
  /** The order of the tabs must not matter: the people first, the tree last. */
  readonly sheets: readonly MessySheet[];
  readonly people: MessySheet;
  readonly units: readonly string[];
  readonly expected: readonly ExpectedRow[];
  /** In the order of the sheets and their rows. */
  readonly expectedLists: readonly ExpectedListRow[];
};

export type MessyWorkbookOptions = {
  readonly agency: string;
  readonly seed: number;
  readonly people: number;
  readonly titleRows: number;
  readonly today: string;
  /** False for CSV: it has one sheet, and nobody can tell a number from text. */
  readonly typed: boolean;
  /** All that such a file can show where none are named. */
  readonly kinds?: readonly MessKind[];
};

const singleSections = [
  'identity',
  'employment',
  'contact',
  'insurance',
  'recruitment',
  'party',
  'education',
  'position',
  'salary',
];
const listSections = [
  'salary_history',
  'work_history',
  'training',
  'allowance_history',
  'discipline',
  'evaluation',
];

/** What a file of text alone shows otherwise, and the day of closing that comes with the tree. */
const typedOnly: ReadonlySet<MessKind> = new Set<MessKind>(['pin_digit_lost', 'unit_closed']);

const share = 0.6;

export function messyWorkbook(options: MessyWorkbookOptions): MessyWorkbook {
  const { agency, seed, people, titleRows, today, typed } = options;
  const random = randomStream(seed, 0);
  const { kinds = messKinds.filter((kind) => typed || !typedOnly.has(kind)) } = options;
  const rates = evenRates(kinds, share);
  const columns = shuffled(
    singleSections.flatMap((section) =>
      sectionNamed(section).fields.map((field) => ({
        path: `${section}.${field.name}`,
        heading: untidy(random, field.vi),
      })),
    ),
    random,
  );
  const tree: RecordDraft[] = [];
  const rows: (Written | null)[][] = [];
  const expected: ExpectedRow[] = [];
  const lists = listSections.map(listSheet);
  for (const messy of messyPopulation({ seed, agency, size: people, today, rates })) {
    const { written, draft, mess, planted } = messy;
    if (written === null) {
      tree.push(draft);
      continue;
    }
    const stt = expected.length + 1;
    if (chance(random, 0.1)) rows.push([]);
    rows.push([stt, ...columns.map(({ path }) => written.cells[path] ?? null), null]);
    // a file of text has the one sheet, and no list
    const told = planted.filter((one) => typed || one.against === undefined);
    expected.push({ stt, mess, draft, ...said(told, singleSections) });
    for (const list of lists) list.add(messy);
  }
  const headings = columns.map((one) => one.heading);
  const sheet: MessySheet = {
    name: 'Bảng tổng hợp',
    rows: [
      ...Array.from({ length: titleRows }, (_, i) => [null, null, `CỘNG HÒA, dòng tiêu đề; ${i}`]),
      ['TT', ...headings, 'Ghi chú'],
      ['A', ...headings.map((_, i) => i + 1)],
      ...rows,
      [],
      [null, null, 'Tổng cộng:', expected.length],
      headings.map((_, i) => (i === 1 ? 'NGƯỜI LẬP BIỂU' : i === 9 ? 'THỦ TRƯỞNG ĐƠN VỊ' : null)),
      [null, null, null, null, 'Ngày 31 tháng 10 năm 2026'],
    ],
  };
  const units = tree.map(({ sections }) => sections['org_unit']?.[0]?.['code'] ?? '');
  return {
    sheets: [sheet, ...lists.map((list) => list.sheet), treeSheet(tree)],
    people: sheet,
    units,
    expected,
    expectedLists: lists.flatMap((list) => list.expected),
  };
}

type Messy = ReturnType<typeof messyPopulation> extends Generator<infer One> ? One : never;

function listSheet(name: string): {
  readonly sheet: MessySheet;
  readonly expected: readonly ExpectedListRow[];
  readonly add: (messy: Messy) => void;
} {
  const section = sectionNamed(name);
  const rows: (Written | null)[][] = [
    ['STT', 'Số CCCD', 'Họ và tên', ...section.fields.map((one) => one.vi)],
  ];
  const expected: ExpectedListRow[] = [];
  return {
    sheet: { name: section.vi.slice(0, 31), rows },
    expected,
    add: ({ written, draft, mess, planted }) => {
      const { pin = null, full_name: fullName = null } = draft.sections['identity']?.[0] ?? {};
      for (const [i, row] of (written?.lists[name] ?? []).entries()) {
        const own = planted.filter(
          ({ at, ordinal }) => sectionOf(at) === name && ordinal === i + 1,
        );
        const values = section.fields.map((field) => row[field.name] ?? null);
        rows.push([rows.length, pin, fullName, ...values]);
        expected.push({ section: name, mess, ...said(own, [name]) });
      }
    },
  };
}

const sectionOf = (at: string): string => at.split('.')[0] ?? '';

function said(
  planted: readonly Planted[],
  sections: readonly string[],
): Pick<ExpectedRow, 'verdict' | 'findings'> {
  const here = planted.filter((one) => sections.includes(sectionOf(one.at)));
  const isError = here.some((one) => severityOf(one.code) === 'error');
  return {
    verdict: isError ? 'error' : here.length > 0 ? 'warning' : 'ok',
    findings: here.map(({ code, at }) => `${code} ${at}`).toSorted(),
  };
}

/** Findings of the intake in the words of `ExpectedRow`; those of lists name the section already. */
export const saidOf = (findings: readonly Finding[]): readonly string[] =>
  findings
    .map(({ code, section = '', field }) =>
      field?.includes('.') === true ? `${code} ${field}` : `${code} ${section}.${field ?? ''}`,
    )
    .toSorted();

function treeSheet(tree: readonly RecordDraft[]): MessySheet {
  const units = tree.map(({ sections }) => sections['org_unit']?.[0] ?? {});
  return {
    name: 'Tổ chức',
    rows: [
      ['BIÊN CHẾ GIAO NĂM 2025'],
      ['Tên đơn vị', 'Mã đơn vị', 'Đơn vị cấp trên', ...closedOn, 'Biên chế công chức'],
      ...units.map((unit, i) => [
        unit['name'] ?? null,
        unit['code'] ?? null,
        unit['parent_code'] ?? null,
        unit['closed_on'] ?? null,
        i * 10,
      ]),
    ],
  };
}

const closedOn = sectionNamed('org_unit')
  .fields.filter((field) => field.name === 'closed_on')
  .map((field) => field.vi);

/** A heading as somebody else typed it. */
function untidy(random: Random, heading: string): string {
  return oneOf(random, [
    heading,
    `${heading} *`,
    `${heading}:`,
    heading.toUpperCase(),
    heading.replace(' ', '\n'),
    ` ${heading.normalize('NFD')} (*)`,
  ]);
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map((one) => one.item);
}

/** The rows of a sheet as a reader of workbooks gives them. */
export function sheetRows({ name, rows }: MessySheet): readonly SheetRow[] {
  return rows.map((row, i) => ({ sheet: name, row: i + 1, cells: row.map(cellOf) }));
}

function cellOf(value: Written | null): Cell {
  if (value === null) return { kind: 'empty' };
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'number') return { kind: 'number', number: value, text: String(value) };
  return 'date' in value
    ? { kind: 'date', date: value.date }
    : { kind: 'error', text: value.error };
}

/** The sheet to be written to a file; in one of text alone an error is its text. */
export const fileSheet = ({ name, rows }: MessySheet, typed: boolean): FixtureSheet => ({
  name,
  rows: rows.map((row) => row.map((value) => fileValue(value, typed))),
});

function fileValue(value: Written | null, typed: boolean): FixtureValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if ('date' in value) return new Date(`${value.date}T00:00:00Z`);
  return typed ? { error: value.error } : value.error;
}
