/** The text of a cell, tidied (NFC, single spaces, trimmed); null when there is none. */
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';

import type { Cell } from '../workbook/cell.ts';

export function cellText(cell: Cell | undefined): string | null {
  const text = cell === undefined ? '' : tidyText(rawText(cell));
  return text === '' ? null : text;
}

function rawText(cell: Cell): string {
  switch (cell.kind) {
    case 'empty':
      return '';
    case 'text':
    case 'untyped':
    case 'number':
    case 'error':
      return cell.text;
    case 'date':
      return cell.date;
    case 'boolean':
      return cell.value ? 'TRUE' : 'FALSE';
  }
}

/** Whether the value may once have been a number cell, and so may have lost its leading zeros. */
export function maybeNumber(cell: Cell): boolean {
  return cell.kind === 'number' || cell.kind === 'untyped';
}
