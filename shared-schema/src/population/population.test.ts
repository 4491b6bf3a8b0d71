import { beforeAll, describe, expect, test } from 'vitest';

import { fieldNamed, sectionNamed, sections } from '../catalogue/catalogue.ts';
import type { DraftRow, RecordDraft } from '../catalogue/draft.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import { faultOf } from '../rules/check-field.ts';
import { pinFacts } from '../rules/check-pin.ts';
import { checkRecord } from '../rules/check-record.ts';
import { salaryStanding } from '../rules/check-salary.ts';
import { isAfter } from '../text/partial-date.ts';
import { type PopulationOptions, population } from './population.ts';

const today = '2026-11-21';
const make = (options: Partial<PopulationOptions> = {}): readonly RecordDraft[] =>
  Array.from(population({ seed: 1, agency: 'H52', size: 200, today, ...options }));

const head = (draft: RecordDraft, section: string): DraftRow => draft.sections[section]?.[0] ?? {};
const people = (drafts: readonly RecordDraft[]): readonly RecordDraft[] =>
  drafts.filter((draft) => draft.kind === 'person');
const pinsOf = (drafts: readonly RecordDraft[]): readonly string[] =>
  people(drafts).map((draft) => head(draft, 'identity')['pin'] ?? '');

const share = (drafts: readonly RecordDraft[], holds: (draft: RecordDraft) => boolean): number =>
  people(drafts).filter(holds).length / people(drafts).length;

const has = (section: string) => (draft: RecordDraft) => draft.sections[section] !== undefined;
const holds = (section: string, field: string, value: string) => (draft: RecordDraft) =>
  head(draft, section)[field] === value;
const graduate = (draft: RecordDraft): boolean =>
  Number(head(draft, 'education')['highest_level']) >= 4;

