/**
 * One cell as the canonical text of one field, with what is to be said about it. A value with an
 * error finding is not kept: the cell as written stays with the row in the intake.
 */
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';
import { faultOf, fieldFinding } from '@lienthong/shared-schema/rules/check-field.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';
import type { CodeContext } from '@lienthong/shared-schema/rules/rule.ts';

import type { Cell } from '../workbook/cell.ts';
import { legacyEncodingOf, legacyNames } from '../workbook/legacy-encoding.ts';
import { cellText } from './cell-text.ts';
import { readCode } from './read-code.ts';
import { readDate } from './read-date.ts';
import { readDecimal, readInteger, stepIn, withoutPercent } from './read-number.ts';
import { readPin } from './read-pin.ts';
import { readUnitCode } from './read-unit-code.ts';

export type FieldReading = {
  /** Null when the cell is empty or its value is refused. */
  readonly value: string | null;
  readonly findings: readonly Finding[];
};

const nothing: FieldReading = { value: null, findings: [] };

/** Codes are read as of the event of the context. An empty cell is no fault here. */
export function readField(
  field: Field,
  cell: Cell | undefined,
  context: CodeContext,
): FieldReading {
  const text = cellText(cell);
  if (cell === undefined || text === null) return nothing;
  if (cell.kind === 'error') return { value: null, findings: [labelled(field, 'cell_error')] };
  const legacy =
    cell.kind === 'text' || cell.kind === 'untyped' ? legacyEncodingOf(cell.text) : undefined;
  if (legacy !== undefined) {
    const label = { vi: field.vi, en: field.en };
    const limit = legacyNames[legacy];
    return { value: null, findings: [makeFinding('legacy_font', field.name, { label, limit })] };
  }
  const { type } = field;
  switch (type.kind) {
    case 'text':
      return checked(field, text, context);
    case 'integer':
      return checked(field, readInteger(cell, inField(field, text)), context);
    case 'decimal':
      return checked(field, readDecimal(cell, inField(field, text), type.scale), context);
    case 'unit-code':
      return checked(field, readUnitCode(text), context);
    case 'partial-date':
      return checked(field, readDate(cell, text) ?? text, context);
    case 'pin': {
      const { pin, finding } = readPin(field, cell, text);
      return { value: pin, findings: finding === undefined ? [] : [finding] };
    }
    case 'code': {
      const { code, completed } = readCode(type.list, text, context);
      const reading = checked(field, code, context);
      if (!completed || reading.value === null) return reading;
      return { ...reading, findings: [labelled(field, 'rank_as_number', code)] };
    }
  }
}

/** Elsewhere `25%` is no number: as an allowance's coefficient it would be a hundred times too much. */
function inField({ name }: Field, text: string): string {
  if (name === 'step') return stepIn(text);
  return name.includes('percent') ? withoutPercent(text) : text;
}

function checked(field: Field, value: string, context: CodeContext): FieldReading {
  const fault = faultOf(field, value, context);
  return fault === undefined
    ? { value, findings: [] }
    : { value: null, findings: [fieldFinding(field, fault, value)] };
}

function labelled(field: Field, code: 'cell_error' | 'rank_as_number', value?: string): Finding {
  const label = { vi: field.vi, en: field.en };
  return makeFinding(code, field.name, value === undefined ? { label } : { label, value });
}
