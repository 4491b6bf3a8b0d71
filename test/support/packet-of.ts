/** Packets as an HR program would make them of a record: the body that it posts. */
import { readdir, readFile } from 'node:fs/promises';

import type { DraftRow, RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';

import { type Block, blocks, type MemberField } from '../../node/src/packet/structure.ts';

const samples = new URL('../fixtures/packets/', import.meta.url);

export type PacketSample = {
  readonly path: string;
  readonly request: { readonly org_Code: string; readonly jsonContent: string };
};

/** Of the packets of one HR program, from 1. */
export async function packetSample(number: number): Promise<PacketSample> {
  const names = (await readdir(samples)).toSorted();
  const text = await readFile(new URL(names[number - 1] ?? '', samples), 'utf8');
  return JSON.parse(text) as PacketSample;
}

/** The request body of a packet, with this header beside the sender and the action. */
export function packetBody(
  action: string,
  profile: object,
  header: Readonly<Record<string, string>> = {},
): Buffer {
  const packet = {
    Data: {
      Header: { Sender_Code: 'H52', Action_Type: action, ...header },
      Body: { HOSO_CBCCVC: profile },
    },
  };
  const jsonContent = Buffer.from(JSON.stringify(packet)).toString('base64');
  return Buffer.from(JSON.stringify({ org_Code: 'H52', jsonContent }));
}

/** The request body of a packet of units. */
export function treeBody(units: readonly unknown[]): Buffer {
  const content = { Data: { Header: { Action_Type: 'EDIT' }, Body: { DS_DONVI: units } } };
  const jsonContent = Buffer.from(JSON.stringify(content)).toString('base64');
  return Buffer.from(JSON.stringify({ org_Code: '000.00.00.H52', jsonContent }));
}

/** The units among the records, as a program writes them. */
export const unitsOf = (drafts: readonly RecordDraft[]): readonly object[] =>
  drafts
    .flatMap(({ sections }) => sections['org_unit'] ?? [])
    .map((unit) => ({
      MaDonVi: unit['code'],
      TenDonVi: unit['name'],
      MaDonViCapTren: unit['parent_code'] ?? '',
      LoaiHinh: unit['unit_type'] ?? '',
    }));

export const staffOf = ({ sections }: RecordDraft): string =>
  sections['employment']?.[0]?.['staff_number'] ?? '';

/** The profile of a salary packet. */
export const payProfile = (staff: string, members: object): object => ({
  SoHieuCBCCVC_BNDP: staff,
  LUONG_PHUCAP_CHUCVU: members,
});

/** The profile of a person: every block with the fields and lists that the record has. */
export function profileOf({ sections }: RecordDraft): Record<string, unknown> {
  const profile: Record<string, unknown> = {
    SoHieuCBCCVC_BNDP: sections['employment']?.[0]?.['staff_number'],
  };
  for (const block of blocks) {
    const members = membersOf(block, sections);
    if (block.name === '') Object.assign(profile, members);
    else profile[block.name] = members;
  }
  return profile;
}

function membersOf(block: Block, sections: RecordDraft['sections']): object {
  const scalars = block.fields.map(({ member, section, field }): [string, string] => [
    member,
    written(sections[section.name]?.[0]?.[field.name]),
  ]);
  const lists = block.lists.map(({ member, section, fields }): [string, object] => [
    member,
    (sections[section.name] ?? []).map((row) => rowOf(fields, row)),
  ]);
  return Object.fromEntries([...scalars, ...lists]);
}

const rowOf = (fields: readonly MemberField[], row: DraftRow): object =>
  Object.fromEntries(fields.map(({ member, field }) => [member, written(row[field.name])]));

/** Dates as offices write them; all else as it is. */
function written(value: string | undefined): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(value ?? '') ?? [];
  return year === undefined ? (value ?? '') : `${day}/${month}/${year}`;
}

/** What of a record is in packets: the same sections, with the fields that have a member. */
export function packetPart({ sections }: RecordDraft): Record<string, readonly DraftRow[]> {
  const fieldsOf = new Map<string, Set<string>>([
    ['employment', new Set(['staff_number', 'status'])],
  ]);
  for (const { section, field } of blocks.flatMap(({ fields, lists }) => [
    ...fields,
    ...lists.flatMap((list) => list.fields),
  ])) {
    fieldsOf.set(section.name, (fieldsOf.get(section.name) ?? new Set()).add(field.name));
  }
  // the code of a position follows from its name
  fieldsOf.get('position')?.add('title_code');
  const parts = Array.from(fieldsOf, ([name, fields]): [string, readonly DraftRow[]] => [
    name,
    (sections[name] ?? [])
      .map((row) => Object.fromEntries(Object.entries(row).filter(([field]) => fields.has(field))))
      .filter((row) => Object.keys(row).length > 0),
  ]);
  return Object.fromEntries(parts.filter(([, rows]) => rows.length > 0));
}
