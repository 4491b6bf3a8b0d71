/**
 * Group A, sơ yếu lý lịch, second half: recruitment, Party, service, levels, position, salary and
 * health (entries 20–57 of the 109-field list).
 */
import { code, date, decimal, field, integer, text, unitCode } from './define.ts';
import type { Section } from './types.ts';

const group = { kind: 'person', group: 'A' } as const;

export const recruitment: Section = {
  ...group,
  tag: 16,
  name: 'recruitment',
  decreeGroup: 4,
  vi: 'Tuyển dụng',
  en: 'Recruitment',
  reach: 'national',
  many: false,
  fields: [
    field(
      1,
      'first_recruited_on',
      [20],
      'Ngày được tuyển dụng lần đầu',
      'First recruitment date',
      date,
      { headings: ['Ngày tuyển dụng lần đầu', 'Ngày tuyển dụng'], packet: 'NgayTuyenDungLanDau' },
    ),
    field(2, 'recruiting_agency', [21], 'Cơ quan tuyển dụng', 'Recruiting agency', text(250), {
      packet: 'TenCoQuan',
    }),
    field(
      3,
      'joined_agency_on',
      [22],
      'Ngày vào cơ quan hiện nay',
      'Date joined current agency',
      date,
      { headings: ['Ngày về cơ quan'], packet: 'NgayVaoCoQuanHienNay' },
    ),
    field(4, 'recruiting_unit', [21], 'Mã cơ quan tuyển dụng', 'Recruiting unit, code', unitCode, {
      packet: 'MaCoQuan',
    }),
    field(5, 'recruited_position', [53], 'Vị trí tuyển dụng', 'Position recruited for', text(250), {
      packet: 'ViTriTuyenDung',
    }),
  ],
};

export const party: Section = {
  ...group,
  tag: 17,
  name: 'party',
  decreeGroup: 7,
  vi: 'Đảng Cộng sản Việt Nam',
  en: 'Party membership',
  reach: 'national',
  many: false,
  fields: [
    field(1, 'admitted_on', [23], 'Ngày vào Đảng', 'Party admission date', date, {
      owner: 'party',
      restriction: 2,
      packet: 'NgayVaoDang',
    }),
    field(2, 'official_on', [24], 'Ngày vào Đảng chính thức', 'Official Party date', date, {
      owner: 'party',
      restriction: 2,
      headings: ['Ngày chính thức'],
      packet: 'NgayVaoDangChinhThuc',
    }),
    field(3, 'card_no', [25], 'Số thẻ đảng viên', 'Party card number', text(20), {
      owner: 'party',
      restriction: 2,
      headings: ['Số thẻ Đảng'],
      packet: 'SoTheDang',
    }),
    field(4, 'party_position', [40], 'Chức vụ Đảng', 'Party position', code('CHUC_VU_DANG'), {
      owner: 'party',
      restriction: 2,
      packet: 'ChucVuDang',
    }),
  ],
};

export const association: Section = {
  ...group,
  tag: 18,
  name: 'association',
  decreeGroup: 7,
  vi: 'Tổ chức chính trị - xã hội',
  en: 'Socio-political organisation',
  reach: 'national',
  many: false,
  fields: [
    field(
      1,
      'first_joined_on',
      [26],
      'Ngày tham gia tổ chức CT-XH đầu tiên',
      'First socio-political organisation, date',
      date,
    ),
    field(
      2,
      'organisation_name',
      [26],
      'Tên tổ chức CT-XH đầu tiên',
      'First socio-political organisation, name',
      text(250),
    ),
  ],
};

export const military: Section = {
  ...group,
  tag: 19,
  name: 'military',
  decreeGroup: 8,
  vi: 'Lực lượng vũ trang',
  en: 'Armed forces service',
  reach: 'national',
  many: false,
  fields: [
    field(1, 'enlisted_on', [27], 'Ngày nhập ngũ', 'Enlistment date', date),
    field(2, 'discharged_on', [28], 'Ngày xuất ngũ', 'Discharge date', date),
    field(3, 'highest_rank', [29], 'Quân hàm cao nhất', 'Highest military rank', code('QUAN_HAM')),
  ],
};

