/** Packets as programs send them: what they want of a record, and every fault with its path. */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { makeCodeMapping } from '../intake/code-mapping.ts';
import { openEnvelope } from './envelope.ts';
import { exampleMapping } from './example-mapping.ts';
import { readInstant } from './header.ts';
import { type JsonObject, parseJson } from './parse-json.ts';
import { readPacket } from './read-packet.ts';
import { readTree } from './read-tree.ts';
import { blocks, type Service, services } from './structure.ts';

const context = {
  agency: 'H52',
  codes: shippedBook,
  mapping: makeCodeMapping(exampleMapping, tidyText),
};

function objectOf(text: string): JsonObject {
  const parsed = parseJson(text);
  if (parsed.kind !== 'json' || parsed.json.kind !== 'object') throw new Error(text);
  return parsed.json;
}

const contentOf = (action: string, profile: string): string =>
  `{"Data":{"Header":{"Sender_Code":"H52","Action_Type":"${action}"},"Body":{"HOSO_CBCCVC":${profile}}}}`;

const edit = (service: Service, profile: string) =>
  readPacket(service, objectOf(contentOf('EDIT', profile)), context);

const faultsOf = ({ findings }: ReturnType<typeof edit>): readonly string[] =>
  findings.map(({ path, code }) => `${path} ${code}`);

test('every member that the catalogue knows stands in just one place of the packet', () => {
  const placed = blocks.flatMap((block) => [
    ...block.fields.map(({ section, field }) => `${section.name}.${field.name}`),
    ...block.lists.flatMap((list) =>
      list.fields.map(({ section, field }) => `${section.name}.${field.name}`),
    ),
  ]);
  const known = sections.flatMap((section) =>
    section.fields
      .filter((field) => field.packet !== undefined)
      .map((field) => `${section.name}.${field.name}`),
  );
  // other sections have members of the same names, and are in no packet
  const sent = new Set(placed.map((name) => name.split('.')[0]));
  const expected = known.filter((name) => sent.has(name.split('.')[0]));
  expect([...placed, 'employment.staff_number'].toSorted()).toEqual(expected.toSorted());
});

test('the example of a mapping leads to codes that the lists have', () => {
  const lists = new Set(
    sections.flatMap((one) =>
      one.fields.flatMap(({ type }) => (type.kind === 'code' ? type.list : [])),
    ),
  );
  const lost = exampleMapping.filter(({ list, code }) => {
    const name = Array.from(lists).find((one) => one === list);
    return name === undefined || shippedBook.withCode(name, code).length === 0;
  });
  expect(lost).toEqual([]);
});

test('an absent member is not spoken of, an empty one is cleared, a list that is there is whole', () => {
  const packet = edit(
    'M0003',
    '{"SoHieuCBCCVC_BNDP":" A1 ","LUONG_PHUCAP_CHUCVU":{"BacLuong":"","DS_QUATRINH_LUONG":[]}}',
  );
  expect(packet.staffNumber).toBe('A1');
  expect(packet.findings).toEqual([]);
  expect(packet.carries).toMatchObject({ salary: ['step'] });
  expect(Object.keys(packet.carries)).toEqual(['salary', 'salary_history']);
  expect(packet.draft.sections).toEqual({ salary: [], salary_history: [] });
});

test('values are read as a lenient clerk would', () => {
  const packet = edit(
    'M0001',
    `{"sohieucbccvc_bndp":"A1","THONGTINCHUNG":{"HoVaTen":"Tra\u0302\u0300n  Văn\\u0000 An","NgaySinh":"3/1986",
      "SoDinhDanhCaNhan":14186004521,"MaDonViSuDung":"000.00.01.H52","GioiTinh":1},
     "LUONG_PHUCAP_CHUCVU":{"HeSoLuong":4.7,"BacLuong":2,"MaNgachChucDanh":1.002,"ChucVu":"Phó phòng phụ trách"},
     "DS_KETQUA_DANHGIA_PHANLOAI":{"Nam":2025,"KetQuaDanhGia":"HTTNV"}}`,
  );
  expect(packet.draft.sections).toMatchObject({
    identity: [{ full_name: 'Trần Văn An', birth_date: '1986-03', pin: '014186004521', sex: '1' }],
    employment: [{ employing_unit: 'H52.01' }],
    salary: [{ coefficient: '4.70', step: '2', rank_code: '01.002' }],
    position: [{ title: 'Phó phòng phụ trách' }],
    evaluation: [{ year: '2025', grade: '2' }],
  });
  expect(faultsOf(packet)).toEqual([
    'THONGTINCHUNG.SoDinhDanhCaNhan pin_zero_restored',
    'LUONG_PHUCAP_CHUCVU.MaNgachChucDanh rank_as_number',
  ]);
});

