/** The texts that cells name by their number: the one part of a workbook that is held in memory. */
import { Buffer } from 'node:buffer';

import { newTextRuns } from './text-runs.ts';
import { readXml } from './xml-part.ts';

/** Throws a WorkbookError `damaged`. */
export async function readSharedStrings(bytes: AsyncIterable<Buffer>): Promise<readonly string[]> {
  const texts: string[] = [];
  const runs = newTextRuns();
  const pieces = readXml(bytes, {
    open: runs.open,
    close(name) {
      runs.close(name);
      if (name === 'si') texts.push(ofItsOwn(runs.take()));
    },
    text: runs.add,
  });
  for await (const _piece of pieces);
  return texts;
}

/** A copy: a part of a long string keeps all of it in memory. */
const ofItsOwn = (text: string): string => Buffer.from(text).toString();
