/**
 * The organisation tree and the posts assigned to it (biên chế giao). Not among the 109 fields:
 * Decision 893 and the tree service of the national database ask for it, and records name it.
 */
import { code, date, field, integer, text, unitCode } from './define.ts';
import type { Section } from './types.ts';

export const orgUnit: Section = {
  tag: 1,
  name: 'org_unit',
  kind: 'org_unit',
  group: 'O',
  decreeGroup: 0,
  vi: 'Cơ cấu tổ chức',
  en: 'Organisation tree',
  reach: 'national',
  many: false,
  fields: [
    field(1, 'code', [], 'Mã đơn vị', 'Unit code', unitCode, { required: true }),
    field(2, 'name', [], 'Tên đơn vị', 'Unit name', text(250), { required: true }),
    field(3, 'parent_code', [], 'Mã đơn vị cấp trên', 'Parent unit code', unitCode, {
      headings: ['Mã đơn vị cha', 'Đơn vị cấp trên'],
    }),
    field(4, 'unit_type', [], 'Loại hình', 'Unit type', code('LOAI_DON_VI'), {
      headings: ['Loại đơn vị', 'Loại hình đơn vị'],
    }),
    field(5, 'established_on', [], 'Ngày thành lập', 'Established on', date),
    field(6, 'closed_on', [], 'Ngày giải thể', 'Closed on', date),
  ],
};

export const orgPost: Section = {
  tag: 2,
  name: 'org_post',
  kind: 'org_unit',
  group: 'O',
  decreeGroup: 0,
  vi: 'Biên chế giao',
  en: 'Assigned posts',
  reach: 'national',
  many: true,
  fields: [
    field(1, 'year', [], 'Năm', 'Year', integer(1945, 2200), { required: true }),
    field(2, 'post_kind', [], 'Loại biên chế', 'Kind of post', code('LOAI_BIEN_CHE'), {
      required: true,
    }),
    field(3, 'assigned', [], 'Số được giao', 'Posts assigned', integer(0, 1_000_000), {
      required: true,
    }),
  ],
};
