/**
 * One cell as the canonical text of one field, with what is to be said about it. A value with an
 * error finding is not kept: the cell as written stays with the row in the intake.
 */
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';
import { faultOf, fieldFinding } from '@lienthong/shared-schema/rules/check-field.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import type { Cell } from '../workbook/cell.ts';
import { cellText } from './cell-text.ts';
import { readCode } from './read-code.ts';
import { readDate } from './read-date.ts';
import { readDecimal, readInteger } from './read-number.ts';
import { readPin } from './read-pin.ts';
import { readUnitCode } from './read-unit-code.ts';

export type FieldReading = {
  /** Null when the cell is empty or its value is refused. */
  readonly value: string | null;
  readonly findings: readonly Finding[];
};

const nothing: FieldReading = { value: null, findings: [] };

/** `event` is the partial date as of which codes are read; null means any time. An empty cell is no fault here. */
export function readField(
  field: Field,
  cell: Cell | undefined,
  event: string | null,
): FieldReading {
  const text = cellText(cell);
  if (cell === undefined || text === null) return nothing;
  if (cell.kind === 'error') return { value: null, findings: [labelled(field, 'cell_error')] };
  const { type } = field;
  switch (type.kind) {
    case 'text':
      return checked(field, text, event);
    case 'integer':
      return checked(field, readInteger(cell, text), event);
    case 'decimal':
      return checked(field, readDecimal(cell, text, type.scale), event);
    case 'unit-code':
      return checked(field, readUnitCode(text), event);
    case 'partial-date':
      return checked(field, readDate(cell, text) ?? text, event);
    case 'pin': {
      const { pin, finding } = readPin(field, cell, text);
      return { value: pin, findings: finding === undefined ? [] : [finding] };
    }
    case 'code': {
      const { code, completed } = readCode(type.list, text, event);
      const reading = checked(field, code, event);
      if (!completed || reading.value === null) return reading;
      return { ...reading, findings: [labelled(field, 'rank_as_number', code)] };
    }
  }
}

function checked(field: Field, value: string, event: string | null): FieldReading {
  const fault = faultOf(field, value, event);
  return fault === undefined
    ? { value, findings: [] }
    : { value: null, findings: [fieldFinding(field, fault, value)] };
}

function labelled(field: Field, code: 'cell_error' | 'rank_as_number', value?: string): Finding {
  const label = { vi: field.vi, en: field.en };
  return makeFinding(code, field.name, value === undefined ? { label } : { label, value });
}
