/**
 * Kinds of career: the ladder of ranks (codes of NGACH, lowest first), the schooling it asks for and
 * the words its records use.
 */
export type TrackName =
  | 'specialist'
  | 'officer'
  | 'clerk'
  | 'accountant'
  | 'inspector'
  | 'preschool'
  | 'primary'
  | 'lowerSecondary'
  | 'upperSecondary'
  | 'lecturer'
  | 'doctor'
  | 'nurse'
  | 'researcher'
  | 'engineer'
  | 'technician'
  | 'support';

/** Codes of TRINH_DO_DAO_TAO: 2 intermediate, 3 college, 4 university, 5 master, 6 doctor. */
export type Schooling = '2' | '3' | '4';

export type Track = {
  readonly ladder: readonly string[];
  readonly schooling: Schooling;
  /** Years of the first course of study. */
  readonly studyYears: number;
  readonly femaleShare: number;
  readonly studies: readonly string[];
  readonly institutions: readonly string[];
  readonly job: string;
  readonly work: string;
  /** Code of NHOM_VI_TRI for those without a leading post. */
  readonly positionGroup: '2' | '3' | '4';
};

const universities = [
  'Học viện Hành chính Quốc gia',
  'Trường Đại học Luật Hà Nội',
  'Trường Đại học Kinh tế Quốc dân',
  'Trường Đại học Cần Thơ',
  'Trường Đại học Vinh',
  'Đại học Thái Nguyên',
  'Đại học Huế',
  'Trường Đại học Quy Nhơn',
];
const pedagogy = [
  'Trường Đại học Sư phạm Hà Nội',
  'Trường Đại học Sư phạm Thái Nguyên',
  'Trường Đại học Tây Bắc',
  'Trường Đại học Sư phạm Thành phố Hồ Chí Minh',
  'Trường Cao đẳng Sư phạm',
];
const medical = [
  'Trường Đại học Y Hà Nội',
  'Trường Đại học Y Dược Thái Nguyên',
  'Trường Đại học Y Dược Huế',
  'Trường Đại học Y Dược Cần Thơ',
];
const technical = [
  'Đại học Bách khoa Hà Nội',
  'Trường Đại học Xây dựng',
  'Trường Đại học Thủy lợi',
];

const office = {
  schooling: '4',
  studyYears: 4,
  femaleShare: 0.42,
  institutions: universities,
  positionGroup: '3',
} as const;
const teacher = {
  schooling: '4',
  studyYears: 4,
  institutions: pedagogy,
  job: 'Giáo viên',
  positionGroup: '2',
} as const;

