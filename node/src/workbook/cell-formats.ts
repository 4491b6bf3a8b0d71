/** How the styles of a workbook show a number: as a date, as a share of a hundred, or as it is. */
import type { Buffer } from 'node:buffer';

import { readXml } from './xml-part.ts';

export type Shown = 'date' | 'percent' | 'number';

/** By the number of the style (`cellXfs`). Throws a WorkbookError `damaged`. */
export async function readStyles(bytes: AsyncIterable<Buffer>): Promise<readonly Shown[]> {
  const own = new Map<string, string>();
  const used: string[] = [];
  let within: 'numFmts' | 'cellXfs' | undefined;
  const pieces = readXml(bytes, {
    open(name, attributes) {
      // both words stand in other lists as well
      if (name === 'numFmts' || name === 'cellXfs') within = name;
      else if (within === 'numFmts' && name === 'numFmt') {
        own.set(attributes['numFmtId'] ?? '', attributes['formatCode'] ?? '');
      } else if (within === 'cellXfs' && name === 'xf') {
        used.push(attributes['numFmtId'] ?? '0');
      }
    },
    close(name) {
      if (name === within) within = undefined;
    },
    text: () => undefined,
  });
  for await (const _piece of pieces);
  return used.map((id) => {
    const code = own.get(id);
    return code === undefined ? shownByNumber(Number(id)) : shownByCode(code);
  });
}

function shownByNumber(id: number): Shown {
  if (isDateNumber(id)) return 'date';
  return id === 9 || id === 10 ? 'percent' : 'number';
}

/** Formats that every program knows by number: Excel's own, and those of its East Asian editions. */
const isDateNumber = (id: number): boolean =>
  (id >= 14 && id <= 17) ||
  id === 22 ||
  (id >= 27 && id <= 31) ||
  id === 36 ||
  (id >= 50 && id <= 58);

/** By its letters; words in quotation marks, colours and escaped signs are none. */
function shownByCode(code: string): Shown {
  const letters = code.replaceAll(/\[[^\]]*\]|"[^"]*"|[\\_*]./gu, '');
  if (/[ymd]/iu.test(letters)) return 'date';
  return letters.includes('%') ? 'percent' : 'number';
}
