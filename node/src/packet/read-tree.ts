/**
 * A packet of the tree of units: `Data.Body.DS_DONVI`, a list of units to be written. Units that it does
 * not name stay as they are; one that ends gets its day in `NgayGiaiThe`. The official packet of the
 * tree is not known to us: this one is made in the style of the profile packets.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { orgUnit } from '@lienthong/shared-schema/catalogue/organisation.ts';
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';

import { settleTree } from '../intake/evaluate-unit.ts';
import { type UnitItem, verdictOf } from '../intake/intake-item.ts';
import type { PacketFinding } from './envelope.ts';
import { bodyOf, bodyPath, type Header, readHeader } from './header.ts';
import { memberOf } from './members.ts';
import type { Json, JsonObject } from './parse-json.ts';
import {
  atPath,
  type Gathered,
  joined,
  nothingGathered,
  placed,
  tellRepeated,
  tellUnknown,
} from './read-block.ts';
import type { PacketContext } from './read-packet.ts';
import { cellOf, readValue } from './read-value.ts';

export const treeService = 'T0001';
export const treeActions: readonly string[] = ['ADD', 'EDIT'];

const listName = 'DS_DONVI';
/** Each is a row of the intake. */
const unitsMax = 20_000;
/** Member and field of each value of a unit. */
export const unitMembers: readonly (readonly [string, Field])[] = [
  ['MaDonVi', fieldNamed(orgUnit, 'code')],
  ['TenDonVi', fieldNamed(orgUnit, 'name')],
  ['MaDonViCapTren', fieldNamed(orgUnit, 'parent_code')],
  ['LoaiHinh', fieldNamed(orgUnit, 'unit_type')],
  ['NgayThanhLap', fieldNamed(orgUnit, 'established_on')],
  ['NgayGiaiThe', fieldNamed(orgUnit, 'closed_on')],
];
const memberNames = unitMembers.map(([member]) => member);

export type PacketUnit = {
  readonly item: UnitItem;
  /** Fields that the packet speaks of. */
  readonly carried: readonly string[];
  readonly findings: readonly PacketFinding[];
};

export type TreePacket = {
  readonly header: Header;
  readonly units: readonly PacketUnit[];
  /** On the packet and on all its units. */
  readonly findings: readonly PacketFinding[];
};

export type TreeContext = PacketContext & { readonly knownUnits: readonly string[] };

export function readTree(content: JsonObject, context: TreeContext): TreePacket {
  const gathered = nothingGathered();
  const header = readHeader(content, context.agency, gathered);
  if (!treeActions.includes(header.action.toUpperCase())) {
    const words = { value: header.action, limit: treeActions.join(', ') };
    gathered.findings.push(atPath('packet_action', 'Data.Header.Action_Type', words));
  }
  const read = itemsOf(content, gathered).map((item, i) => readUnit(item, i, context));
  const { units } = settleTree(
    read.map((unit) => unit.item),
    { agency: context.agency, knownUnits: context.knownUnits, closedUnits: undefined },
  );
  const judged = read.map((unit, i) => withTree(unit, units[i] ?? unit.item, i));
  return {
    header,
    units: judged,
    findings: [...gathered.findings, ...judged.flatMap((unit) => unit.findings)],
  };
}

function itemsOf(content: JsonObject, gathered: Gathered): readonly Json[] {
  const body = bodyOf(content, gathered);
  const list = body === undefined ? undefined : memberOf(body, listName);
  if (list?.kind === 'list' && list.items.length <= unitsMax) return list.items;
  const path = joined(bodyPath, listName);
  gathered.findings.push(
    list === undefined
      ? atPath('packet_member_missing', path, { limit: path })
      : atPath('packet_shape', path, { limit: `[…] ≤ ${unitsMax}` }),
  );
  return [];
}

const rowPath = (i: number): string => `${listName}[${i}]`;

function readUnit(item: Json, i: number, context: PacketContext): PacketUnit {
  const gathered = nothingGathered();
  const values = new Map<string, string>();
  const carried: string[] = [];
  const findings = gathered.findings;
  if (item.kind !== 'object') {
    findings.push(atPath('packet_shape', rowPath(i), { limit: '{…}' }));
    return { item: unitItem(i, values, findings), carried, findings };
  }
  tellRepeated(item, rowPath(i), gathered);
  tellUnknown(item, { names: memberNames, path: rowPath(i) }, gathered);
  for (const [member, field] of unitMembers) {
    const json = memberOf(item, member);
    if (json === undefined && !field.required) continue;
    const cell = cellOf(json ?? { kind: 'null' });
    const path = joined(rowPath(i), member);
    carried.push(field.name);
    if (cell === undefined) {
      findings.push(atPath('packet_shape', path, { limit: '"…"' }));
      continue;
    }
    const reading = readValue(field, cell, { ...context, event: null });
    if (reading.value !== null) values.set(field.name, reading.value);
    findings.push(...placed(reading.findings, { section: orgUnit, path }));
    if (reading.value === null && reading.findings.length === 0 && field.required) {
      const label = { vi: field.vi, en: field.en };
      findings.push({ ...atPath('required', path, { label }), field: field.name });
    }
  }
  return { item: unitItem(i, values, findings), carried, findings };
}

const unitItem = (
  i: number,
  values: ReadonlyMap<string, string>,
  findings: readonly PacketFinding[],
): UnitItem => ({
  kind: 'unit',
  sheet: treeService,
  row: i + 1,
  stt: null,
  verdict: verdictOf(findings),
  findings,
  source: {},
  cellKinds: '',
  code: values.get('code') ?? null,
  draft: { kind: 'org_unit', sections: { org_unit: [Object.fromEntries(values)] } },
});

/** What the tree as a whole says of the unit, at its place in the packet. */
function withTree(unit: PacketUnit, settled: UnitItem, i: number): PacketUnit {
  const known = new Set<unknown>(unit.item.findings);
  const ofTree = settled.findings
    .filter((one) => !known.has(one))
    .map((one): PacketFinding => {
      const member = unitMembers.find(([, field]) => field.name === one.field)?.[0] ?? '';
      return { ...one, section: 'org_unit', path: joined(rowPath(i), member) };
    });
  const findings = [...unit.findings, ...ofTree];
  return { ...unit, item: { ...unit.item, findings, verdict: verdictOf(findings) }, findings };
}
