/**
 * Every finding that the system can raise on a record: one code, one severity, one sentence in
 * Vietnamese and one in English that tell a clerk what to do, and the source of the rule.
 *
 * A finding names the field, never a person; `{value}` is filled for codes and unit codes only.
 */
export type Severity = 'error' | 'warning';

export type FindingKind = {
  readonly severity: Severity;
  readonly vi: string;
  readonly en: string;
  readonly source: string;
};

const decree27 = 'Decree 27/2026/NĐ-CP art. 30: the unit checks and verifies before sending';
const format = 'Field catalogue, types of the 109-field list (Dispatch 639/BNV-VP)';

export const findingKinds = {
  required: {
    severity: 'error',
    vi: 'Thiếu {label}: bổ sung rồi nhập lại.',
    en: '{label} is missing: fill it in and import again.',
    source: decree27,
  },
  text_too_long: {
    severity: 'error',
    vi: '{label} dài quá {limit} ký tự: rút gọn.',
    en: '{label} is longer than {limit} characters: shorten it.',
    source: format,
  },
  text_illegal: {
    severity: 'error',
    vi: '{label} có ký tự điều khiển hoặc không ở dạng Unicode dựng sẵn (NFC): gõ lại.',
    en: '{label} holds control characters or is not composed Unicode (NFC): type it again.',
    source: 'Unicode NFC, TCVN 6909:2001',
  },
  number_format: {
    severity: 'error',
    vi: '{label} không phải là số hợp lệ: kiểm tra lại.',
    en: '{label} is not a valid number: check it.',
    source: format,
  },
  number_range: {
    severity: 'error',
    vi: '{label} nằm ngoài khoảng cho phép ({limit}): kiểm tra lại.',
    en: '{label} is outside the allowed range ({limit}): check it.',
    source: format,
  },
  date_format: {
    severity: 'error',
    vi: '{label} không phải là ngày hợp lệ: ghi ngày/tháng/năm, tháng/năm hoặc năm.',
    en: '{label} is not a valid date: write day/month/year, month/year or year.',
    source: format,
  },
  date_future: {
    severity: 'error',
    vi: '{label} ở tương lai: kiểm tra lại.',
    en: '{label} lies in the future: check it.',
    source: decree27,
  },
  cell_error: {
    severity: 'error',
    vi: '{label} là ô báo lỗi của bảng tính (#N/A, #REF!…): sửa công thức hoặc gõ lại giá trị.',
    en: '{label} is a spreadsheet error (#N/A, #REF! …): mend the formula or type the value.',
    source: decree27,
  },
  code_unknown: {
    severity: 'error',
    vi: '{label} «{value}» không có trong danh mục {limit}: chọn giá trị trong danh mục hoặc khai báo ánh xạ.',
    en: '{label} "{value}" is not in code list {limit}: choose a value of the list or map it.',
    source: 'Decision 356/QĐ-BNV: code lists',
  },
  code_not_valid_then: {
    severity: 'error',
    vi: '{label} «{value}» không có hiệu lực tại thời điểm của sự kiện (danh mục {limit}): chọn giá trị có hiệu lực khi đó.',
    en: '{label} "{value}" was not in force at the date of the event (code list {limit}): choose one that was.',
    source: 'Code lists with validity intervals',
  },
  pin_format: {
    severity: 'error',
    vi: '{label} phải gồm đúng 12 chữ số: kiểm tra chữ O/số 0, chữ l/số 1.',
    en: '{label} must be exactly 12 digits: look for the letter O in place of 0, or l in place of 1.',
    source: 'Decree 137/2015/NĐ-CP art. 13',
  },
  pin_old_id: {
    severity: 'error',
    vi: '{label} là số CMND 9 chữ số cũ: ghi số định danh cá nhân 12 chữ số.',
    en: '{label} is an old 9-digit identity card number: give the 12-digit personal number.',
    source: 'Decree 27/2026/NĐ-CP art. 16(3): the record code is the personal number',
  },
  pin_repeated: {
    severity: 'error',
    vi: '{label} trùng với dòng {value} trong cùng tệp: giữ một dòng cho mỗi người.',
    en: '{label} repeats that of row {value} of the same file: keep one row a person.',
    source: 'Decree 27/2026/NĐ-CP art. 16(3): one record a person',
  },
  pin_held_elsewhere: {
    severity: 'error',
    vi: '{label} đã thuộc một hồ sơ đang hoạt động khác: kiểm tra lại hoặc làm thủ tục chuyển hồ sơ.',
    en: '{label} already belongs to another active record: check it, or ask for a transfer.',
    source: 'Decree 27/2026/NĐ-CP art. 16(3): one record a person',
  },
  unit_code_format: {
    severity: 'error',
    vi: '{label} «{value}» không đúng cấu trúc mã định danh cơ quan (ví dụ H52.03.01).',
    en: '{label} "{value}" does not follow the structure of agency codes (such as H52.03.01).',
    source: 'Decision 20/2020/QĐ-TTg',
  },
  unit_unknown: {
    severity: 'error',
    vi: '{label} «{value}» không có trong cơ cấu tổ chức của đơn vị: sửa mã hoặc bổ sung đơn vị.',
    en: '{label} "{value}" is not in the organisation tree: correct the code or add the unit.',
    source: 'Dispatch 5034/BNV-CCVC: unit tree first, profiles after',
  },
  parent_unknown: {
    severity: 'error',
    vi: '{label} «{value}» không có trong cơ cấu tổ chức: sửa mã hoặc bổ sung đơn vị cấp trên.',
    en: '{label} "{value}" is not in the organisation tree: correct the code or add the parent.',
    source: 'Dispatch 5034/BNV-CCVC: unit tree first, profiles after',
  },
  unit_code_repeated: {
    severity: 'error',
    vi: '{label} «{value}» xuất hiện hai lần: mỗi đơn vị một mã.',
    en: '{label} "{value}" occurs twice: one code a unit.',
    source: 'Decision 20/2020/QĐ-TTg',
  },
  unit_outside_agency: {
    severity: 'error',
    vi: '{label} «{value}» không thuộc cơ quan {limit}: chỉ gửi dữ liệu của cơ quan mình.',
    en: '{label} "{value}" does not belong to agency {limit}: a unit sends its own data only.',
    source: 'Decision 20/2020/QĐ-TTg: lower levels begin with the code of level 1',
  },
  person_unknown: {
    severity: 'error',
    vi: '{label} không khớp với người nào trong danh sách: sửa số hoặc bổ sung người.',
    en: '{label} matches no person of the list: correct the number or add the person.',
    source: decree27,
  },
  not_owner: {
    severity: 'error',
    vi: 'Hồ sơ thuộc đơn vị khác: chỉ đơn vị đang quản lý mới được cập nhật.',
    en: 'The record belongs to another unit: only its owner may change it.',
    source: 'Decree 27/2026/NĐ-CP art. 18: the managing agency creates and updates',
  },
  head_missing: {
    severity: 'error',
    vi: 'Hồ sơ thiếu phần {label}: bổ sung rồi gửi lại.',
    en: 'The record lacks its section {label}: add it and send again.',
    source: format,
  },
  held_back: {
    severity: 'error',
    vi: 'Thay đổi được giữ lại vì lần trước của hồ sơ này bị từ chối; hệ thống sẽ gửi lại toàn bộ hồ sơ.',
    en: 'Held back because an earlier change of this record was refused; the whole record is sent again.',
    source: 'Protocol: later changes of a quarantined record wait for a whole one',
  },
  pin_zero_restored: {
    severity: 'warning',
    vi: '{label} mất số 0 ở đầu do lưu dạng số: đã bổ sung, hãy kiểm tra.',
    en: '{label} had lost its leading zero in a number cell: restored, please check.',
    source: 'Decree 137/2015/NĐ-CP art. 13: 12 digits',
  },
  pin_sex_mismatch: {
    severity: 'warning',
    vi: 'Giới tính khác với chữ số thứ tư của số định danh: kiểm tra lại.',
    en: 'Sex differs from the fourth digit of the personal number: please check.',
    source: 'Decree 137/2015/NĐ-CP art. 13: structure; a mismatch is never refused',
  },
  pin_birth_mismatch: {
    severity: 'warning',
    vi: 'Năm sinh khác với năm trong số định danh: kiểm tra lại.',
    en: 'Year of birth differs from the personal number: please check.',
    source: 'Decree 137/2015/NĐ-CP art. 13: structure; a mismatch is never refused',
  },
  rank_as_number: {
    severity: 'warning',
    vi: '{label} được lưu dạng số nên mất số 0 ở đầu: đã đọc là «{value}», hãy kiểm tra.',
    en: '{label} was stored as a number and lost its leading zero: read as "{value}", please check.',
    source: format,
  },
  coefficient_off_scale: {
    severity: 'warning',
    vi: 'Hệ số lương không khớp với ngạch và bậc theo bảng lương: kiểm tra lại.',
    en: 'The salary coefficient does not match rank and step in the salary scale: please check.',
    source: 'Decree 204/2004/NĐ-CP, tables 2 and 3',
  },
  step_off_scale: {
    severity: 'warning',
    vi: 'Bậc lương vượt số bậc của ngạch: kiểm tra lại.',
    en: 'The salary step is beyond the steps of the rank: please check.',
    source: 'Decree 204/2004/NĐ-CP, tables 2 and 3',
  },
  period_backwards: {
    severity: 'warning',
    vi: 'Thời gian kết thúc trước thời gian bắt đầu: kiểm tra lại.',
    en: 'The period ends before it begins: please check.',
    source: decree27,
  },
} as const satisfies Readonly<Record<string, FindingKind>>;

