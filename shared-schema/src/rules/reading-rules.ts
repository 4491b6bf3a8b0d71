/**
 * Rules that only a reader of files can check: on a cell before it is a value, and on a row against
 * the other rows of its file. `node/src/intake` checks them; a test there runs these examples.
 */
import type { CellRule, FileExample, FileRule } from './rule.ts';
import { sources } from './sources.ts';

const everyField = ['every field'];
const pin = ['identity.pin'];

export const cellRules = {
  cell_error: {
    on: 'cell',
    ...sources.review,
    severity: 'error',
    vi: '{label} là ô báo lỗi của bảng tính (#N/A, #REF!…): sửa công thức hoặc gõ lại giá trị.',
    en: '{label} is a spreadsheet error (#N/A, #REF! …): mend the formula or type the value.',
    looksAt: everyField,
    accepted: { field: 'employment.object_class', written: 'Công chức' },
    refused: { field: 'employment.object_class', written: { error: '#N/A' } },
  },
  legacy_font: {
    on: 'cell',
    ...sources.unicode,
    severity: 'error',
    vi: '{label} được gõ bằng bảng mã cũ {limit}: chuyển sang Unicode rồi nhập lại.',
    en: '{label} was typed in the old encoding {limit}: convert it to Unicode and import again.',
    looksAt: everyField,
    accepted: { field: 'identity.full_name', written: 'Nguyễn Văn Sơn' },
    refused: { field: 'identity.full_name', written: 'NguyÔn V¨n S¬n' },
  },
  pin_old_id: {
    on: 'cell',
    ...sources.recordCode,
    severity: 'error',
    vi: '{label} là số CMND 9 chữ số cũ: ghi số định danh cá nhân 12 chữ số.',
    en: '{label} is an old 9-digit identity card number: give the 12-digit personal number.',
    looksAt: pin,
    accepted: { field: 'identity.pin', written: '014085000001' },
    refused: { field: 'identity.pin', written: '050012345' },
  },
  pin_zero_restored: {
    on: 'cell',
    ...sources.pin,
    severity: 'warning',
    vi: '{label} mất số 0 ở đầu do lưu dạng số, đã bổ sung: hãy kiểm tra.',
    en: '{label} had lost its leading zero in a number cell and got it back: please check.',
    looksAt: pin,
    accepted: { field: 'identity.pin', written: '014085000001' },
    refused: { field: 'identity.pin', written: 14_085_000_001 },
  },
  rank_as_number: {
    on: 'cell',
    ...sources.format,
    severity: 'warning',
    vi: '{label} được lưu dạng số nên mất số 0 ở đầu, đã đọc là «{value}»: hãy kiểm tra.',
    en: '{label} was stored as a number, lost its leading zero and was read as "{value}": please check.',
    looksAt: ['salary.rank_code', 'salary_history.rank_code'],
    accepted: { field: 'salary.rank_code', written: '01.003' },
    refused: { field: 'salary.rank_code', written: 1.003 },
  },
} as const satisfies Readonly<Record<string, CellRule>>;

const peopleHeader = [
  'STT',
  'Họ và tên',
  'Số CCCD',
  'Ngày sinh',
  'Giới tính',
  'Dân tộc',
  'Loại hồ sơ',
  'Mã đơn vị sử dụng',
  'Mã đơn vị quản lý',
];
const person = (stt: string, number: string): readonly string[] => [
  stt,
  'Lê Văn Sơn',
  number,
  '1985',
  'Nam',
  'Kinh',
  'Công chức',
  'H52',
  'H52',
];
const people = (...numbers: readonly string[]): FileExample[string] => [
  peopleHeader,
  ...numbers.map((number, i) => person(String(i + 1), number)),
];

const units = (...rows: readonly (readonly string[])[]): FileExample => ({
  'Cơ cấu tổ chức': [
    ['Mã đơn vị', 'Tên đơn vị', 'Mã đơn vị cấp trên'],
    ['H52', 'UBND tỉnh', ''],
    ...rows,
  ],
});

const jobs = (number: string): FileExample => ({
  'Danh sách': people('014085000001'),
  'Quá trình công tác': [
    ['Số CCCD', 'Từ tháng/năm', 'Đến tháng/năm', 'Cơ quan, đơn vị', 'Chức danh'],
    [number, '01/2016', '', 'Sở Một', 'Chuyên viên'],
  ],
});

export const fileRules = {
  pin_repeated: {
    on: 'file',
    ...sources.recordCode,
    severity: 'error',
    vi: '{label} trùng với dòng {value} trong cùng tệp: giữ một dòng cho mỗi người.',
    en: '{label} repeats that of row {value} of the same file: keep one row a person.',
    looksAt: pin,
    accepted: { 'Danh sách': people('014085000001', '014085000002') },
    refused: { 'Danh sách': people('014085000001', '014085000001') },
  },
  person_unknown: {
    on: 'file',
    ...sources.review,
    severity: 'error',
    vi: '{label} không khớp với người nào trong danh sách: sửa số hoặc bổ sung người.',
    en: '{label} matches no person of the list: correct the number or add the person.',
    looksAt: ['identity.pin', 'every list section'],
    accepted: jobs('014085000001'),
    refused: jobs('014085000009'),
  },
  unit_code_repeated: {
    on: 'file',
    ...sources.unitCode,
    severity: 'error',
    vi: '{label} «{value}» xuất hiện hai lần: giữ một mã cho mỗi đơn vị.',
    en: '{label} "{value}" occurs twice: keep one code a unit.',
    looksAt: ['org_unit.code'],
    alsoAtHub: true,
    accepted: units(['H52.01', 'Sở Một', 'H52'], ['H52.02', 'Sở Hai', 'H52']),
    refused: units(['H52.01', 'Sở Một', 'H52'], ['H52.01', 'Sở Hai', 'H52']),
  },
  parent_unknown: {
    on: 'file',
    ...sources.unitTree,
    severity: 'error',
    vi: '{label} «{value}» không có trong cơ cấu tổ chức: sửa mã hoặc bổ sung đơn vị cấp trên.',
    en: '{label} "{value}" is not in the organisation tree: correct the code or add the parent.',
    looksAt: ['org_unit.parent_code', 'org_unit.code'],
    alsoAtHub: true,
    accepted: units(['H52.01', 'Sở Một', 'H52']),
    refused: units(['H52.01.01', 'Phòng Một', 'H52.01']),
  },
} as const satisfies Readonly<Record<string, FileRule>>;
