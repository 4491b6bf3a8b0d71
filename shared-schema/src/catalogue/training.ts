/** Group B, đào tạo, bồi dưỡng: entries 58–81, one list section for each of the six areas. */
import { code, date, decimal, field, text } from './define.ts';
import type { Field, Section } from './types.ts';

const common = {
  kind: 'person',
  group: 'B',
  decreeGroup: 5,
  reach: 'national',
  many: true,
} as const;

const from = (standard: number): Field =>
  field(1, 'from_date', [standard], 'Từ', 'From', date, {
    headings: ['Từ tháng/năm', 'Từ ngày', 'Thời gian từ'],
    packet: 'TuNgay',
  });

const to = (standard: number): Field =>
  field(2, 'to_date', [standard], 'Đến', 'To', date, {
    headings: ['Đến tháng/năm', 'Đến ngày', 'Thời gian đến'],
    packet: 'DenNgay',
  });

const institution = (standard: number): Field =>
  field(3, 'institution', [standard], 'Cơ sở đào tạo', 'Institution', text(250), {
    headings: ['Tên trường', 'Nơi đào tạo'],
    packet: 'CoSoDaoTao',
  });

export const training: Section = {
  ...common,
  tag: 30,
  name: 'training',
  vi: 'Đào tạo chuyên môn',
  en: 'Professional training',
  fields: [
    from(58),
    to(59),
    institution(60),
    field(4, 'field_of_study', [61], 'Chuyên ngành đào tạo', 'Field of study', text(250), {
      headings: ['Chuyên ngành'],
      packet: 'ChuyenNganhDaoTao',
    }),
    field(5, 'form', [62], 'Hình thức đào tạo', 'Form of study', code('HINH_THUC_DAO_TAO'), {
      asOf: 'to_date',
      headings: ['Hình thức'],
    }),
    field(6, 'qualification', [63], 'Văn bằng, trình độ', 'Degree awarded', text(120), {
      headings: ['Văn bằng', 'Văn bằng, chứng chỉ'],
    }),
    field(7, 'level', [63], 'Trình độ đào tạo', 'Level', code('TRINH_DO_DAO_TAO'), {
      asOf: 'to_date',
      packet: 'TrinhDoDaoTao',
    }),
    field(8, 'grade', [63], 'Xếp loại tốt nghiệp', 'Graduation grade', code('XEP_LOAI_TN'), {
      asOf: 'to_date',
      headings: ['Xếp loại'],
      packet: 'XepLoaiTotNghiep',
    }),
    field(9, 'country', [60], 'Nước đào tạo', 'Country of study', text(120), {
      packet: 'NuocDaoTao',
    }),
  ],
};

export const politicalTraining: Section = {
  ...common,
  tag: 31,
  name: 'political_training',
  vi: 'Lý luận chính trị',
  en: 'Political theory training',
  fields: [
    from(64),
    to(64),
    institution(65),
    field(4, 'form', [66], 'Hình thức', 'Form', code('HINH_THUC_DAO_TAO'), { asOf: 'to_date' }),
    field(5, 'level', [67], 'Văn bằng được cấp', 'Certificate', code('LY_LUAN_CHINH_TRI'), {
      asOf: 'to_date',
      headings: ['Trình độ'],
    }),
  ],
};

export const stateManagementTraining: Section = {
  ...common,
  tag: 32,
  name: 'state_management_training',
  vi: 'Bồi dưỡng quản lý nhà nước',
  en: 'State management training',
  fields: [
    from(68),
    to(68),
    institution(69),
    field(4, 'certificate', [70], 'Chứng chỉ được cấp', 'Certificate', code('QUAN_LY_NHA_NUOC'), {
      asOf: 'to_date',
    }),
  ],
};

export const defenceTraining: Section = {
  ...common,
  tag: 33,
  name: 'defence_training',
  vi: 'Bồi dưỡng quốc phòng - an ninh',
  en: 'Defence and security training',
  fields: [
    from(71),
    to(71),
    institution(72),
    field(4, 'certificate', [73], 'Chứng chỉ được cấp', 'Certificate', code('QPAN'), {
      asOf: 'to_date',
    }),
  ],
};

export const itTraining: Section = {
  ...common,
  tag: 34,
  name: 'it_training',
  vi: 'Tin học',
  en: 'Information technology training',
  fields: [
    from(74),
    to(74),
    institution(75),
    field(4, 'certificate', [76], 'Chứng chỉ được cấp', 'Certificate', code('TRINH_DO_TIN_HOC'), {
      asOf: 'to_date',
      packet: 'TrinhDo',
    }),
  ],
};

export const languageTraining: Section = {
  ...common,
  tag: 35,
  name: 'language_training',
  vi: 'Ngoại ngữ, tiếng dân tộc',
  en: 'Foreign and minority languages',
  fields: [
    from(77),
    to(77),
    institution(78),
    field(4, 'language', [79], 'Tên ngoại ngữ / tiếng dân tộc', 'Language', code('NGOAI_NGU'), {
      headings: ['Ngoại ngữ'],
      packet: 'MaNgoaiNgu',
    }),
    field(5, 'level', [80], 'Chứng chỉ được cấp', 'Certificate', code('TRINH_DO_NGOAI_NGU'), {
      asOf: 'to_date',
      headings: ['Trình độ'],
      packet: 'TrinhDo',
    }),
    field(6, 'score', [81], 'Điểm số', 'Score', decimal(6, 2)),
  ],
};
