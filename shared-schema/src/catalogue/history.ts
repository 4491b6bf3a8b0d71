/** Groups C and D: summary of work (entries 82–84) and personal history (85–87). */
import { date, field, text, unitCode } from './define.ts';
import type { Section } from './types.ts';

export const workHistory: Section = {
  tag: 40,
  name: 'work_history',
  kind: 'person',
  group: 'C',
  decreeGroup: 4,
  vi: 'Quá trình công tác',
  en: 'Work history',
  reach: 'national',
  many: true,
  fields: [
    field(1, 'from_date', [82], 'Từ tháng/năm', 'From', date, {
      headings: ['Từ', 'Từ ngày'],
      packet: 'TuNgay',
    }),
    field(2, 'to_date', [83], 'Đến tháng/năm', 'To', date, {
      headings: ['Đến', 'Đến ngày'],
      packet: 'DenNgay',
    }),
    field(3, 'unit_name', [84], 'Cơ quan, đơn vị', 'Unit', text(250), {
      headings: ['Đơn vị công tác', 'Cơ quan'],
      packet: 'TenCoQuan',
    }),
    field(4, 'position', [84], 'Chức vụ/Vị trí việc làm', 'Position or job', text(250), {
      headings: ['Chức danh', 'Chức vụ', 'Vị trí việc làm'],
      packet: 'ViTriViecLam',
    }),
    field(5, 'unit_code', [84], 'Mã cơ quan, đơn vị', 'Unit, code', unitCode, {
      packet: 'MaCoQuan',
    }),
  ],
};

const sensitive = { restriction: 3 } as const;

export const personalHistory: Section = {
  tag: 41,
  name: 'personal_history',
  kind: 'person',
  group: 'D',
  decreeGroup: 3,
  vi: 'Đặc điểm lịch sử bản thân',
  en: 'Personal history',
  reach: 'sealed',
  many: false,
  fields: [
    field(
      1,
      'arrests',
      [85],
      'Khai rõ: bị bắt, bị tù (thời gian, nơi, đã khai báo cho ai)',
      'Arrest or imprisonment',
      text(4000),
      sensitive,
    ),
    field(
      2,
      'former_regime',
      [86],
      'Bản thân có làm việc cho chế độ cũ',
      'Service under the former regime',
      text(4000),
      sensitive,
    ),
    field(
      3,
      'foreign_relations',
      [87],
      'Quan hệ với tổ chức chính trị, kinh tế, xã hội ở nước ngoài',
      'Relations with foreign organisations',
      text(4000),
      sensitive,
    ),
  ],
};
