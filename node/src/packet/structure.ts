/**
 * The blocks of a profile packet, as public programs fill them (Decision 356/QĐ-BNV): which member goes
 * into which field. A field's own member name stands in the catalogue; here stands only in which block
 * it is found. The official text is not public: names and blocks are those that programs use.
 */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Field, Section } from '@lienthong/shared-schema/catalogue/types.ts';

export const services = ['M0001', 'M0002', 'M0003', 'M0004', 'M0005', 'M0006'] as const;
export type Service = (typeof services)[number];

export type MemberField = {
  readonly member: string;
  readonly section: Section;
  readonly field: Field;
};

export type ListMember = {
  readonly member: string;
  readonly section: Section;
  readonly fields: readonly MemberField[];
};

export type Block = {
  /** Empty: the lists stand in the profile itself. */
  readonly name: string;
  /** The service of its own. */
  readonly service: Service;
  readonly fields: readonly MemberField[];
  readonly lists: readonly ListMember[];
  /** Members that repeat what the tree of units and the key say: nothing is written of them. */
  readonly told: readonly string[];
};

/** The field of the section whose member in packets has this name. */
function fieldOf(section: Section, member: string): MemberField {
  const field = section.fields.find((one) => one.packet === member);
  if (field === undefined) throw new RangeError(`${section.name} has no field of member ${member}`);
  return { member, section, field };
}

const some = (section: string, ...members: readonly string[]): readonly MemberField[] =>
  members.map((member) => fieldOf(sectionNamed(section), member));

/** Every field of the section that is in packets. */
const all = (section: string): readonly MemberField[] =>
  sectionNamed(section).fields.flatMap((field) =>
    field.packet === undefined
      ? []
      : [{ member: field.packet, section: sectionNamed(section), field }],
  );

const list = (member: string, section: string): ListMember => ({
  member,
  section: sectionNamed(section),
  fields: all(section),
});

export const general: Block = {
  name: 'THONGTINCHUNG',
  service: 'M0001',
  fields: [
    ...all('identity'),
    ...all('id_paper'),
    ...all('insurance'),
    ...some('employment', 'PhanLoaiHoSo', 'MaDonviSuDung', 'MaDonViQuanLy'),
  ],
  lists: [],
  told: ['SoHieuCBCCVC', 'MaDonVi', 'TenDonVi', 'TenDonViSuDung', 'TenDonViQuanLy'],
};

export const blocks: readonly Block[] = [
  general,
  {
    name: 'TUYENDUNG_QT_CONGTAC',
    service: 'M0002',
    fields: [...all('recruitment'), ...some('position', 'ViTriViecLam')],
    lists: [list('DS_QUATRINH_CONGTAC', 'work_history')],
    told: [],
  },
  {
    name: 'LUONG_PHUCAP_CHUCVU',
    service: 'M0003',
    fields: [
      ...all('salary'),
      ...some(
        'position',
        'ChucVu',
        'NgayBoNhiemLanDau',
        'NgayBoNhiemLai',
        'NhiemKyCanBoChuyenTrach',
        'ChucVuChucDanhKiemNhiem',
      ),
    ],
    lists: [
      list('DS_QUATRINH_LUONG', 'salary_history'),
      list('DS_QUATRINH_PHUCAP', 'allowance_history'),
    ],
    told: [],
  },
  {
    name: 'TRINHDO_DAOTAO_BOIDUONG',
    service: 'M0004',
    fields: all('education'),
    lists: [
      list('DS_TINHOC', 'it_training'),
      list('DS_NGOAINGU', 'language_training'),
      list('DS_QUATRINH_DAOTAO_BOIDUONG', 'training'),
    ],
    told: [],
  },
  { name: 'THONGTIN_KHAC', service: 'M0005', fields: all('party'), lists: [], told: [] },
  {
    name: '',
    service: 'M0006',
    fields: [],
    lists: [list('DS_KETQUA_DANHGIA_PHANLOAI', 'evaluation')],
    told: [],
  },
];

export const keyMember = 'SoHieuCBCCVC_BNDP';

/** The blocks that a service takes: M0001 all of them, any other its own. */
export const blocksOf = (service: Service): readonly Block[] =>
  service === 'M0001' ? blocks : blocks.filter((block) => block.service === service);

export type Action = 'ADD' | 'EDIT' | 'DEL';

export const actionsOf = (service: Service): readonly Action[] =>
  service === 'M0001' ? ['ADD', 'EDIT', 'DEL'] : ['EDIT', 'DEL'];

/** Services whose packets may change the same fields as those of this one. */
export const overlapping = (service: Service): readonly Service[] =>
  service === 'M0001' ? services : ['M0001', service];

const inBlock = (block: Block, member: string): string =>
  block.name === '' ? member : `${block.name}.${member}`;

/** Where in the packet a value of the record stands, such as `LUONG_PHUCAP_CHUCVU.DS_QUATRINH_LUONG[1].HeSoLuong`. */
export function pathOf(section: string, field: string | null, ordinal: number | undefined): string {
  if (section === 'employment' && field === 'staff_number') return keyMember;
  // the code of a position follows from its name
  if (section === 'position' && field === 'title_code') return pathOf(section, 'title', ordinal);
  for (const block of blocks) {
    const scalar = block.fields.find(
      (one) => one.section.name === section && one.field.name === field,
    );
    if (scalar !== undefined) return inBlock(block, scalar.member);
    const listed = block.lists.find((one) => one.section.name === section);
    if (listed !== undefined) {
      const row = ordinal === undefined ? '' : `[${ordinal - 1}]`;
      const member = listed.fields.find((one) => one.field.name === field)?.member;
      return inBlock(block, `${listed.member}${row}${member === undefined ? '' : `.${member}`}`);
    }
  }
  const home = blocks.find((block) => block.fields.some((one) => one.section.name === section));
  return home?.name ?? '';
}
