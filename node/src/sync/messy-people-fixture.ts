/**
 * A synthetic personnel workbook of any agency with the mess found in practice, and for every row what
 * an importer should say. Same seed, same workbook. No real person is described.
 */
import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import type { FindingCode } from '@lienthong/shared-schema/rules/findings.ts';

import scale from '../../../shared-schema/code-lists/salary-scale.json' with { type: 'json' };
import type { Verdict } from '../intake/intake-item.ts';
import type { FixtureSheet, FixtureValue } from '../workbook/workbook-fixture.ts';

export type MessyOptions = {
  readonly agency: string;
  readonly seed: number;
  readonly people: number;
  /** Rows of titles above the header of the people. */
  readonly titleRows: number;
  /** False for a file that will be CSV: it has no error cells, only their text. */
  readonly typed: boolean;
};

export type ExpectedRow = {
  readonly stt: number;
  readonly kind: string;
  readonly verdict: Verdict;
  /** One finding that the row must have; null for a row that must have none at all. */
  readonly code: FindingCode | null;
};

export type MessyWorkbook = {
  readonly sheets: readonly FixtureSheet[];
  readonly people: FixtureSheet;
  readonly expected: readonly ExpectedRow[];
};

type Row = Record<string, FixtureValue>;
type Random = (below: number) => number;
type Mess = {
  readonly verdict: Verdict;
  readonly code: FindingCode | null;
  readonly spoil: (row: Row, facts: Facts) => void;
};
type Facts = {
  readonly random: Random;
  readonly previousPin: string;
  readonly agency: string;
  readonly typed: boolean;
};

const heading = {
  pin: 'Số CCCD *',
  name: 'Họ và tên',
  birth: 'Ngày sinh',
  sex: 'Giới tính:',
  ethnic: 'DÂN TỘC',
  town: 'Quê quán',
  objectClass: 'Đối tượng',
  employing: 'Đơn vị sử dụng',
  managing: 'Mã đơn vị\nquản lý',
  title: 'Chức vụ',
  rank: 'Mã ngạch',
  step: 'Bậc',
  coefficient: 'Hệ số',
  since: 'Ngày hưởng bậc lương',
  note: 'Ghi chú',
} as const;

const mess: Readonly<Record<string, Mess>> = {
  clean: { verdict: 'ok', code: null, spoil: () => undefined },
  future_birth: fault('date_future', (row) => (row[heading.birth] = '01/01/2031')),
  old_province: fine((row) => (row[heading.town] = 'Xã cũ, Tỉnh Bình Dương')),
  pin_9_digits: fault('pin_old_id', (row, { random }) => (row[heading.pin] = digits(random, 9))),
  unknown_unit: fault(
    'unit_unknown',
    (row, { agency }) => (row[heading.employing] = `${agency}.99`),
  ),
  pin_letters: fault('pin_format', (row) => {
    row[heading.pin] = `${pinOf(row).slice(0, 11)}O`;
  }),
  ethnic_unknown: fault('code_unknown', (row) => (row[heading.ethnic] = 'Kihn')),
  excel_date: fine((row) => (row[heading.birth] = dateOf(row))),
  excel_serial: fine((row) => {
    const day = dateOf(row);
    row[heading.birth] = Math.round(day.getTime() / 86_400_000) + 25_569;
  }),
  pin_duplicate: fault('pin_repeated', (row, { previousPin }) => (row[heading.pin] = previousPin)),
  year_only: fine((row) => (row[heading.birth] = String(dateOf(row).getUTCFullYear()))),
  year_number: fine((row) => (row[heading.birth] = dateOf(row).getUTCFullYear())),
  month_only: fine((row) => {
    row[heading.birth] = `${dateOf(row).getUTCMonth() + 1}/${dateOf(row).getUTCFullYear()}`;
  }),
  ethnic_case: fine((row) => (row[heading.ethnic] = 'mÔNG ')),
  spaces: fine((row) => (row[heading.name] = '  Lê   Văn\u00a0Kiên ')),
  missing_unit: fault('required', (row) => (row[heading.employing] = null)),
  missing_name: fault('required', (row) => (row[heading.name] = null)),
  formula_text: fine((row) => (row[heading.note] = '=HYPERLINK("http://127.0.0.1","x")')),
  nfd: fine((row) => (row[heading.name] = 'Nguyễn Thị Thuỷ'.normalize('NFD'))),
  sex_mismatch: doubt('pin_sex_mismatch', (row) => {
    row[heading.sex] = row[heading.sex] === 'Nam' ? 'Nữ' : 'Nam';
  }),
  coefficient_comma: fine((row) => {
    row[heading.coefficient] = textOf(row[heading.coefficient]).replace('.', ',');
  }),
  numbers_as_text: fine((row) => {
    row[heading.coefficient] = textOf(row[heading.coefficient]);
    row[heading.step] = textOf(row[heading.step]);
  }),
  pin_lost_zero: doubt('pin_zero_restored', (row) => (row[heading.pin] = Number(pinOf(row)))),
  rank_number: doubt('rank_as_number', (row) => {
    row[heading.rank] = 1.003;
    row[heading.step] = 3;
    row[heading.coefficient] = 3;
  }),
  coefficient_wrong: doubt('coefficient_off_scale', (row) => {
    row[heading.coefficient] = Math.round(Number(row[heading.coefficient]) * 100 + 31) / 100;
  }),
  cell_error: fault('cell_error', (row, { typed }) => {
    row[heading.objectClass] = typed ? { error: '#N/A' } : '#N/A';
  }),
};

