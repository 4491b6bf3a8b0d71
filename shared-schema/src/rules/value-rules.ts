/**
 * The rules that follow from the type of a field alone, on canonical text (what COPY carries). The hub
 * runs the same in SQL (`sql/checks.ts`); a test on a database holds the two equal. Of several faults
 * of one value the first in this order is told.
 */
import { isPartialDate } from '../text/partial-date.ts';
import type { ValueFault, ValueRule } from './rule.ts';
import { sources } from './sources.ts';
import { decimalPattern, unitCodeMax, unitCodePattern } from './value-shapes.ts';

const bad: ValueFault = {};
const unitCodeShape = new RegExp(unitCodePattern, 'u');
const integerShape = /^-?[0-9]{1,9}$/u;

/** Code points, as PostgreSQL's char_length counts; never more than the length of the string. */
const characterCount = (value: string): number => Array.from(value).length;

/** NFC, no control characters, no half of a surrogate pair (which UTF-8 cannot carry). */
const isCleanText = (value: string): boolean =>
  value === value.normalize('NFC') && !/\p{Cc}/u.test(value) && value.isWellFormed();

export const valueRules = {
  required: {
    on: 'value',
    ...sources.review,
    severity: 'error',
    vi: 'Thiếu {label}: bổ sung rồi nhập lại.',
    en: '{label} is missing: fill it in and import again.',
    types: ['text', 'code', 'partial-date', 'integer', 'decimal', 'pin', 'unit-code'],
    check: (field, value) => (field.required && value === '' ? bad : undefined),
    accepted: { field: 'identity.full_name', value: 'Lê Văn Sơn' },
    refused: { field: 'identity.full_name', value: null },
  },
  text_too_long: {
    on: 'value',
    ...sources.format,
    severity: 'error',
    vi: '{label} dài quá {limit} ký tự: rút gọn.',
    en: '{label} is longer than {limit} characters: shorten it.',
    types: ['text'],
    check: ({ type }, value) =>
      type.kind === 'text' && value.length > type.max && characterCount(value) > type.max
        ? { limit: String(type.max) }
        : undefined,
    accepted: { field: 'insurance.social_insurance_no', value: '0123456789' },
    refused: { field: 'insurance.social_insurance_no', value: '01234567890' },
  },
  text_illegal: {
    on: 'value',
    ...sources.unicode,
    severity: 'error',
    vi: '{label} có ký tự điều khiển hoặc không ở dạng Unicode dựng sẵn (NFC): gõ lại.',
    en: '{label} holds control characters or is not composed Unicode (NFC): type it again.',
    types: ['text'],
    check: (_, value) => (isCleanText(value) ? undefined : bad),
    accepted: { field: 'identity.full_name', value: 'Nguyễn Thị Thuỷ' },
    refused: { field: 'identity.full_name', value: 'Nguye\u0302\u0303n Thi\u0323 Thuy\u0309' },
  },
  code_unknown: {
    on: 'value',
    ...sources.codeLists,
    severity: 'error',
    vi: '{label} «{value}» không có trong danh mục {limit}: chọn giá trị trong danh mục hoặc khai báo ánh xạ.',
    en: '{label} "{value}" is not in code list {limit}: choose a value of the list or map it.',
    types: ['code'],
    check: ({ type }, value, { codes }) =>
      type.kind === 'code' && codes.standing(type.list, value, null) === 'unknown'
        ? { limit: type.list }
        : undefined,
    accepted: { field: 'identity.ethnic_group', value: '01' },
    refused: { field: 'identity.ethnic_group', value: '1' },
  },
  code_not_valid_then: {
    on: 'value',
    ...sources.validity,
    severity: 'error',
    vi: '{label} «{value}» không có hiệu lực tại thời điểm của sự kiện (danh mục {limit}): chọn giá trị có hiệu lực khi đó.',
    en: '{label} "{value}" was not in force at the date of the event (code list {limit}): choose one that was.',
    types: ['code'],
    check: ({ type }, value, { codes, event }) => {
      const asOf = event !== null && isPartialDate(event) ? event : null;
      return type.kind === 'code' && codes.standing(type.list, value, asOf) === 'not-valid-then'
        ? { limit: type.list }
        : undefined;
    },
    accepted: { field: 'discipline.form', value: '4', event: '2025-06-30' },
    refused: { field: 'discipline.form', value: '4', event: '2025-07-01' },
  },
  date_format: {
    on: 'value',
    ...sources.format,
    severity: 'error',
    vi: '{label} không phải là ngày hợp lệ: ghi ngày/tháng/năm, tháng/năm hoặc năm, năm đủ 4 chữ số.',
    en: '{label} is not a valid date: write day/month/year, month/year or year, the year with 4 digits.',
    types: ['partial-date'],
    check: (_, value) => (isPartialDate(value) ? undefined : bad),
    accepted: { field: 'identity.birth_date', value: '1975-09' },
    refused: { field: 'identity.birth_date', value: '1975-02-30' },
  },
  number_format: {
    on: 'value',
    ...sources.format,
    severity: 'error',
    vi: '{label} không phải là số hợp lệ: kiểm tra lại.',
    en: '{label} is not a valid number: check it.',
    types: ['integer', 'decimal'],
    check: ({ type }, value) => {
      const shape =
        type.kind === 'decimal'
          ? new RegExp(decimalPattern(type.precision, type.scale), 'u')
          : integerShape;
      return shape.test(value) ? undefined : bad;
    },
    accepted: { field: 'salary.coefficient', value: '4.32' },
    refused: { field: 'salary.coefficient', value: '4,32' },
  },
  number_range: {
    on: 'value',
    ...sources.format,
    severity: 'error',
    vi: '{label} nằm ngoài khoảng cho phép ({limit}): kiểm tra lại.',
    en: '{label} is outside the allowed range ({limit}): check it.',
    types: ['integer'],
    check: ({ type }, value) =>
      type.kind !== 'integer' || (Number(value) >= type.min && Number(value) <= type.max)
        ? undefined
        : { limit: `${type.min}–${type.max}` },
    accepted: { field: 'salary.step', value: '12' },
    refused: { field: 'salary.step', value: '13' },
  },
  pin_format: {
    on: 'value',
    ...sources.pin,
    severity: 'error',
    vi: '{label} phải gồm đúng 12 chữ số: kiểm tra chữ O/số 0, chữ l/số 1.',
    en: '{label} must be exactly 12 digits: look for the letter O in place of 0, or l in place of 1.',
    types: ['pin'],
    check: (_, value) => (/^[0-9]{12}$/u.test(value) ? undefined : bad),
    accepted: { field: 'identity.pin', value: '014085000001' },
    refused: { field: 'identity.pin', value: '01408500000O' },
  },
  unit_code_format: {
    on: 'value',
    ...sources.unitCode,
    severity: 'error',
    vi: '{label} «{value}» không đúng cấu trúc mã định danh cơ quan: ghi như H52.03.01.',
    en: '{label} "{value}" does not follow the structure of agency codes: write it like H52.03.01.',
    types: ['unit-code'],
    check: (_, value) =>
      value.length <= unitCodeMax && unitCodeShape.test(value) ? undefined : bad,
    accepted: { field: 'employment.managing_unit', value: 'H52.03.01' },
    refused: { field: 'employment.managing_unit', value: 'h52' },
  },
} as const satisfies Readonly<Record<string, ValueRule>>;