export const education: Section = {
  ...group,
  tag: 20,
  name: 'education',
  decreeGroup: 5,
  vi: 'Trình độ',
  en: 'Education levels',
  reach: 'national',
  many: false,
  fields: [
    field(
      1,
      'general_education',
      [31],
      'Trình độ giáo dục phổ thông',
      'General education level',
      code('GIAO_DUC_PHO_THONG'),
      { headings: ['Giáo dục phổ thông', 'Trình độ văn hóa'], packet: 'HocVanPhoThong' },
    ),
    field(
      2,
      'highest_level',
      [32],
      'Trình độ chuyên môn cao nhất',
      'Highest professional level',
      code('TRINH_DO_DAO_TAO'),
      { headings: ['Trình độ chuyên môn', 'Trình độ đào tạo'], packet: 'TrinhDoChuyenMon' },
    ),
    field(3, 'academic_title', [33], 'Học hàm', 'Academic title', code('CHUC_DANH_KHOA_HOC'), {
      asOf: 'academic_title_on',
      headings: ['Chức danh khoa học'],
      packet: 'MaChucDanhKhoaHoc',
    }),
    field(4, 'academic_title_on', [33], 'Ngày phong học hàm', 'Academic title, date', date, {
      packet: 'NgayPhongChucDanh',
    }),
    field(5, 'degree', [33], 'Học vị', 'Degree', code('HOC_VI'), {
      asOf: 'degree_on',
      packet: 'MaHocVi',
    }),
    field(6, 'degree_on', [33], 'Ngày cấp học vị', 'Degree, date', date, {
      packet: 'NgayQuyetDinhHocVi',
    }),
    field(
      7,
      'state_honour',
      [34],
      'Danh hiệu nhà nước phong tặng',
      'State honours',
      code('DANH_HIEU'),
    ),
    field(
      8,
      'political_theory',
      [67],
      'Trình độ lý luận chính trị',
      'Political theory, highest level',
      code('LY_LUAN_CHINH_TRI'),
      { headings: ['Lý luận chính trị', 'LLCT'], packet: 'TrinhDoLyLuanChinhTri' },
    ),
    field(
      9,
      'state_management',
      [70],
      'Trình độ quản lý nhà nước',
      'State management, highest level',
      code('QUAN_LY_NHA_NUOC'),
      { headings: ['Quản lý nhà nước', 'QLNN'], packet: 'TrinhDoQuanLyNhaNuoc' },
    ),
    field(
      10,
      'defence_security',
      [73],
      'Bồi dưỡng quốc phòng - an ninh',
      'Defence and security, trained',
      code('QPAN'),
      { packet: 'BoiDuongQuocPhongAnNinh' },
    ),
    // a minority's language is named by its people
    field(
      11,
      'minority_language',
      [79],
      'Tiếng dân tộc thiểu số',
      'Minority language',
      code('DAN_TOC'),
      { packet: 'TiengDanTocThieuSo' },
    ),
  ],
};

export const position: Section = {
  ...group,
  tag: 21,
  name: 'position',
  decreeGroup: 6,
  vi: 'Chức vụ, vị trí việc làm',
  en: 'Position and job',
  reach: 'national',
  many: false,
  fields: [
    field(1, 'title', [35], 'Chức vụ hiện tại', 'Current position', text(250), {
      headings: ['Chức vụ', 'Chức danh'],
      packet: 'ChucVu',
    }),
    field(2, 'title_code', [35], 'Mã chức vụ', 'Current position, code', code('CHUC_VU')),
    field(3, 'appointed_on', [36], 'Ngày bổ nhiệm', 'Appointment date', date, {
      packet: 'NgayBoNhiemLanDau',
    }),
    field(4, 'reappointed_on', [37], 'Ngày bổ nhiệm lại', 'Reappointment date', date, {
      packet: 'NgayBoNhiemLai',
    }),
    field(5, 'concurrent_title', [39], 'Chức vụ kiêm nhiệm', 'Concurrent position', text(250), {
      packet: 'ChucVuChucDanhKiemNhiem',
    }),
    field(6, 'main_work', [41], 'Công việc chính được giao', 'Main assigned work', text(500)),
    field(7, 'strengths', [42], 'Sở trường công tác', 'Work strengths', text(500)),
    field(8, 'job_position', [53], 'Vị trí việc làm', 'Job position', text(250), {
      packet: 'ViTriViecLam',
    }),
    field(
      9,
      'position_group',
      [53],
      'Nhóm vị trí việc làm',
      'Job position group',
      code('NHOM_VI_TRI'),
    ),
    field(
      10,
      'elected_term',
      [35],
      'Nhiệm kỳ cán bộ chuyên trách',
      'Term of a full-time elected cadre',
      text(120),
      { packet: 'NhiemKyCanBoChuyenTrach' },
    ),
  ],
};

