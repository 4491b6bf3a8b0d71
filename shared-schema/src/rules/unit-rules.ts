/** Rules on the units that a record names, against the tree of the agency. */
import { isBefore } from '../text/partial-date.ts';
import type { RecordRule, RecordView, Spot } from './rule.ts';
import { sources } from './sources.ts';
import { activeStatus } from './status-rules.ts';

/** The unit's own code and those that begin with it and a point. */
export function isWithinAgency(code: string, agency: string): boolean {
  return code === agency || code.startsWith(`${agency}.`);
}

const roles = ['employing_unit', 'managing_unit'] as const;
const looksAt = roles.map((role) => `employment.${role}`);

function rolesWhere(record: RecordView, isFault: (code: string) => boolean): readonly Spot[] {
  return roles.flatMap((field): readonly Spot[] => {
    const value = record.value('employment', field);
    return value !== undefined && isFault(value) ? [{ section: 'employment', field, value }] : [];
  });
}

const placed = (unit: string, status = activeStatus): RecordRule['accepted'] => ({
  sections: { employment: [{ employing_unit: unit, managing_unit: 'H52', status }] },
});

export const unitRules = {
  unit_outside_agency: {
    on: 'record',
    kind: 'person',
    ...sources.unitCode,
    severity: 'error',
    vi: '{label} «{value}» không thuộc cơ quan {limit}: chỉ gửi dữ liệu của cơ quan mình.',
    en: '{label} "{value}" does not belong to agency {limit}: send the data of your own agency only.',
    looksAt,
    alsoAtHub: true,
    check: (record, { agency }) => {
      if (agency === null) return [];
      const foreign = rolesWhere(record, (code) => !isWithinAgency(code, agency));
      return foreign.map((spot) => ({ ...spot, limit: agency }));
    },
    accepted: placed('H52.01'),
    refused: placed('H53.01'),
  },
  unit_unknown: {
    on: 'record',
    kind: 'person',
    ...sources.unitTree,
    severity: 'error',
    vi: '{label} «{value}» không có trong cơ cấu tổ chức của đơn vị: sửa mã hoặc bổ sung đơn vị.',
    en: '{label} "{value}" is not in the organisation tree: correct the code or add the unit.',
    looksAt,
    alsoAtHub: true,
    check: (record, { agency, units }) =>
      units === undefined
        ? []
        : rolesWhere(
            record,
            (code) => !units.has(code) && (agency === null || isWithinAgency(code, agency)),
          ),
    accepted: placed('H52.01'),
    refused: placed('H52.77'),
  },
  unit_closed: {
    on: 'record',
    kind: 'person',
    ...sources.unitTree,
    severity: 'error',
    vi: '{label} «{value}» đã giải thể nhưng hồ sơ đang công tác: ghi mã của đơn vị kế thừa.',
    en: '{label} "{value}" has been closed, and the record is active: give the code of the unit that took over.',
    looksAt: [...looksAt, 'employment.status'],
    check: (record, { today, units }) => {
      // who has left stays where they were
      if (units === undefined || record.value('employment', 'status') !== activeStatus) {
        return [];
      }
      return rolesWhere(record, (code) => {
        const closedOn = units.get(code) ?? null;
        return closedOn !== null && isBefore(closedOn, today);
      });
    },
    accepted: placed('H52.09', '3'),
    refused: placed('H52.09'),
  },
} as const satisfies Readonly<Record<string, RecordRule>>;