export type FindingCode = keyof typeof findingKinds;

/** Whether a code received from elsewhere is one of ours. */
export function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(findingKinds, code);
}

export const findingCodes: readonly FindingCode[] = Object.keys(findingKinds).filter((code) =>
  isFindingCode(code),
);

/** A finding on one field; `vi` and `en` are complete sentences. */
export type Finding = {
  readonly code: FindingCode;
  readonly field: string | null;
  readonly vi: string;
  readonly en: string;
};

export type FindingWords = {
  readonly label?: { readonly vi: string; readonly en: string };
  readonly value?: string;
  readonly limit?: string;
};

export function makeFinding(
  code: FindingCode,
  field: string | null,
  words: FindingWords = {},
): Finding {
  const kind = findingKinds[code];
  return {
    code,
    field,
    vi: fill(kind.vi, words.label?.vi, words),
    en: fill(kind.en, words.label?.en, words),
  };
}

function fill(template: string, label: string | undefined, words: FindingWords): string {
  return template
    .replaceAll('{label}', label ?? '')
    .replaceAll('{value}', words.value ?? '')
    .replaceAll('{limit}', words.limit ?? '')
    .replaceAll(' «»', '')
    .replaceAll(' ""', '');
}

export function severityOf(code: FindingCode): Severity {
  return findingKinds[code].severity;
}