export const tracks: Readonly<Record<TrackName, Track>> = {
  specialist: {
    ...office,
    ladder: ['01.003', '01.002', '01.001'],
    studies: ['Luật', 'Quản lý nhà nước', 'Kinh tế', 'Hành chính học', 'Quản trị nhân lực'],
    job: 'Chuyên viên tham mưu',
    work: 'Tham mưu, tổng hợp theo lĩnh vực được phân công',
    positionGroup: '2',
  },
  officer: {
    ...office,
    ladder: ['01.004', '01.003'],
    schooling: '3',
    studyYears: 3,
    studies: ['Quản trị văn phòng', 'Lưu trữ', 'Quản lý đất đai'],
    job: 'Cán sự',
    work: 'Giúp việc chuyên môn, theo dõi hồ sơ',
  },
  clerk: {
    ...office,
    ladder: ['02.008', '02.007', '02.006'],
    schooling: '2',
    studyYears: 2,
    femaleShare: 0.85,
    studies: ['Văn thư - Lưu trữ', 'Hành chính văn phòng'],
    job: 'Văn thư',
    work: 'Công tác văn thư, lưu trữ',
  },
  accountant: {
    ...office,
    ladder: ['06.031', '06.030', '06.029'],
    femaleShare: 0.78,
    studies: ['Kế toán', 'Tài chính - Ngân hàng'],
    job: 'Kế toán',
    work: 'Kế toán, quản lý tài sản công',
  },
  inspector: {
    ...office,
    ladder: ['04.025', '04.024', '04.023'],
    femaleShare: 0.3,
    studies: ['Luật', 'Thanh tra'],
    job: 'Thanh tra viên',
    work: 'Thanh tra, tiếp công dân, giải quyết khiếu nại',
    positionGroup: '2',
  },
  preschool: {
    ...teacher,
    ladder: ['V.07.02.26', 'V.07.02.25', 'V.07.02.24'],
    schooling: '3',
    studyYears: 3,
    femaleShare: 0.985,
    studies: ['Giáo dục mầm non'],
    work: 'Nuôi dưỡng, chăm sóc, giáo dục trẻ',
  },
  primary: {
    ...teacher,
    ladder: ['V.07.03.29', 'V.07.03.28', 'V.07.03.27'],
    femaleShare: 0.76,
    studies: ['Giáo dục tiểu học', 'Sư phạm Âm nhạc', 'Sư phạm Tiếng Anh'],
    work: 'Giảng dạy và chủ nhiệm lớp',
  },
  lowerSecondary: {
    ...teacher,
    ladder: ['V.07.04.32', 'V.07.04.31', 'V.07.04.30'],
    femaleShare: 0.68,
    studies: ['Sư phạm Toán học', 'Sư phạm Ngữ văn', 'Sư phạm Vật lý', 'Sư phạm Lịch sử'],
    work: 'Giảng dạy bộ môn',
  },
  upperSecondary: {
    ...teacher,
    ladder: ['V.07.05.15', 'V.07.05.14', 'V.07.05.13'],
    femaleShare: 0.62,
    studies: ['Sư phạm Toán học', 'Sư phạm Hóa học', 'Sư phạm Sinh học', 'Sư phạm Địa lý'],
    work: 'Giảng dạy bộ môn, bồi dưỡng học sinh giỏi',
  },
  lecturer: {
    ...teacher,
    ladder: ['V.07.01.03', 'V.07.01.02', 'V.07.01.01'],
    femaleShare: 0.48,
    studies: ['Toán học', 'Kinh tế học', 'Ngôn ngữ học', 'Khoa học máy tính'],
    institutions: universities,
    job: 'Giảng viên',
    work: 'Giảng dạy đại học và nghiên cứu khoa học',
  },
  doctor: {
    ladder: ['V.08.01.03', 'V.08.01.02', 'V.08.01.01'],
    schooling: '4',
    studyYears: 6,
    femaleShare: 0.46,
    studies: ['Y đa khoa', 'Y học cổ truyền', 'Răng - Hàm - Mặt'],
    institutions: medical,
    job: 'Bác sĩ',
    work: 'Khám bệnh, chữa bệnh',
    positionGroup: '2',
  },
  nurse: {
    ladder: ['V.08.05.13', 'V.08.05.12', 'V.08.05.11'],
    schooling: '3',
    studyYears: 3,
    femaleShare: 0.8,
    studies: ['Điều dưỡng', 'Hộ sinh'],
    institutions: ['Trường Cao đẳng Y tế', ...medical],
    job: 'Điều dưỡng',
    work: 'Chăm sóc người bệnh',
    positionGroup: '2',
  },
  researcher: {
    ladder: ['V.05.01.03', 'V.05.01.02', 'V.05.01.01'],
    schooling: '4',
    studyYears: 4,
    femaleShare: 0.45,
    studies: ['Sinh học', 'Hóa học', 'Xã hội học', 'Lịch sử'],
    institutions: universities,
    job: 'Nghiên cứu viên',
    work: 'Nghiên cứu khoa học',
    positionGroup: '2',
  },
  engineer: {
    ladder: ['V.05.02.07', 'V.05.02.06', 'V.05.02.05'],
    schooling: '4',
    studyYears: 5,
    femaleShare: 0.22,
    studies: ['Kỹ thuật xây dựng', 'Công nghệ thông tin', 'Kỹ thuật tài nguyên nước'],
    institutions: technical,
    job: 'Kỹ sư',
    work: 'Quản lý kỹ thuật, vận hành hệ thống',
    positionGroup: '2',
  },
  technician: {
    ladder: ['V.05.02.08'],
    schooling: '2',
    studyYears: 2,
    femaleShare: 0.3,
    studies: ['Kỹ thuật điện', 'Tin học ứng dụng'],
    institutions: ['Trường Cao đẳng Kỹ thuật', 'Trường Trung cấp nghề'],
    job: 'Kỹ thuật viên',
    work: 'Vận hành, bảo trì thiết bị',
    positionGroup: '4',
  },
  support: {
    ladder: ['01.005'],
    schooling: '2',
    studyYears: 2,
    femaleShare: 0.5,
    studies: ['Nấu ăn', 'Lái xe', 'Bảo vệ', 'Hành chính văn phòng'],
    institutions: ['Trường Trung cấp nghề', 'Trường Cao đẳng nghề'],
    job: 'Nhân viên phục vụ',
    work: 'Phục vụ, bảo vệ, lái xe',
    positionGroup: '4',
  },
};
