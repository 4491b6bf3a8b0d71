/**
 * Text written straight into a cell in several formatted pieces (`<is><r>…</r><r>…</r></is>`). The
 * reader underneath keeps only the last piece, so such a sheet is refused rather than read wrong;
 * Excel itself never writes it, and mends it by saving the file once.
 */
import { Buffer } from 'node:buffer';

import { WorkbookError } from './workbook-error.ts';

const mark = Buffer.from('<is><r>');

/** The same bytes; throws a WorkbookError `unsupported` at the first piece. */
export async function* withoutInlineRuns(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const seam = Buffer.concat([tail, chunk.subarray(0, mark.length)]);
    if (chunk.includes(mark) || seam.includes(mark)) {
      throw new WorkbookError(
        'unsupported',
        'A sheet holds text in a form that only few programs write: open the workbook in Excel, save it and import that.',
      );
    }
    const end = chunk.length < mark.length ? Buffer.concat([tail, chunk]) : chunk;
    tail = Buffer.from(end.subarray(-mark.length));
    yield chunk;
  }
}
