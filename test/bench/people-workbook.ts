/** A workbook of a synthetic agency of any size, as Excel would save it: units, people, salary steps. */
import { createWriteStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import {
  type MessyRecord,
  messyPopulation,
} from '@lienthong/shared-schema/population/mess/messy-population.ts';
import { usualRates } from '@lienthong/shared-schema/population/mess/usual-rates.ts';
import type { Written } from '@lienthong/shared-schema/population/mess/written-person.ts';
import { population } from '@lienthong/shared-schema/population/population.ts';
import { severityOf } from '@lienthong/shared-schema/rules/findings.ts';
import ExcelJS from 'exceljs';

const columns = [
  'identity',
  'employment',
  'id_paper',
  'contact',
  'recruitment',
  'party',
  'education',
  'position',
  'salary',
].flatMap((name) => {
  const section = sectionNamed(name);
  return section.fields.map((field) => ({ section, field }));
});
const unit = sectionNamed('org_unit');
const history = sectionNamed('salary_history');

export type PeopleWorkbook = {
  /** Rows of the list of people. */
  readonly people: number;
  readonly columns: number;
  /** How many rows must come out with which verdict. */
  readonly expected: Readonly<Record<'ok' | 'warning' | 'error', number>>;
};

type Plan = Parameters<typeof population>[0] & {
  readonly lists: boolean;
  /** With the mess that offices usually have. */
  readonly mess: boolean;
};

export async function writePeopleWorkbook(path: string, plan: Plan): Promise<PeopleWorkbook> {
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({
    stream: createWriteStream(path),
    useSharedStrings: true,
  });
  const units = workbook.addWorksheet('Cơ cấu tổ chức');
  units.addRow(unit.fields.map((field) => field.vi)).commit();
  for (const draft of draftsOf(plan, 'org_unit')) {
    const [row = {}] = draft.sections['org_unit'] ?? [];
    units.addRow(unit.fields.map((field) => row[field.name] ?? null)).commit();
  }
  units.commit();
  const people = workbook.addWorksheet('Danh sách');
  people.addRow(['STT', ...columns.map(({ field }) => field.vi)]).commit();
  let count = 0;
  const expected = { ok: 0, warning: 0, error: 0 };
  for (const person of peopleOf(plan)) {
    count += 1;
    expected[verdictOf(person, plan)] += 1;
    const cells = columns.map(({ section, field }) => person.cellAt(section.name, field.name));
    people.addRow([count, ...cells.map(cellValue)]).commit();
    if (count % 200 === 0) await setImmediate();
  }
  people.commit();
  if (plan.lists) await writeHistory(workbook.addWorksheet('Quá trình lương'), plan);
  await workbook.commit();
  return { people: count, columns: columns.length, expected };
}

async function writeHistory(sheet: ExcelJS.Worksheet, plan: Plan): Promise<void> {
  sheet.addRow(['Số CCCD', ...history.fields.map((field) => field.vi)]).commit();
  let count = 0;
  for (const { pin, salaries } of peopleOf(plan)) {
    for (const row of salaries) {
      const cells = history.fields.map((field) => row[field.name] ?? null);
      sheet.addRow([pin, ...cells.map(cellValue)]).commit();
    }
    count += 1;
    if (count % 200 === 0) await setImmediate();
  }
  sheet.commit();
}

type WorkbookPerson = {
  readonly cellAt: (section: string, field: string) => Written | null;
  readonly pin: string | null;
  readonly salaries: readonly Readonly<Record<string, Written>>[];
  readonly planted: MessyRecord['planted'];
};

function* peopleOf(plan: Plan): Generator<WorkbookPerson> {
  if (!plan.mess) {
    for (const draft of draftsOf(plan, 'person')) {
      yield {
        cellAt: (section, field) => valueOf(draft, section, field),
        pin: valueOf(draft, 'identity', 'pin'),
        salaries: draft.sections[history.name] ?? [],
        planted: [],
      };
    }
    return;
  }
  for (const { draft, written, planted } of messyPopulation({ ...plan, rates: usualRates })) {
    if (written === null) continue;
    yield {
      cellAt: (section, field) => written.cells[`${section}.${field}`] ?? null,
      pin: valueOf(draft, 'identity', 'pin'),
      salaries: written.lists[history.name] ?? [],
      planted,
    };
  }
}

const carried = new Set(columns.map(({ section }) => section.name));

function verdictOf({ planted }: WorkbookPerson, { lists }: Plan): 'ok' | 'warning' | 'error' {
  const told = planted.filter(
    ({ at, against }) =>
      carried.has(at.split('.')[0] ?? '') &&
      (against === undefined || (lists && against === history.name)),
  );
  if (told.some(({ code }) => severityOf(code) === 'error')) return 'error';
  return told.length > 0 ? 'warning' : 'ok';
}

function cellValue(value: Written | null): ExcelJS.CellValue {
  return typeof value === 'object' && value !== null && 'date' in value
    ? new Date(`${value.date}T00:00:00Z`)
    : value;
}

function* draftsOf(plan: Plan, kind: RecordDraft['kind']): Generator<RecordDraft> {
  for (const draft of population(plan)) if (draft.kind === kind) yield draft;
}

function valueOf(draft: RecordDraft, section: string, field: string): string | null {
  return draft.sections[section]?.[0]?.[field] ?? null;
}
