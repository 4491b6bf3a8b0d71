/**
 * Group A, sơ yếu lý lịch: entries 1–57 of the 109-field list (working reconstruction; the
 * official appendix is not public), split by reach and by what changes together.
 */
import { code, date, decimal, field, integer, pin, text, unitCode } from './define.ts';
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
    }),
    field(2, 'title_code', [35], 'Mã chức vụ', 'Current position, code', code('CHUC_VU'), {
      packet: 'ChucVu',
    }),
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