describe('a province and a ministry', () => {
  let province: readonly RecordDraft[] = [];
  let ministry: readonly RecordDraft[] = [];
  let all: readonly RecordDraft[] = [];
  beforeAll(() => {
    province = make({ size: 5000 });
    ministry = make({ agency: 'G18', size: 2500 });
    all = [...province, ...ministry];
  }, 60_000);

  const rows = (): readonly (readonly [section: string, row: DraftRow])[] =>
    all.flatMap((draft) =>
      Object.entries(draft.sections).flatMap(([name, list]) =>
        list.map((row) => [name, row] as const),
      ),
    );

  test('no value of any field has a fault, and what is required is there', () => {
    const faults: string[] = [];
    for (const [name, row] of rows()) {
      for (const field of sectionNamed(name).fields) {
        const event = field.asOf === undefined ? null : (row[field.asOf] ?? null);
        const fault = faultOf(field, row[field.name] ?? null, { codes: shippedBook, event });
        if (fault !== undefined) faults.push(`${name}.${field.name}: ${fault.code}`);
      }
    }
    expect(faults).toEqual([]);
  });

  test('the rules find no error in any record, and nothing to be looked at', () => {
    const found = [province, ministry].flatMap((drafts, i) => {
      const tree = drafts.map((draft) => head(draft, 'org_unit'));
      const units = new Map(
        tree.flatMap((row): readonly [string, string | null][] =>
          row['code'] === undefined ? [] : [[row['code'], row['closed_on'] ?? null]],
        ),
      );
      const context = { today, codes: shippedBook, agency: i === 0 ? 'H52' : 'G18', units };
      return drafts.flatMap((draft) => checkRecord(draft, context));
    });
    expect(found.slice(0, 5)).toEqual([]);
  });

  test('every field of every section occurs, and nothing that the catalogue lacks', () => {
    const seen = new Set(
      rows().flatMap(([name, row]) =>
        Object.keys(row).map((field) => `${name}.${fieldNamed(sectionNamed(name), field).name}`),
      ),
    );
    const known = sections.flatMap((one) => one.fields.map((field) => `${one.name}.${field.name}`));
    expect(known.filter((name) => !seen.has(name))).toEqual([]);
  });

  test('sections belong to the kind of record, and single ones have one row', () => {
    const faults = all.flatMap((draft) =>
      Object.entries(draft.sections).filter(([name, list]) => {
        const section = sectionNamed(name);
        const count = section.many ? list.length > 0 : list.length === 1;
        const empty = list.some((row) => Object.values(row).includes(''));
        return section.kind !== draft.kind || !count || empty;
      }),
    );
    expect(faults).toEqual([]);
  });

  test('nothing lies in the future, and no period ends before it begins', () => {
    const late = rows().flatMap(([name, row]) =>
      sectionNamed(name)
        .fields.filter((field) => field.type.kind === 'partial-date')
        .filter((field) => isAfter(row[field.name] ?? '', today))
        .map((field) => `${name}.${field.name}`),
    );
    expect(late).toEqual([]);
    const years = rows()
      .filter(([name]) => name === 'reward' || name === 'evaluation')
      .map(([, row]) => Number(row['year']));
    expect(Math.max(...years)).toBe(2025);
    const backwards = rows().filter(
      ([, { from_date: from = '', to_date: to = '9999' }]) => to < from.slice(0, to.length),
    );
    expect(backwards).toEqual([]);
  });

  test('units come before people, parents before children, and codes begin with the parent', () => {
    const units = province.filter((draft) => draft.kind === 'org_unit');
    expect(province.slice(0, units.length)).toEqual(units);
    const tree = units.map((draft) => head(draft, 'org_unit'));
    const codes = tree.map((row) => row['code'] ?? '');
    expect(codes[0]).toBe('H52');
    expect(tree[0]?.['parent_code']).toBeUndefined();
    expect(new Set(codes).size).toBe(codes.length);
    const orphans = tree.slice(1).filter(({ code = '', parent_code: parent = '?' }, i) => {
      const known = codes.slice(0, i + 1).includes(parent);
      return !known || !code.startsWith(`${parent}.`);
    });
    expect(orphans).toEqual([]);
  });

  test('people name units of the tree that are open', () => {
    const open = new Set(
      province
        .map((draft) => head(draft, 'org_unit'))
        .filter((row) => row['closed_on'] === undefined)
        .map((row) => row['code']),
    );
    expect(people(province)).toHaveLength(5000);
    const lost = people(province)
      .map((draft) => head(draft, 'employment'))
      .filter((row) => !open.has(row['employing_unit']) || !open.has(row['managing_unit']));
    expect(lost).toEqual([]);
  });

  test('the posts assigned to the units are a few more than the people in them', () => {
    const assigned = province
      .flatMap((draft) => draft.sections['org_post'] ?? [])
      .filter((row) => row['year'] === '2026')
      .reduce((sum, row) => sum + Number(row['assigned']), 0);
    expect(assigned).toBeGreaterThan(5000);
    expect(assigned).toBeLessThan(6500);
  });

  test('rank, step and coefficient fit the salary scale, now and in the history', () => {
    const standings = rows()
      .filter(([name]) => name === 'salary' || name === 'salary_history')
      .map(([, row]) =>
        salaryStanding(shippedBook, {
          rankCode: row['rank_code'] ?? null,
          step: row['step'] ?? null,
          coefficient: row['coefficient'] ?? null,
        }),
      );
    expect(new Set(standings)).toEqual(new Set(['fits']));
  });

  test('the salary history ends in the current salary, and never pays less than before', () => {
    for (const draft of people(all)) {
      const history = draft.sections['salary_history'] ?? [];
      const pay = history.map((row) => Number(row['coefficient']));
      expect(pay).toEqual(pay.toSorted((a, b) => a - b));
      const { rank_code, step, coefficient } = head(draft, 'salary');
      expect(history.at(-1)).toMatchObject({ rank_code, step, coefficient });
    }
  });

  test('the personal number agrees with sex and year of birth, and all are from 22 to 61', () => {
    const wrong = people(all)
      .map((draft) => head(draft, 'identity'))
      .filter(({ pin = '', sex, birth_date: birth = '' }) => {
        const facts = pinFacts(pin);
        const agrees = facts?.sex === sex && facts?.birthYear === Number(birth.slice(0, 4));
        // 22 on the day, and not yet 62; some births are known by the year alone
        return (
          !agrees || isAfter(birth, '2004-11-21') || birth < '1964-11-22'.slice(0, birth.length)
        );
      });
    expect(wrong).toEqual([]);
  });

  test('nobody was recruited before the age of 20 or while studying', () => {
    const early = people(all).filter((draft) => {
      const born = Number(head(draft, 'identity')['birth_date']?.slice(0, 4));
      const recruited = head(draft, 'recruitment')['first_recruited_on'] ?? '';
      const graduated = draft.sections['training']?.[0]?.['to_date'] ?? '9999';
      return Number(recruited.slice(0, 4)) - born < 20 || graduated > recruited;
    });
    expect(early).toEqual([]);
  });

  test('shares of the province lie where a province has them', () => {
    const bornFrom = (from: number, to: number): number =>
      share(province, (draft) => {
        const year = Number(head(draft, 'identity')['birth_date']?.slice(0, 4));
        return year >= from && year <= to;
      });
    const shares: readonly (readonly [what: string, share: number, min: number, max: number])[] = [
      ['women', share(province, holds('identity', 'sex', '0')), 0.58, 0.72],
      ['up to 30', bornFrom(1996, 2004), 0.1, 0.2],
      ['31 to 40', bornFrom(1986, 1995), 0.28, 0.4],
      ['41 to 50', bornFrom(1976, 1985), 0.3, 0.42],
      ['over 50', bornFrom(1964, 1975), 0.12, 0.24],
      ['in the Party', share(province, has('party')), 0.4, 0.6],
      ['Kinh', share(province, holds('identity', 'ethnic_group', '01')), 0.4, 0.56],
      ['Thái', share(province, holds('identity', 'ethnic_group', '03')), 0.22, 0.38],
      ['leading', share(province, holds('position', 'position_group', '1')), 0.06, 0.16],
      ['public employees', share(province, holds('employment', 'object_class', '3')), 0.6, 0.8],
      ['university or more', share(province, graduate), 0.55, 0.8],
      ['disciplined', share(province, has('discipline')), 0.004, 0.025],
      ['assets declared', share(province, has('income_assets')), 0.4, 0.5],
    ];
    expect(shares.filter(([, value, min, max]) => value < min || value > max)).toEqual([]);
  });

  test('no address or number leads to a real person', () => {
    const shapes: Readonly<Record<string, RegExp>> = {
      email: /^[a-z]+\.\d+@[gh]\d\d\.example\.vn$/u,
      phone: /^0199\d{7}$/u,
      social_insurance_no: /^99\d{8}$/u,
      health_card_no: /^XX4\d{12}$/u,
    };
    const values = rows()
      .flatMap(([, row]) => Object.entries(row))
      .filter(([name]) => shapes[name] !== undefined);
    expect(values.length).toBeGreaterThan(20_000);
    expect(values.filter(([name, value]) => shapes[name]?.test(value) !== true)).toEqual([]);
  });
});