function fault(code: FindingCode, spoil: Mess['spoil']): Mess {
  return { verdict: 'error', code, spoil };
}
function doubt(code: FindingCode, spoil: Mess['spoil']): Mess {
  return { verdict: 'warning', code, spoil };
}
function fine(spoil: Mess['spoil']): Mess {
  return { verdict: 'ok', code: null, spoil };
}

export function messyWorkbook(options: MessyOptions): MessyWorkbook {
  const { agency, people, titleRows, typed } = options;
  const random = randomFrom(options.seed);
  const units = [agency, ...[1, 2, 3].map((n) => `${agency}.0${n}`), `${agency}.01.07`];
  const columns = shuffled(Object.values(heading), random);
  const kinds = Object.keys(mess);
  const rows: FixtureValue[][] = [];
  const expected: ExpectedRow[] = [];
  let previousPin = '';
  for (let stt = 1; stt <= people; stt += 1) {
    // The first is clean: a repeated number needs one to repeat.
    const kind = stt === 1 ? 'clean' : (kinds[random(kinds.length)] ?? 'clean');
    const one = mess[kind];
    if (one === undefined) continue;
    const row = cleanRow(units, random);
    const pin = pinOf(row);
    one.spoil(row, { random, previousPin, agency, typed });
    if (kind === 'clean') previousPin = pin;
    if (random(5) === 0) rows.push([]);
    rows.push([stt, ...columns.map((name) => row[name] ?? null)]);
    expected.push({ stt, kind, verdict: one.verdict, code: one.code });
  }
  const list: FixtureSheet = {
    name: 'Bảng tổng hợp',
    rows: [
      ...Array.from({ length: titleRows }, (_, i) => [null, null, `CỘNG HÒA, dòng tiêu đề; ${i}`]),
      ['TT', ...columns],
      ['A', ...columns.map((_, i) => i + 1)],
      ...rows,
      [],
      [null, null, 'Tổng cộng:', people],
      columns.map((_, i) => (i === 1 ? 'NGƯỜI LẬP BIỂU' : i === 9 ? 'THỦ TRƯỞNG ĐƠN VỊ' : null)),
      [null, null, null, null, 'Ngày 31 tháng 10 năm 2026'],
    ],
  };
  return { sheets: [list, treeSheet(units)], people: list, expected };
}

/** After the people on purpose: the order of the tabs must not matter. */
function treeSheet(units: readonly string[]): FixtureSheet {
  return {
    name: 'Tổ chức',
    rows: [
      ['BIÊN CHẾ GIAO NĂM 2025'],
      ['Tên đơn vị', 'Mã đơn vị', 'Đơn vị cấp trên', 'Biên chế công chức'],
      ...units.map((code, i) => [
        `Đơn vị ${i}`,
        code,
        code.includes('.') ? code.split('.').slice(0, -1).join('.') : null,
        i * 10,
      ]),
    ],
  };
}

const ranks = codeLists.NGACH.entries.filter(
  (entry) => entry.salaryGroup !== undefined && entry.to === undefined,
);

function cleanRow(units: readonly string[], random: Random): Row {
  const year = 1962 + random(40);
  const male = random(2) === 0;
  const rank = pick(ranks, random);
  const steps = scale.steps.filter((one) => one.group === rank.salaryGroup);
  const { step, coefficient } = pick(steps, random);
  const century = (year < 2000 ? 0 : 2) + (male ? 0 : 1);
  return {
    [heading.pin]: `0${10 + random(80)}${century}${String(year).slice(2)}${digits(random, 6)}`,
    [heading.name]: `${pick(['Lê', 'Trần', 'Phạm'], random)} ${male ? 'Văn Sơn' : 'Thị Lan'}`,
    [heading.birth]: `${1 + random(28)}/${1 + random(12)}/${year}`,
    [heading.sex]: male ? 'Nam' : 'Nữ',
    [heading.ethnic]: pick(codeLists.DAN_TOC.entries, random).vi,
    [heading.town]: 'Xã Tân Yên, tỉnh Sơn La',
    [heading.objectClass]: pick(['Công chức', 'Viên chức', 'HỢP ĐỒNG'], random),
    [heading.employing]: pick(units, random),
    [heading.managing]: units[0] ?? '',
    [heading.title]: pick(['Trưởng phòng', 'Chuyên viên', null], random),
    [heading.rank]: rank.code,
    [heading.step]: step,
    [heading.coefficient]: Number(coefficient),
    [heading.since]: '1/5/2022',
    [heading.note]: null,
  };
}

const pinOf = (row: Row): string => textOf(row[heading.pin]);

function dateOf(row: Row): Date {
  const [day, month, year] = textOf(row[heading.birth]).split('/').map(Number);
  return new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day));
}

function textOf(value: FixtureValue): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const digits = (random: Random, count: number): string =>
  String(10 ** (count - 1) + random(9 * 10 ** (count - 1)));

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map((one) => one.item);
}

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
