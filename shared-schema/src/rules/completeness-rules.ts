/**
 * What a record needs by its class. What the catalogue requires of everybody is an error (`required`);
 * what creation and first declaration fill in, and the packets carry, is said to be missing and does
 * not hold the record back. A file is not told what it has no column for.
 */
import { fieldNamed, sectionNamed } from '../catalogue/catalogue.ts';
import type { RecordRule, RecordView, Spot } from './rule.ts';
import { sources } from './sources.ts';
import { activeStatus } from './status-rules.ts';

const ofAll = [
  'employment.staff_number',
  'recruitment.first_recruited_on',
  'insurance.social_insurance_no',
  'education.highest_level',
];
const ofLeaders = ['position.title', 'position.appointed_on'];
const ofRanked = ['salary.rank_code', 'salary.step', 'salary.coefficient', 'salary.step_since'];

/** Code of LOAI_HO_SO → fields; classes that are closed are asked for nothing more. */
export const expectedFields: Readonly<Record<string, readonly string[]>> = {
  '1': [...ofAll, ...ofLeaders],
  '2': [...ofAll, ...ofRanked],
  '3': [...ofAll, ...ofRanked],
  '4': ofAll,
};

/** Code of LOAI_HO_SO → list sections that have at least one row. */
export const expectedLists: Readonly<Record<string, readonly string[]>> = {
  '1': ['work_history'],
  '2': ['work_history', 'salary_history'],
  '3': ['work_history', 'salary_history'],
  '4': ['work_history'],
};

const decisive = ['employment.object_class', 'employment.status'];
const allOf = (table: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Array.from(new Set(Object.values(table).flat()));

/** What the table has for the class of an active record. */
function expectedOf(
  record: RecordView,
  table: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  if (record.value('employment', 'status') !== activeStatus) return [];
  return table[record.value('employment', 'object_class') ?? ''] ?? [];
}

function placeOf(path: string): { readonly section: string; readonly field: string } {
  const [section = '', field = ''] = path.split('.');
  return {
    section: sectionNamed(section).name,
    field: fieldNamed(sectionNamed(section), field).name,
  };
}

const employed = { object_class: '4', status: activeStatus } as const;

export const completenessRules = {
  field_expected: {
    on: 'record',
    kind: 'person',
    ...sources.declaration,
    severity: 'warning',
    vi: 'Thiếu {label}, cần cho loại hồ sơ này: bổ sung khi có.',
    en: '{label} is missing, which this class of record needs: add it when you have it.',
    looksAt: [...decisive, ...allOf(expectedFields)],
    check: (record) =>
      expectedOf(record, expectedFields)
        .map(placeOf)
        .filter(({ section, field }) => record.asks(section, field))
        .filter(({ section, field }) => record.value(section, field) === undefined),
    accepted: {
      sections: {
        employment: [{ ...employed, staff_number: 'H52-00001' }],
        recruitment: [{ first_recruited_on: '2010' }],
        insurance: [{ social_insurance_no: '0116049999' }],
        education: [{ highest_level: '4' }],
      },
    },
    refused: {
      sections: {
        employment: [{ ...employed, staff_number: 'H52-00001' }],
        recruitment: [{ first_recruited_on: '2010' }],
        education: [{ highest_level: '4' }],
      },
    },
  },
  list_expected: {
    on: 'record',
    kind: 'person',
    ...sources.declaration,
    severity: 'warning',
    vi: 'Phần {label} chưa có dòng nào: bổ sung khi có.',
    en: 'Section {label} has no row yet: add them when you have them.',
    looksAt: [...decisive, ...allOf(expectedLists).map((section) => `${section}.from_date`)],
    check: (record) =>
      expectedOf(record, expectedLists).flatMap((section): readonly Spot[] =>
        record.asks(section, 'from_date') && record.rows(section).length === 0
          ? [{ section, field: null }]
          : [],
      ),
    accepted: { sections: { employment: [employed], work_history: [{ from_date: '2010' }] } },
    refused: { sections: { employment: [employed] } },
  },
} as const satisfies Readonly<Record<string, RecordRule>>;
