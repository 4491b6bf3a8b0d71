/** Rules on the dates of a life: what lies in the future, before the birth, or in the wrong order. */
import { sections } from '../catalogue/catalogue.ts';
import type { RecordKind } from '../catalogue/types.ts';
import { isAfter, isBefore, yearsAfter } from '../text/partial-date.ts';
import type { RecordRule, Source, Spot } from './rule.ts';
import { sources } from './sources.ts';
import { activeStatus } from './status-rules.ts';

type DatedField = { readonly section: string; readonly field: string };

const fieldsWhere = (holds: (field: string, isDate: boolean) => boolean): readonly DatedField[] =>
  sections
    .filter((section) => section.kind === 'person')
    .flatMap((section) =>
      section.fields
        .filter((field) => field.name !== 'birth_date')
        .filter((field) => holds(field.name, field.type.kind === 'partial-date'))
        .map((field) => ({ section: section.name, field: field.name })),
    );

/** Events of the person. The end of a period may well be planned. */
const events = fieldsWhere((name, isDate) => isDate && !/^to_date$|_until$/u.test(name));
const lived = [...events, ...fieldsWhere((name) => name === 'year')];
const years = [
  ...fieldsWhere((name) => name === 'year'),
  ...fieldsWhere((name) => name === 'birth_year'),
];

const pathsOf = (fields: readonly DatedField[]): readonly string[] =>
  fields.map(({ section, field }) => `${section}.${field}`);

/** The places of these fields whose value is faulty. */
function spotsWhere(
  record: Parameters<RecordRule['check']>[0],
  fields: readonly DatedField[],
  isFault: (value: string) => boolean,
): readonly Spot[] {
  return fields.flatMap(({ section, field }) =>
    record.rows(section).flatMap((row, i): readonly Spot[] => {
      const value = row[field];
      return value !== undefined && isFault(value) ? [{ section, ordinal: i + 1, field }] : [];
    }),
  );
}

/** Two dates of one section of which the first comes no later than the second. */
type Order = Source & {
  readonly kind?: RecordKind;
  readonly section: string;
  readonly earlier: string;
  readonly later: string;
  readonly vi: string;
  readonly en: string;
};

function inOrder({ kind = 'person', section, earlier, later, ...words }: Order): RecordRule {
  const dates = (first: string, second: string): RecordRule['accepted'] => ({
    sections: { [section]: [{ [earlier]: first, [later]: second }] },
  });
  return {
    ...words,
    on: 'record',
    kind,
    severity: 'warning',
    looksAt: [`${section}.${earlier}`, `${section}.${later}`],
    check: (record) => {
      const [first, second] = [record.value(section, earlier), record.value(section, later)];
      return first !== undefined && second !== undefined && isBefore(second, first)
        ? [{ section, field: later }]
        : [];
    },
    accepted: dates('2010-05-02', '2010-05'),
    refused: dates('2010-05-02', '2010-04'),
  };
}

const youngestYears = 18;
/** Nobody works beyond it but by a decision of its own: 62, and five years more. */
const oldestYears = 67;