test.each<[string, Service, string, readonly string[]]>([
  [
    'null in place of a list',
    'M0002',
    '{"SoHieuCBCCVC_BNDP":"A","TUYENDUNG_QT_CONGTAC":{"DS_QUATRINH_CONGTAC":null}}',
    ['TUYENDUNG_QT_CONGTAC.DS_QUATRINH_CONGTAC packet_shape'],
  ],
  [
    'text in place of a row',
    'M0006',
    '{"SoHieuCBCCVC_BNDP":"A","DS_KETQUA_DANHGIA_PHANLOAI":[{"Nam":"2025"},"x"]}',
    ['DS_KETQUA_DANHGIA_PHANLOAI[1] packet_shape'],
  ],
  [
    'a list in place of a value',
    'M0005',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTIN_KHAC":{"SoTheDang":["1"]}}',
    ['THONGTIN_KHAC.SoTheDang packet_shape'],
  ],
  [
    'two values for one member',
    'M0005',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTIN_KHAC":{"SoTheDang":"1","SoTheDang":"2"}}',
    ['THONGTIN_KHAC.SoTheDang packet_member_repeated'],
  ],
  [
    'two values for one member in different letter case',
    'M0005',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTIN_KHAC":{"SoTheDang":"1","sothedang":"2","NgayVaoDang":"","ngayvaodang":""}}',
    ['THONGTIN_KHAC.sothedang packet_member_repeated'],
  ],
  [
    'a list that comes twice',
    'M0006',
    '{"SoHieuCBCCVC_BNDP":"A","DS_KETQUA_DANHGIA_PHANLOAI":[],"DS_KETQUA_DANHGIA_PHANLOAI":[{"Nam":"2025"}]}',
    ['DS_KETQUA_DANHGIA_PHANLOAI packet_member_repeated'],
  ],
  [
    'a list of profiles in place of one',
    'M0005',
    '[{"SoHieuCBCCVC_BNDP":"A"},{"SoHieuCBCCVC_BNDP":"B"}]',
    ['Data.Body.HOSO_CBCCVC packet_shape'],
  ],
  [
    'a member of another name',
    'M0005',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTIN_KHAC":{"GhiChu":"1"}}',
    ['THONGTIN_KHAC.GhiChu packet_member_unknown'],
  ],
  [
    'a block of another service',
    'M0005',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTIN_KHAC":{},"DS_KETQUA_DANHGIA_PHANLOAI":[]}',
    ['DS_KETQUA_DANHGIA_PHANLOAI packet_block_foreign'],
  ],
  [
    'no block at all',
    'M0005',
    '{"SoHieuCBCCVC_BNDP":"A"}',
    ['THONGTIN_KHAC packet_member_missing'],
  ],
  [
    'a unit of another agency',
    'M0001',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTINCHUNG":{"MaDonVi":"000.00.00.G09"}}',
    ['THONGTINCHUNG.MaDonVi unit_outside_agency'],
  ],
  [
    'two staff numbers',
    'M0001',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTINCHUNG":{"SoHieuCBCCVC":"B"}}',
    ['THONGTINCHUNG.SoHieuCBCCVC packet_key_differs'],
  ],
  ['no key', 'M0005', '{"THONGTIN_KHAC":{}}', ['SoHieuCBCCVC_BNDP packet_member_missing']],
  [
    'a row without its year',
    'M0006',
    '{"SoHieuCBCCVC_BNDP":"A","DS_KETQUA_DANHGIA_PHANLOAI":[{},{"KetQuaDanhGia":"HTNV"}]}',
    [
      'DS_KETQUA_DANHGIA_PHANLOAI[0] packet_row_empty',
      'DS_KETQUA_DANHGIA_PHANLOAI[1].Nam required',
    ],
  ],
  [
    'a code of a position that nobody mapped',
    'M0003',
    '{"SoHieuCBCCVC_BNDP":"A","LUONG_PHUCAP_CHUCVU":{"ChucVu":"P.TP"}}',
    ['LUONG_PHUCAP_CHUCVU.ChucVu code_unknown'],
  ],
  [
    'half of a surrogate pair',
    'M0005',
    '{"SoHieuCBCCVC_BNDP":"A","THONGTIN_KHAC":{"SoTheDang":"\\ud83d"}}',
    ['THONGTIN_KHAC.SoTheDang text_illegal'],
  ],
  [
    'half of a pair in place of a code',
    'M0003',
    '{"SoHieuCBCCVC_BNDP":"A","LUONG_PHUCAP_CHUCVU":{"MaNgachChucDanh":"\\ud83d"}}',
    ['LUONG_PHUCAP_CHUCVU.MaNgachChucDanh code_unknown'],
  ],
  [
    'a key longer than a staff number',
    'M0005',
    `{"SoHieuCBCCVC_BNDP":"${'9'.repeat(36)}","THONGTIN_KHAC":{}}`,
    ['SoHieuCBCCVC_BNDP text_too_long'],
  ],
])('%s is told with its path', (_, service, profile, expected) => {
  expect(faultsOf(edit(service, profile))).toEqual(expected);
});

