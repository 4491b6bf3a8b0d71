/** Group G, hoàn cảnh kinh tế: salary and allowance history (104–106), income and assets (107–108). */
import { code, date, decimal, field, integer, text } from './define.ts';
import type { Field, Section } from './types.ts';

const common = { kind: 'person', group: 'G', many: true } as const;

const period = (standard: number): readonly Field[] => [
  field(1, 'from_date', [standard], 'Từ ngày', 'From', date, {
    headings: ['Từ', 'Từ tháng/năm'],
    packet: 'TuNgay',
  }),
  field(2, 'to_date', [standard], 'Đến ngày', 'To', date, {
    headings: ['Đến', 'Đến tháng/năm'],
    packet: 'DenNgay',
  }),
];

export const salaryHistory: Section = {
  ...common,
  tag: 70,
  name: 'salary_history',
  decreeGroup: 6,
  vi: 'Quá trình lương',
  en: 'Salary history',
  reach: 'national',
  fields: [
    ...period(104),
    field(3, 'rank_code', [105], 'Mã ngạch', 'Rank code', code('NGACH'), {
      asOf: 'from_date',
      headings: ['Mã ngạch/CDNN', 'Mã số'],
      packet: 'Ngach',
    }),
    field(4, 'step', [105], 'Bậc', 'Step', integer(1, 12), {
      headings: ['Bậc lương'],
      packet: 'BacLuong',
    }),
    field(5, 'coefficient', [105], 'Hệ số', 'Coefficient', decimal(4, 2), {
      headings: ['Hệ số lương'],
      packet: 'HeSoLuong',
    }),
    field(6, 'percent_paid', [105], 'Phần trăm hưởng', 'Percent paid', decimal(5, 2), {
      packet: 'PhanTramHuong',
    }),
  ],
};

export const allowanceHistory: Section = {
  ...common,
  tag: 71,
  name: 'allowance_history',
  decreeGroup: 6,
  vi: 'Quá trình phụ cấp',
  en: 'Allowance history',
  reach: 'national',
  fields: [
    ...period(106),
    field(3, 'allowance_kind', [106], 'Loại phụ cấp', 'Kind', code('LOAI_PHU_CAP'), {
      asOf: 'from_date',
      packet: 'LoaiPhuCap',
    }),
    field(4, 'coefficient', [106], 'Hệ số', 'Coefficient', decimal(5, 2), { packet: 'HeSo' }),
    field(5, 'percent', [106], 'Phần trăm hưởng phụ cấp', 'Percent', decimal(5, 2), {
      packet: 'PhanTramHuongPhuCap',
    }),
    field(6, 'amount', [106], 'Giá trị', 'Amount (VND)', decimal(14, 0), { packet: 'GiaTri' }),
    field(7, 'payment_form', [106], 'Hình thức hưởng', 'Payment form', code('HINH_THUC_HUONG'), {
      asOf: 'from_date',
      packet: 'HinhThucHuong',
    }),
  ],
};

export const incomeAssets: Section = {
  tag: 72,
  name: 'income_assets',
  kind: 'person',
  group: 'G',
  decreeGroup: 9,
  vi: 'Nguồn thu nhập, tài sản',
  en: 'Income and assets',
  reach: 'sealed',
  many: false,
  fields: [
    field(
      1,
      'yearly_income',
      [107],
      'Lương và các nguồn thu khác hằng năm',
      'Yearly income (VND)',
      decimal(14, 0),
      { restriction: 3 },
    ),
    field(
      2,
      'property',
      [108],
      'Nhà ở, đất ở, đất sản xuất kinh doanh',
      'House and land',
      text(2000),
      { restriction: 3 },
    ),
  ],
};