export const dateRules = {
  date_future: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'error',
    vi: '{label} ở tương lai: kiểm tra lại.',
    en: '{label} lies in the future: check it.',
    looksAt: ['identity.birth_date'],
    alsoAtHub: true,
    check: (record, { today }) =>
      spotsWhere(record, [{ section: 'identity', field: 'birth_date' }], (date) =>
        isAfter(date, today),
      ),
    accepted: { sections: { identity: [{ birth_date: '2026' }] } },
    refused: { sections: { identity: [{ birth_date: '2026-12' }] } },
  },
  date_ahead: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label} ở tương lai: nếu là quyết định chưa đến ngày hiệu lực thì giữ nguyên, nếu không thì kiểm tra lại.',
    en: '{label} lies in the future: leave it if the decision has yet to take effect, else please check.',
    looksAt: pathsOf(events),
    check: (record, { today }) => spotsWhere(record, events, (date) => isAfter(date, today)),
    accepted: { sections: { salary: [{ step_since: '2026-11-21' }] } },
    refused: { sections: { salary: [{ step_since: '2027-01-01' }] } },
  },
  year_ahead: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label} là một năm chưa đến: kiểm tra lại.',
    en: '{label} is a year that has not come yet: please check.',
    looksAt: pathsOf(years),
    check: (record, { today }) => spotsWhere(record, years, (year) => isAfter(year, today)),
    accepted: { sections: { evaluation: [{ year: '2026', grade: '2' }] } },
    refused: { sections: { evaluation: [{ year: '2027', grade: '2' }] } },
  },
  before_birth: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'error',
    vi: '{label} sớm hơn ngày sinh: kiểm tra lại cả hai ngày.',
    en: '{label} lies before the date of birth: check both dates.',
    looksAt: ['identity.birth_date', ...pathsOf(lived)],
    check: (record, { today }) => {
      const born = record.value('identity', 'birth_date');
      // a birth in the future has a finding of its own, and every date would lie before it
      if (born === undefined || isAfter(born, today)) return [];
      return spotsWhere(record, lived, (date) => isBefore(date, born));
    },
    accepted: {
      sections: { identity: [{ birth_date: '1985' }], id_paper: [{ issued_on: '1985-06-01' }] },
    },
    refused: {
      sections: { identity: [{ birth_date: '1985-06' }], id_paper: [{ issued_on: '1985-05-31' }] },
    },
  },
  recruited_under_18: {
    on: 'record',
    kind: 'person',
    ...sources.civilServants,
    severity: 'warning',
    vi: 'Chưa đủ 18 tuổi tại {label}: kiểm tra lại ngày sinh và ngày tuyển dụng.',
    en: 'Not yet 18 years old at the {label}: please check the dates of birth and of recruitment.',
    looksAt: ['identity.birth_date', 'recruitment.first_recruited_on'],
    check: (record) => {
      const born = record.value('identity', 'birth_date');
      const recruited = record.value('recruitment', 'first_recruited_on');
      if (born === undefined || recruited === undefined || isBefore(recruited, born)) return [];
      return isBefore(recruited, yearsAfter(born, youngestYears))
        ? [{ section: 'recruitment', field: 'first_recruited_on' }]
        : [];
    },
    accepted: {
      sections: {
        identity: [{ birth_date: '1985-06-01' }],
        recruitment: [{ first_recruited_on: '2003-06' }],
      },
    },
    refused: {
      sections: {
        identity: [{ birth_date: '1985-06-01' }],
        recruitment: [{ first_recruited_on: '2003-05' }],
      },
    },
  },
  over_retirement_age: {
    on: 'record',
    kind: 'person',
    ...sources.retirement,
    severity: 'warning',
    vi: 'Hồ sơ đang công tác nhưng theo {label} đã quá 67 tuổi: kiểm tra ngày sinh, hoặc đóng hồ sơ nếu đã nghỉ hưu.',
    en: 'The record is active, but by the {label} the person is over 67: check the date of birth, or close the record on retirement.',
    looksAt: ['identity.birth_date', 'employment.status'],
    check: (record, { today }) => {
      const born = record.value('identity', 'birth_date');
      if (born === undefined || record.value('employment', 'status') !== activeStatus) {
        return [];
      }
      return isBefore(yearsAfter(born, oldestYears), today)
        ? [{ section: 'identity', field: 'birth_date' }]
        : [];
    },
    accepted: {
      sections: { identity: [{ birth_date: '1959' }], employment: [{ status: '1' }] },
    },
    refused: {
      sections: { identity: [{ birth_date: '1958' }], employment: [{ status: '1' }] },
    },
  },
  joined_before_recruited: inOrder({
    ...sources.review,
    section: 'recruitment',
    earlier: 'first_recruited_on',
    later: 'joined_agency_on',
    vi: '{label} sớm hơn ngày tuyển dụng lần đầu: kiểm tra lại cả hai ngày.',
    en: '{label} lies before the first recruitment: please check both dates.',
  }),
  party_official_before_admission: inOrder({
    ...sources.partyCharter,
    section: 'party',
    earlier: 'admitted_on',
    later: 'official_on',
    vi: '{label} sớm hơn ngày vào Đảng: kiểm tra lại cả hai ngày.',
    en: '{label} lies before the Party admission date: please check both dates.',
  }),
  discharged_before_enlisted: inOrder({
    ...sources.militaryService,
    section: 'military',
    earlier: 'enlisted_on',
    later: 'discharged_on',
    vi: '{label} sớm hơn ngày nhập ngũ: kiểm tra lại cả hai ngày.',
    en: '{label} lies before the enlistment date: please check both dates.',
  }),
  reappointed_before_appointed: inOrder({
    ...sources.appointment,
    section: 'position',
    earlier: 'appointed_on',
    later: 'reappointed_on',
    vi: '{label} sớm hơn ngày bổ nhiệm: kiểm tra lại cả hai ngày.',
    en: '{label} lies before the appointment date: please check both dates.',
  }),
  unit_closed_before_established: inOrder({
    ...sources.review,
    kind: 'org_unit',
    section: 'org_unit',
    earlier: 'established_on',
    later: 'closed_on',
    vi: '{label} sớm hơn ngày thành lập: kiểm tra lại cả hai ngày.',
    en: '{label} lies before the day of establishment: please check both dates.',
  }),
} as const satisfies Readonly<Record<string, RecordRule>>;