test('DEL of a block clears its fields and lists and no others', () => {
  const packet = readPacket(
    'M0002',
    objectOf(contentOf('DEL', '{"SoHieuCBCCVC_BNDP":"A"}')),
    context,
  );
  expect(packet.carries).toEqual({
    recruitment: [
      'first_recruited_on',
      'recruiting_agency',
      'joined_agency_on',
      'recruiting_unit',
      'recruited_position',
    ],
    position: ['job_position'],
    work_history: ['from_date', 'to_date', 'unit_name', 'position', 'unit_code'],
  });
  expect(packet.draft.sections).toEqual({ recruitment: [], position: [], work_history: [] });
});

test('two values for one member are told around the profile too, and in a DEL', () => {
  const twice = `{"Data":{
    "Header":{"Action_Type":"EDIT","Action_Type":"DEL"},"header":{},
    "Body":{"HOSO_CBCCVC":{"SoHieuCBCCVC_BNDP":"A"},"HOSO_CBCCVC":{"SoHieuCBCCVC_BNDP":"B","sohieucbccvc_bndp":"C"}}}}`;
  expect(faultsOf(readPacket('M0001', objectOf(twice), context))).toEqual([
    'Data.header packet_member_repeated',
    'Data.Header.Action_Type packet_member_repeated',
    'Data.Body.HOSO_CBCCVC packet_member_repeated',
    'sohieucbccvc_bndp packet_member_repeated',
  ]);
  const content = Buffer.from(contentOf('EDIT', '{}')).toString('base64');
  const body = `{"org_Code":"H52","jsonContent":"${content}","JsonContent":"e30="}`;
  expect(openEnvelope(Buffer.from(body))).toMatchObject({
    finding: { code: 'packet_member_repeated', path: 'JsonContent' },
  });
});

test('an action that the service lacks is refused with those that it has', () => {
  const packet = readPacket(
    'M0004',
    objectOf(contentOf('ADD', '{"SoHieuCBCCVC_BNDP":"A"}')),
    context,
  );
  expect(faultsOf(packet)).toEqual(['Data.Header.Action_Type packet_action']);
  expect(packet.findings[0]?.en).toContain('EDIT, DEL');
});

