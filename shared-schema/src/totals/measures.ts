/** The measures of the totals: what is counted, and what its keys are. */
import type { CodeListName } from '../catalogue/code-list-names.ts';

export type Measure = {
  readonly vi: string;
  readonly en: string;
  /** The code list of the keys; absent where the keys speak for themselves. */
  readonly list?: CodeListName;
};

export const measures: Readonly<Record<string, Measure>> = {
  people: { vi: 'Số hồ sơ', en: 'Records' },
  object_class: { vi: 'Theo loại hồ sơ', en: 'By object class', list: 'LOAI_HO_SO' },
  sex: { vi: 'Theo giới tính', en: 'By sex', list: 'GIOI_TINH' },
  ethnic_minority: { vi: 'Người dân tộc thiểu số', en: 'Ethnic minority' },
  age_band: { vi: 'Theo nhóm tuổi', en: 'By age band' },
  rank_group: { vi: 'Theo nhóm ngạch', en: 'By rank group' },
  education: { vi: 'Theo trình độ', en: 'By education', list: 'TRINH_DO_DAO_TAO' },
  party: { vi: 'Đảng viên', en: 'Party members' },
  position_group: { vi: 'Theo nhóm vị trí', en: 'By position group', list: 'NHOM_VI_TRI' },
  posts_assigned: { vi: 'Biên chế giao', en: 'Posts assigned', list: 'LOAI_BIEN_CHE' },
  quality: { vi: 'Chất lượng dữ liệu', en: 'Quality of the data' },
  posts_filled: { vi: 'Biên chế có mặt', en: 'Posts filled', list: 'LOAI_BIEN_CHE' },
};

/** Code of the majority in DAN_TOC: everybody else is of an ethnic minority. */
export const majorityEthnicCode = '01';