export const planning: Section = {
  ...group,
  tag: 22,
  name: 'planning',
  decreeGroup: 4,
  vi: 'Quy hoạch',
  en: 'Succession planning',
  reach: 'sealed',
  many: false,
  fields: [
    field(1, 'planned_title', [38], 'Quy hoạch chức danh', 'Succession planning title', text(250), {
      restriction: 2,
    }),
  ],
};

export const salary: Section = {
  ...group,
  tag: 23,
  name: 'salary',
  decreeGroup: 6,
  vi: 'Ngạch, lương, phụ cấp',
  en: 'Rank, salary and allowances',
  reach: 'national',
  many: false,
  fields: [
    field(
      1,
      'rank_name',
      [43],
      'Tên ngạch / chức danh nghề nghiệp',
      'Rank / professional title',
      text(250),
      { headings: ['Ngạch', 'Tên ngạch', 'Chức danh nghề nghiệp'] },
    ),
    field(2, 'rank_code', [44], 'Mã ngạch / mã số CDNN', 'Rank code', code('NGACH'), {
      asOf: 'rank_since',
      headings: ['Mã ngạch/CDNN', 'Mã ngạch', 'Mã số CDNN', 'Mã ngạch, CDNN'],
      packet: 'MaNgachChucDanh',
    }),
    field(3, 'rank_since', [45], 'Ngày bổ nhiệm ngạch', 'Rank appointment date', date, {
      packet: 'TuNgayHuongNgach',
    }),
    field(4, 'step', [46], 'Bậc lương', 'Salary step', integer(1, 12), {
      headings: ['Bậc'],
      packet: 'BacLuong',
    }),
    field(5, 'coefficient', [47], 'Hệ số lương', 'Salary coefficient', decimal(4, 2), {
      headings: ['Hệ số'],
      packet: 'HeSoLuong',
    }),
    field(6, 'step_since', [48], 'Ngày hưởng bậc', 'Step effective date', date, {
      headings: ['Ngày hưởng', 'Ngày hưởng bậc lương'],
      packet: 'TuNgayHuongBac',
    }),
    field(7, 'percent_paid', [49], 'Phần trăm hưởng', 'Percent paid', decimal(5, 2), {
      packet: 'PhanTramHuong',
    }),
    field(
      8,
      'over_scale_percent',
      [49],
      'Thâm niên vượt khung (%)',
      'Over-scale seniority (percent)',
      decimal(5, 2),
    ),
    field(9, 'position_allowance', [50], 'Phụ cấp chức vụ', 'Position allowance', decimal(5, 2)),
    field(
      10,
      'concurrent_allowance',
      [51],
      'Phụ cấp kiêm nhiệm',
      'Concurrent allowance',
      decimal(5, 2),
    ),
    field(11, 'other_allowance', [52], 'Phụ cấp khác', 'Other allowances', decimal(5, 2)),
    field(12, 'step_until', [48], 'Ngày hết hưởng bậc', 'Step effective until', date, {
      packet: 'DenNgay',
    }),
  ],
};

export const health: Section = {
  ...group,
  tag: 24,
  name: 'health',
  decreeGroup: 10,
  vi: 'Sức khỏe',
  en: 'Health',
  reach: 'sealed',
  many: false,
  fields: [
    field(1, 'condition', [54], 'Tình trạng sức khỏe', 'Health status', code('SUC_KHOE'), {
      restriction: 3,
    }),
    field(2, 'height_cm', [55], 'Chiều cao', 'Height (cm)', integer(50, 250), { restriction: 3 }),
    field(3, 'weight_kg', [56], 'Cân nặng', 'Weight (kg)', integer(20, 300), { restriction: 3 }),
    field(4, 'blood_group', [57], 'Nhóm máu', 'Blood group', code('NHOM_MAU'), { restriction: 3 }),
  ],
};
