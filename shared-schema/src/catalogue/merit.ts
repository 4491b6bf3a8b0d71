/** Groups E and H: rewards (88–91), discipline (92–95), evaluation (109). */
import { code, date, field, integer, text } from './define.ts';
import type { Section } from './types.ts';

const common = { kind: 'person', decreeGroup: 6, reach: 'national', many: true } as const;

export const reward: Section = {
  ...common,
  tag: 50,
  name: 'reward',
  group: 'E',
  vi: 'Khen thưởng',
  en: 'Rewards',
  fields: [
    field(1, 'year', [88], 'Năm', 'Year', integer(1945, 2200), { required: true }),
    field(2, 'grading', [89], 'Xếp loại chuyên môn', 'Grading', code('KET_QUA_DANH_GIA'), {
      asOf: 'year',
    }),
    field(3, 'emulation', [90], 'Xếp loại thi đua', 'Emulation title', code('DANH_HIEU_THI_DUA'), {
      asOf: 'year',
    }),
    field(4, 'form', [91], 'Hình thức khen thưởng', 'Form', code('HINH_THUC_KHEN_THUONG'), {
      asOf: 'year',
    }),
  ],
};

export const discipline: Section = {
  ...common,
  tag: 51,
  name: 'discipline',
  group: 'E',
  vi: 'Kỷ luật',
  en: 'Discipline',
  fields: [
    field(1, 'from_date', [92], 'Từ ngày', 'From', date, { required: true, restriction: 2 }),
    field(2, 'to_date', [92], 'Đến ngày', 'To', date, { restriction: 2 }),
    field(3, 'form', [93], 'Hình thức kỷ luật', 'Discipline form', code('HINH_THUC_KY_LUAT'), {
      required: true,
      restriction: 2,
      asOf: 'from_date',
    }),
    field(4, 'violation', [94], 'Hành vi vi phạm chính', 'Main violation', text(500), {
      restriction: 2,
    }),
    field(5, 'decided_by', [95], 'Cơ quan quyết định', 'Deciding authority', text(250), {
      restriction: 2,
    }),
  ],
};

export const evaluation: Section = {
  ...common,
  tag: 80,
  name: 'evaluation',
  group: 'H',
  vi: 'Nhận xét, đánh giá',
  en: 'Evaluation',
  fields: [
    field(1, 'year', [109], 'Năm đánh giá', 'Year', integer(1945, 2200), {
      required: true,
      headings: ['Năm'],
      packet: 'Nam',
    }),
    field(2, 'grade', [109], 'Kết quả đánh giá', 'Grade', code('KET_QUA_DANH_GIA'), {
      asOf: 'year',
      packet: 'KetQuaDanhGia',
    }),
    field(3, 'authority', [109], 'Thẩm quyền đánh giá', 'Authority', text(250), {
      packet: 'ThamQuyenDanhGia',
    }),
    field(4, 'comments', [109], 'Nhận xét', 'Comments', text(2000), { restriction: 2 }),
  ],
};
