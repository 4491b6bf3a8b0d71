/** Rules on who a person is and how to reach them: the personal number, names, numbers, addresses. */
import type { CodeBook } from '../code-lists/code-book.ts';
import { pinFacts } from './check-pin.ts';
import type { RecordRule, RecordView, Spot } from './rule.ts';
import { sources } from './sources.ts';

/** A value of a single section that has not the shape it should have. */
type Shape = Pick<RecordRule, 'source' | 'verified' | 'vi' | 'en'> & {
  readonly section: string;
  readonly field: string;
  readonly holds: (value: string) => boolean;
  readonly good: string;
  readonly bad: string;
};

function shaped({ section, field, holds, good, bad, ...words }: Shape): RecordRule {
  return {
    ...words,
    on: 'record',
    kind: 'person',
    severity: 'warning',
    looksAt: [`${section}.${field}`],
    check: (record) => {
      const value = record.value(section, field);
      return value === undefined || holds(value) ? [] : [{ section, field }];
    },
    accepted: { sections: { [section]: [{ [field]: good }] } },
    refused: { sections: { [section]: [{ [field]: bad }] } },
  };
}

/** Birth registrations before July 2025 name one of 63 provinces; their numbers never change. */
const mergerDay = '2025-07-01';
const registeringProvinces = new WeakMap<CodeBook, ReadonlySet<string>>();

function provincesBeforeMerger(codes: CodeBook): ReadonlySet<string> {
  const known = registeringProvinces.get(codes);
  if (known !== undefined) return known;
  const before = codes
    .entries('DVHC')
    .filter((entry) => entry.parent === undefined && (entry.from ?? '') < mergerDay)
    .map((entry) => `0${entry.code}`);
  const found = new Set(before);
  registeringProvinces.set(codes, found);
  return found;
}

const pinOf = (record: RecordView): ReturnType<typeof pinFacts> =>
  pinFacts(record.value('identity', 'pin') ?? '');

const at = (field: string): readonly Spot[] => [{ section: 'identity', field }];

/** Several numbers in one field are written with a comma, semicolon, slash or dash between them. */
const phonesOf = (text: string): readonly string[] =>
  text.split(/[,;/]|\s[-–]\s/u).map((one) => one.replaceAll(/[\s.()-]/gu, ''));

export const identityRules = {
  pin_sex_mismatch: {
    on: 'record',
    kind: 'person',
    ...sources.pin,
    severity: 'warning',
    vi: '{label} khác với chữ số thứ tư của số định danh: kiểm tra lại.',
    en: '{label} differs from the fourth digit of the personal number: please check.',
    looksAt: ['identity.pin', 'identity.sex'],
    check: (record) => {
      const sex = record.value('identity', 'sex');
      const facts = pinOf(record);
      return facts !== undefined && sex !== undefined && sex !== facts.sex ? at('sex') : [];
    },
    accepted: { sections: { identity: [{ pin: '014085000001', sex: '1' }] } },
    refused: { sections: { identity: [{ pin: '014085000001', sex: '0' }] } },
  },
  pin_birth_mismatch: {
    on: 'record',
    kind: 'person',
    ...sources.pin,
    severity: 'warning',
    vi: '{label} khác với năm sinh trong số định danh: kiểm tra lại.',
    en: '{label} differs from the year of birth in the personal number: please check.',
    looksAt: ['identity.pin', 'identity.birth_date'],
    check: (record) => {
      const born = record.value('identity', 'birth_date');
      const facts = pinOf(record);
      return facts !== undefined &&
        born !== undefined &&
        Number(born.slice(0, 4)) !== facts.birthYear
        ? at('birth_date')
        : [];
    },
    accepted: { sections: { identity: [{ pin: '014085000001', birth_date: '1985' }] } },
    refused: { sections: { identity: [{ pin: '014085000001', birth_date: '1986' }] } },
  },
  pin_place_unknown: {
    on: 'record',
    kind: 'person',
    ...sources.pin,
    severity: 'warning',
    vi: '{label} bắt đầu bằng mã không phải của tỉnh nào trong 63 tỉnh cũ: kiểm tra lại ba chữ số đầu.',
    en: '{label} begins with a code of none of the 63 old provinces: please check its first three digits.',
    looksAt: ['identity.pin'],
    check: (record, { codes }) => {
      const place = (record.value('identity', 'pin') ?? '').slice(0, 3);
      // from 100 on they are countries, of which the list is not public
      const isProvince = place.startsWith('0');
      return isProvince && !provincesBeforeMerger(codes).has(place) ? at('pin') : [];
    },
    accepted: { sections: { identity: [{ pin: '070085000001' }] } },
    refused: { sections: { identity: [{ pin: '078085000001' }] } },
  },
  name_characters: shaped({
    ...sources.format,
    section: 'identity',
    field: 'full_name',
    vi: '{label} có chữ số hoặc ký hiệu lạ: kiểm tra lại.',
    en: '{label} holds digits or odd symbols: please check.',
    holds: (value) => /^[\p{L}\p{M}’' .-]+$/u.test(value),
    good: "Y Ngông Niê Kdăm H'Rơi",
    bad: 'Lê Văn S0n',
  }),
  social_insurance_format: shaped({
    ...sources.insurance,
    section: 'insurance',
    field: 'social_insurance_no',
    vi: '{label} phải gồm 10 chữ số: kiểm tra lại, nhất là số 0 ở đầu.',
    en: '{label} must be 10 digits: please check, leading zeros above all.',
    holds: (value) => /^\d{10}$/u.test(value),
    good: '0116049999',
    bad: '116049999',
  }),
  health_card_format: shaped({
    ...sources.insurance,
    section: 'insurance',
    field: 'health_card_no',
    vi: '{label} phải là 10 chữ số, hoặc 2 chữ cái và 13 chữ số: kiểm tra lại.',
    en: '{label} must be 10 digits, or 2 letters and 13 digits: please check.',
    holds: (value) => /^(?:\d{10}|[A-Z]{2}\d{13})$/u.test(value),
    good: 'XX4010116049999',
    bad: 'XX401',
  }),
  phone_format: shaped({
    ...sources.format,
    section: 'contact',
    field: 'phone',
    vi: '{label} không phải là số điện thoại Việt Nam: ghi đủ 10 chữ số, kể cả số 0 ở đầu.',
    en: '{label} is no Vietnamese phone number: write all 10 digits with the leading zero.',
    holds: (value) => phonesOf(value).every((one) => /^(?:\+?84|0)\d{9,10}$/u.test(one)),
    good: '0199 000 0001; +84 199 000 0002',
    bad: '199000001',
  }),
  email_format: shaped({
    ...sources.format,
    section: 'contact',
    field: 'email',
    vi: '{label} không phải là địa chỉ thư điện tử: ghi như ten@coquan.gov.vn.',
    en: '{label} is no e-mail address: write it like name@agency.gov.vn.',
    holds: (value) => /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/u.test(value),
    good: 'son@h52.example.vn',
    bad: 'son.h52.example.vn',
  }),
} as const satisfies Readonly<Record<string, RecordRule>>;
