/**
 * The rows of a report on their way to standard output: kept in a file of the system's temporary
 * folder until the command has done its work, since an answer is printed whole or not at all. Rows
 * name fields and never people. Memory: one buffer, whatever the length of the report.
 */
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { ReportedListRow, ReportedRow, RowSink } from '../sync/import-report.ts';

export type ReportSpool = Disposable & {
  /** A place for the rows of a report; what was there before is gone. */
  readonly open: () => RowSink;
  readonly people: () => AsyncIterable<string>;
  readonly listRows: () => AsyncIterable<string>;
};

const bufferCharacters = 64 * 1024;

export function openSpool(): ReportSpool {
  const folder = mkdtempSync(join(tmpdir(), 'lienthong-report-'));
  const people = lineFile(join(folder, 'people'));
  const lists = lineFile(join(folder, 'list-rows'));
  return {
    open() {
      people.clear();
      lists.clear();
      return { person: people.add, list: lists.add };
    },
    people: people.lines,
    listRows: lists.lines,
    [Symbol.dispose]() {
      people.close();
      lists.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What the reader of lines takes for an end of line as well. */
const oneLine = (json: string): string =>
  json.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`);

/** One JSON text a line. */
function lineFile(path: string) {
  // appending: after a truncation the next row stands at the beginning again
  const file = openSync(path, 'a', 0o600);
  let buffer = '';
  const flush = (): void => {
    writeSync(file, buffer);
    buffer = '';
  };
  return {
    add: (row: ReportedRow | ReportedListRow): void => {
      buffer += `${oneLine(JSON.stringify(row))}\n`;
      if (buffer.length > bufferCharacters) flush();
    },
    clear: (): void => {
      buffer = '';
      ftruncateSync(file);
    },
    lines: (): AsyncIterable<string> => {
      flush();
      return createInterface({
        input: createReadStream(path),
        crlfDelay: Number.POSITIVE_INFINITY,
      });
    },
    close: (): void => closeSync(file),
  };
}
