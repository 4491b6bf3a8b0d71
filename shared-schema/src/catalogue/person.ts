/**
 * Group A, sơ yếu lý lịch, first half: who the person is (entries 1–19 and 30 of the 109-field list;
 * a working reconstruction, since the official appendix is not public), split by reach and by what
 * changes together.
 */
import { code, date, field, pin, text, unitCode } from './define.ts';
import type { Section } from './types.ts';

const group = { kind: 'person', group: 'A' } as const;
const population = { owner: 'population' } as const;

export const identity: Section = {
  ...group,
  tag: 10,
  name: 'identity',
  decreeGroup: 1,
  vi: 'Nhân thân',
  en: 'Identity',
  reach: 'national',
  many: false,
  fields: [
    field(1, 'pin', [9], 'Số định danh cá nhân/CCCD', 'Personal identification number', pin, {
      ...population,
      required: true,
      restriction: 2,
      headings: ['Số định danh cá nhân', 'Số CCCD', 'CCCD', 'Số căn cước', 'Số CMND/CCCD'],
      packet: 'SoDinhDanhCaNhan',
    }),
    field(2, 'full_name', [1], 'Họ và tên khai sinh', 'Birth name', text(120), {
      ...population,
      required: true,
      headings: ['Họ và tên', 'Họ tên', 'Họ và tên cán bộ'],
      packet: 'HoVaTen',
    }),
    field(3, 'other_names', [2], 'Tên gọi khác', 'Other names', text(250)),
    field(4, 'birth_date', [3], 'Ngày, tháng, năm sinh', 'Date of birth', date, {
      ...population,
      required: true,
      headings: ['Ngày sinh', 'Ngày tháng năm sinh', 'Năm sinh'],
      packet: 'NgaySinh',
    }),
    field(5, 'sex', [4], 'Giới tính', 'Sex', code('GIOI_TINH'), {
      ...population,
      required: true,
      headings: ['Nam/Nữ'],
      packet: 'GioiTinh',
    }),
    field(6, 'ethnic_group', [7], 'Dân tộc', 'Ethnic group', code('DAN_TOC'), {
      ...population,
      required: true,
      packet: 'DanToc',
    }),
    field(7, 'religion', [8], 'Tôn giáo', 'Religion', code('TON_GIAO'), {
      ...population,
      restriction: 3,
      packet: 'TonGiao',
    }),
    field(8, 'birth_place', [5], 'Nơi sinh', 'Place of birth', text(250), population),
    field(9, 'birth_place_code', [5], 'Mã nơi sinh', 'Place of birth, code', code('DVHC'), {
      ...population,
      asOf: 'birth_date',
    }),
    field(10, 'home_town', [6], 'Quê quán', 'Home town', text(250), population),
    field(11, 'home_town_code', [6], 'Mã quê quán', 'Home town, code', code('DVHC'), population),
  ],
};

export const employment: Section = {
  ...group,
  tag: 11,
  name: 'employment',
  decreeGroup: 6,
  vi: 'Quản lý hồ sơ',
  en: 'Employment and record roles',
  reach: 'national',
  many: false,
  fields: [
    field(1, 'staff_number', [], 'Số hiệu CBCCVC', 'Local staff number', text(35), {
      headings: ['Số hiệu', 'Mã cán bộ', 'Số hiệu công chức', 'Số hiệu viên chức'],
      packet: 'SoHieuCBCCVC_BNDP',
    }),
    field(2, 'object_class', [], 'Loại hồ sơ', 'Object class', code('LOAI_HO_SO'), {
      required: true,
      headings: ['Phân loại hồ sơ', 'Đối tượng'],
      packet: 'PhanLoaiHoSo',
    }),
    field(3, 'employing_unit', [], 'Mã đơn vị sử dụng', 'Employing unit', unitCode, {
      required: true,
      headings: ['Đơn vị sử dụng'],
      packet: 'MaDonviSuDung',
    }),
    field(4, 'managing_unit', [], 'Mã đơn vị quản lý', 'Managing unit', unitCode, {
      required: true,
      headings: ['Đơn vị quản lý'],
      packet: 'MaDonViQuanLy',
    }),
    field(5, 'status', [], 'Tình trạng hồ sơ', 'Record status', code('TRANG_THAI_HO_SO'), {
      required: true,
    }),
    // "Ngày nghỉ hưu" and the like are no headings of it: in lists of those at work they are plans
    field(
      6,
      'status_date',
      [],
      'Ngày kết thúc công tác',
      'Left, retired, transferred or died on',
      date,
      { headings: ['Ngày thay đổi tình trạng hồ sơ'] },
    ),
    field(
      7,
      'status_decision',
      [],
      'Quyết định kết thúc công tác',
      'Decision on leaving',
      text(120),
      { headings: ['Số quyết định kết thúc công tác'] },
    ),
  ],
};