test('the same seed gives the same population, another seed or agency another one', () => {
  expect(make()).toEqual(make());
  const texts = [make(), make({ seed: 2 }), make({ agency: 'H18' })].map((drafts) =>
    people(drafts)
      .map((draft) => head(draft, 'identity')['full_name'])
      .join(),
  );
  expect(new Set(texts).size).toBe(3);
});

test('no personal number occurs twice in three agencies', () => {
  const pins = ['H52', 'H29', 'G09'].flatMap((agency) => pinsOf(make({ agency, size: 2500 })));
  expect(new Set(pins).size).toBe(7500);
});

test('people are made one at a time: the first of five million come at once', () => {
  let taken = 0;
  for (const draft of population({ seed: 1, agency: 'H29', size: 5_000_000, today })) {
    if (draft.kind === 'person') taken += 1;
    if (taken === 10) break;
  }
  expect(taken).toBe(10);
});

test('the smallest populations have the sizes asked for', () => {
  for (const size of [0, 1, 7, 33]) {
    expect(people(make({ size }))).toHaveLength(size);
    expect(people(make({ agency: 'G09', size }))).toHaveLength(size);
  }
});

test('a day before the provinces were merged is refused', () => {
  expect(() => make({ today: '2025-06-30' })).toThrow('2025-07-01');
});
