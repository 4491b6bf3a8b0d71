/**
 * A profile packet as what it wants of a record: the action, the key of the person, the fields that it
 * speaks of with their values, and everything that is to be said about it, each with its path. Nothing
 * stops at the first fault, and nothing is asked of the node: whether the key is known comes later.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import { isWithinAgency } from '@lienthong/shared-schema/rules/unit-rules.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

import { readUnitCode } from '../intake/read-unit-code.ts';
import type { CarriedFields } from '../intake/sheet-plan.ts';
import type { PacketFinding } from './envelope.ts';
import { bodyOf, bodyPath, type Header, outside, readHeader } from './header.ts';
import { memberOf } from './members.ts';
import type { JsonObject } from './parse-json.ts';
import {
  atPath,
  carry,
  clearBlock,
  type Gathered,
  joined,
  nothingGathered,
  placed,
  readBlock,
  tellRepeated,
  tellUnknown,
} from './read-block.ts';
import { cellOf, type ReadingContext, readValue } from './read-value.ts';
import {
  type Action,
  actionsOf,
  type Block,
  blocks,
  blocksOf,
  general,
  keyMember,
  pathOf,
  type Service,
} from './structure.ts';

export type Packet = {
  readonly service: Service;
  readonly header: Header;
  /** Null where the packet names none that this service takes. */
  readonly action: Action | null;
  /** The staff number: the key of the person within the agency. Null where there is none. */
  readonly staffNumber: string | null;
  readonly draft: RecordDraft;
  readonly carries: CarriedFields;
  readonly findings: readonly PacketFinding[];
};

export type PacketContext = ReadingContext & { readonly agency: string };

const activeStatus = '1';

export function readPacket(service: Service, content: JsonObject, context: PacketContext): Packet {
  const gathered = nothingGathered();
  const header = readHeader(content, context.agency, gathered);
  const action = actionOf(service, header.action, gathered);
  const profile = profileOf(content, gathered);
  const staffNumber = profile === undefined ? null : keyOf(profile, context, gathered);
  if (profile !== undefined && action !== null) {
    if (action === 'DEL') {
      if (service !== 'M0001') for (const block of blocksOf(service)) clearBlock(block, gathered);
    } else {
      readBlocks({ service, action, profile }, { ...context, gathered });
    }
  }
  if (action === 'ADD' && staffNumber !== null) newRecord(staffNumber, gathered);
  return {
    service,
    header,
    action,
    staffNumber,
    draft: { kind: 'person', sections: sectionsOf(gathered) },
    carries: Object.fromEntries(
      Array.from(gathered.carries, ([name, fields]) => [name, Array.from(fields)]),
    ),
    findings: gathered.findings,
  };
}

function actionOf(service: Service, text: string, gathered: Gathered): Action | null {
  const known = actionsOf(service);
  const action = known.find((one) => one === text.toUpperCase());
  if (action !== undefined) return action;
  const words = { value: text, limit: known.join(', ') };
  gathered.findings.push(atPath('packet_action', 'Data.Header.Action_Type', words));
  return null;
}

const keyField = fieldNamed(employment, 'staff_number');
const profileMember = 'HOSO_CBCCVC';

function profileOf(content: JsonObject, gathered: Gathered): JsonObject | undefined {
  const path = joined(bodyPath, profileMember);
  const body = bodyOf(content, gathered);
  const profile = body === undefined ? undefined : memberOf(body, profileMember);
  if (profile?.kind === 'object') {
    tellRepeated(profile, '', gathered);
    return profile;
  }
  gathered.findings.push(
    profile === undefined
      ? atPath('packet_member_missing', path, { limit: path })
      : atPath('packet_shape', path, { limit: '{…}' }),
  );
  return undefined;
}