export const idPaper: Section = {
  ...group,
  tag: 12,
  name: 'id_paper',
  decreeGroup: 1,
  vi: 'Giấy tờ tùy thân',
  en: 'Identity paper',
  reach: 'sealed',
  many: false,
  fields: [
    field(1, 'issued_on', [10], 'Ngày cấp', 'ID issue date', date, {
      ...population,
      restriction: 2,
      headings: ['Ngày cấp CCCD'],
    }),
    field(2, 'issued_by', [11], 'Nơi cấp', 'ID issuing authority', text(250), {
      ...population,
      restriction: 2,
      headings: ['Nơi cấp CCCD'],
    }),
    field(3, 'old_number', [9], 'Số CMND cũ (9 số)', 'Old identity card number', text(12), {
      ...population,
      restriction: 2,
      headings: ['Số CMND'],
      packet: 'SoCMND',
    }),
  ],
};

export const contact: Section = {
  ...group,
  tag: 13,
  name: 'contact',
  decreeGroup: 1,
  vi: 'Liên hệ và nơi ở',
  en: 'Contact and residence',
  reach: 'unit',
  many: false,
  fields: [
    field(1, 'phone', [12], 'Số điện thoại liên hệ', 'Phone', text(40), {
      restriction: 2,
      headings: ['Số điện thoại', 'Điện thoại', 'SĐT'],
    }),
    field(2, 'email', [13], 'Thư điện tử', 'Email', text(120), {
      restriction: 2,
      headings: ['Email', 'E-mail'],
    }),
    field(
      3,
      'permanent_residence',
      [16],
      'Nơi đăng ký thường trú',
      'Permanent residence',
      text(250),
      { ...population, restriction: 2, headings: ['Hộ khẩu thường trú', 'Thường trú'] },
    ),
    field(
      4,
      'permanent_residence_code',
      [16],
      'Mã nơi thường trú',
      'Permanent residence, code',
      code('DVHC'),
      { ...population, restriction: 2 },
    ),
    field(5, 'current_residence', [17], 'Nơi ở hiện nay', 'Current residence', text(250), {
      ...population,
      restriction: 2,
      headings: ['Chỗ ở hiện nay', 'Nơi ở'],
    }),
    field(
      6,
      'current_residence_code',
      [17],
      'Mã nơi ở hiện nay',
      'Current residence, code',
      code('DVHC'),
      { ...population, restriction: 2 },
    ),
  ],
};

export const insurance: Section = {
  ...group,
  tag: 14,
  name: 'insurance',
  decreeGroup: 1,
  vi: 'Bảo hiểm',
  en: 'Insurance',
  reach: 'national',
  many: false,
  fields: [
    field(1, 'social_insurance_no', [14], 'Số sổ BHXH', 'Social insurance number', text(10), {
      owner: 'social-insurance',
      restriction: 2,
      headings: ['Số BHXH', 'Mã số BHXH'],
      packet: 'SoSoBaoHiemXaHoi',
    }),
    field(2, 'health_card_no', [15], 'Số thẻ BHYT', 'Health insurance card number', text(15), {
      owner: 'social-insurance',
      restriction: 2,
    }),
  ],
};

export const origin: Section = {
  ...group,
  tag: 15,
  name: 'origin',
  decreeGroup: 1,
  vi: 'Xuất thân',
  en: 'Origin',
  reach: 'national',
  many: false,
  fields: [
    field(
      1,
      'family_origin',
      [18],
      'Thành phần gia đình xuất thân',
      'Family origin',
      code('THANH_PHAN_XUAT_THAN'),
    ),
    field(
      2,
      'prior_occupation',
      [19],
      'Nghề nghiệp trước khi tuyển dụng',
      'Occupation before recruitment',
      text(250),
    ),
    field(
      3,
      'policy_status',
      [30],
      'Đối tượng chính sách',
      'Policy beneficiary status',
      code('DOI_TUONG_CHINH_SACH'),
    ),
  ],
};