const treeFaults = (units: readonly object[]): readonly string[] => {
  const content = { Data: { Header: { Action_Type: 'EDIT' }, Body: { DS_DONVI: units } } };
  const { findings } = readTree(objectOf(JSON.stringify(content)), {
    ...context,
    knownUnits: ['H52'],
  });
  return findings.map(({ path, code }) => `${path} ${code}`);
};
const unit = (MaDonVi: string, MaDonViCapTren: string) => ({
  MaDonVi,
  TenDonVi: 'Phòng',
  MaDonViCapTren,
});

test('units that lead round to themselves are in no tree, nor is what is below them', () => {
  const faults = treeFaults([
    unit('H52.01', 'H52.02'),
    unit('H52.02', 'H52.01'),
    unit('H52.03', 'H52.02'),
    unit('H52.04', 'H52.04'),
    unit('H52.05', 'H52'),
    unit('H52', 'H52'),
  ]);
  expect(faults).toEqual(
    [0, 1, 2, 3, 5].map((i) => `DS_DONVI[${i}].MaDonViCapTren parent_unknown`),
  );
});

test('a deep tree below a refused unit is refused as a whole, in time', () => {
  const deep = Array.from({ length: 4000 }, (_, i) => unit(`H52.${i}`, `H52.${i - 1}`));
  expect(treeFaults(deep)).toHaveLength(4000);
});

test('when a packet was made is read as programs write it', () => {
  expect(readInstant('21/11/2026 08:30:05')).toBe('2026-11-21T08:30:05+07:00');
  expect(readInstant('2026-11-21T08:30:05.120Z')).toBe('2026-11-21T08:30:05.120Z');
  expect(readInstant('31/02/2026')).toBeNull();
  expect(readInstant('hôm qua')).toBeNull();
});

/** JSON with members of the packet at random places. */
const names = [
  ...new Set(
    blocks.flatMap((block) => [
      block.name,
      ...block.told,
      ...block.fields.map((one) => one.member),
      ...block.lists.flatMap((one) => [one.member, ...one.fields.map((field) => field.member)]),
    ]),
  ),
  'SoHieuCBCCVC_BNDP',
  'Data',
  'Header',
  'Body',
  'HOSO_CBCCVC',
  'Action_Type',
  'DS_DONVI',
  '__proto__',
  'toString',
];
const { tree: anyJson } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '0', '01/01/1990', 'H52', 'DH', '\u0000'),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom(...names), tie('tree')), { maxLength: 8 })
      .map((pairs) => Object.fromEntries(pairs)),
  ),
}));

test('no JSON in place of a profile or of any part of it crashes the reader', () => {
  fc.assert(
    fc.property(
      anyJson,
      fc.constantFrom(...services),
      fc.constantFrom('ADD', 'EDIT', 'DEL', ''),
      (json, service, action) => {
        const profile = JSON.stringify(json);
        for (const text of [contentOf(action, profile), `{"Data":${profile}}`]) {
          const packet = readPacket(service, objectOf(text), context);
          // whatever came, the database can hold what was made of it
          expect(JSON.stringify([packet.draft, packet.findings])).not.toMatch(
            /\\u0000|\\ud[89a-f]/u,
          );
          readTree(objectOf(text), { ...context, knownUnits: ['H52'] });
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('no bytes crash the opener', () => {
  const packed = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(packed, (bytes) => {
      const body = JSON.stringify({
        org_Code: 'H52',
        jsonContent: Buffer.from(bytes).toString('base64'),
      });
      for (const sent of [bytes, Buffer.from(body)]) {
        expect(['opened', 'unreadable']).toContain(openEnvelope(sent).kind);
      }
    }),
    { numRuns: 300 },
  );
});

test('the staff number of the general block is that of the packet', () => {
  const numbered = (number: string) =>
    faultsOf(
      edit('M0001', `{"SoHieuCBCCVC_BNDP":"A1","THONGTINCHUNG":{"SoHieuCBCCVC":"${number}"}}`),
    );
  expect(numbered(' A1 ')).toEqual([]);
  expect(numbered('A2')).toEqual(['THONGTINCHUNG.SoHieuCBCCVC packet_key_differs']);
});