function keyOf(profile: JsonObject, context: PacketContext, gathered: Gathered): string | null {
  const cell = cellOf(memberOf(profile, keyMember) ?? { kind: 'null' });
  const reading =
    cell === undefined ? undefined : readValue(keyField, cell, { ...context, event: null });
  const key = reading?.value ?? null;
  if (key === null) {
    const faults = reading?.findings ?? [];
    gathered.findings.push(
      ...(faults.length > 0
        ? placed(faults, { section: employment, path: keyMember })
        : [atPath('packet_member_missing', keyMember, { limit: keyMember })]),
    );
    return null;
  }
  const told = memberOf(profile, general.name);
  const again = told?.kind === 'object' ? plainText(told, 'SoHieuCBCCVC') : '';
  const unit = told?.kind === 'object' ? readUnitCode(plainText(told, 'MaDonVi')) : '';
  if (unit !== '' && !isWithinAgency(unit, context.agency)) {
    gathered.findings.push(outside(`${general.name}.MaDonVi`, unit, context.agency));
  }
  if (again !== '' && again !== key) {
    gathered.findings.push(atPath('packet_key_differs', `${general.name}.SoHieuCBCCVC`));
  }
  return key;
}

/** A member that is text or a number, tidied; empty where it is neither. */
function plainText(object: JsonObject, name: string): string {
  const json = memberOf(object, name);
  return json?.kind === 'text' || json?.kind === 'number' ? tidyText(json.text) : '';
}

type Reading = {
  readonly service: Service;
  readonly action: 'ADD' | 'EDIT';
  readonly profile: JsonObject;
};

function readBlocks(
  { service, action, profile }: Reading,
  context: ReadingContext & { readonly gathered: Gathered },
): void {
  const { gathered } = context;
  const taken = blocksOf(service);
  tellUnknown(
    profile,
    { names: blocks.flatMap(membersAtTop).concat(keyMember), path: '' },
    gathered,
  );
  for (const block of blocks) {
    const isTaken = taken.includes(block);
    for (const name of membersAtTop(block)) {
      if (!isTaken && memberOf(profile, name) !== undefined) {
        gathered.findings.push(atPath('packet_block_foreign', name, { limit: block.service }));
      }
    }
    if (isTaken) readOne(block, profile, context);
  }
  const isNeeded = (block: Block): boolean =>
    (action === 'ADD' && block === general) || (service !== 'M0001' && taken.includes(block));
  for (const block of blocks.filter(isNeeded)) {
    const [name = ''] = membersAtTop(block);
    if (memberOf(profile, name) === undefined) {
      gathered.findings.push(atPath('packet_member_missing', name, { limit: name }));
    }
  }
}

/** What stands in the profile itself: the block, or the lists of one that has no name. */
const membersAtTop = (block: Block): readonly string[] =>
  block.name === '' ? block.lists.map((one) => one.member) : [block.name];

function readOne(
  block: Block,
  profile: JsonObject,
  context: ReadingContext & { readonly gathered: Gathered },
): void {
  if (block.name === '') {
    readBlock(block, profile, context);
    return;
  }
  const object = memberOf(profile, block.name);
  if (object === undefined) return;
  if (object.kind !== 'object') {
    context.gathered.findings.push(atPath('packet_shape', block.name, { limit: '{…}' }));
    return;
  }
  const members = [...block.fields, ...block.lists].map((one) => one.member);
  const names = [...members, ...block.told];
  tellRepeated(object, block.name, context.gathered);
  tellUnknown(object, { names, path: block.name }, context.gathered);
  readBlock(block, object, context);
}

/** What a record needs to begin: its key, its status, and what the catalogue asks of everybody. */
function newRecord(staffNumber: string, gathered: Gathered): void {
  const own = gathered.single.get('employment') ?? new Map<string, string>();
  own.set('staff_number', staffNumber).set('status', activeStatus);
  gathered.single.set('employment', own);
  carry(gathered, 'employment', 'staff_number');
  carry(gathered, 'employment', 'status');
  for (const section of [identity, employment]) {
    const values = gathered.single.get(section.name);
    const told = gathered.findings.filter((one) => one.section === section.name);
    for (const field of section.fields.filter((one) => one.required)) {
      if (values?.has(field.name) === true || told.some((one) => one.field === field.name))
        continue;
      const label = { vi: field.vi, en: field.en };
      gathered.findings.push({
        ...makeFinding('required', field.name, { label }),
        section: section.name,
        path: pathOf(section.name, field.name, undefined),
      });
    }
  }
}

function sectionsOf({ single, lists }: Gathered): RecordDraft['sections'] {
  const one = Array.from(single, ([name, values]) => [
    name,
    values.size === 0 ? [] : [Object.fromEntries(values)],
  ]);
  return Object.fromEntries([...one, ...lists]);
}
