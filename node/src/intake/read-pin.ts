/**
 * A personal identification number as it lies in a cell. A number cell loses leading zeros: they are
 * put back, with a warning, where it is certain how many (10 or 11 digits left of 12). Nine digits
 * are an old identity card number, in whatever cell.
 */
import type { Field } from '@lienthong/shared-schema/catalogue/types.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import type { Cell } from '../workbook/cell.ts';
import { maybeNumber } from './cell-text.ts';

const pinDigits = 12;

export type PinReading = { readonly pin: string | null; readonly finding: Finding | undefined };

/** `text` is the tidied text of the cell. */
export function readPin(field: Field, cell: Cell, text: string): PinReading {
  const compact = text.replaceAll(' ', '').replace(/^'/u, '');
  const found = (code: 'pin_old_id' | 'pin_format' | 'pin_zero_restored'): Finding =>
    makeFinding(code, field.name, { label: { vi: field.vi, en: field.en } });
  if (/^\d{12}$/u.test(compact)) return { pin: compact, finding: undefined };
  if (/^\d{9}$/u.test(compact)) return { pin: null, finding: found('pin_old_id') };
  if (/^\d{10,11}$/u.test(compact) && maybeNumber(cell)) {
    return { pin: compact.padStart(pinDigits, '0'), finding: found('pin_zero_restored') };
  }
  return { pin: null, finding: found('pin_format') };
}

/** Whether a text can be meant as such a number: what tells a person's row from a signature row. */
export function looksLikePin(text: string | null): boolean {
  const compact = (text ?? '').replaceAll(/[\s'.-]/gu, '');
  return /^[0-9a-z]{8,14}$/iu.test(compact) && compact.replaceAll(/\D/gu, '').length >= 6;
}
