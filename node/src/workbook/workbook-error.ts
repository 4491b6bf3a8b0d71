/** A file that cannot be read, or written, as a workbook, said in a sentence that tells the clerk what to do. */
export type WorkbookFault =
  | 'missing'
  | 'empty'
  | 'not-a-workbook'
  | 'old-or-encrypted'
  | 'too-large'
  | 'encoding'
  | 'damaged'
  | 'no-known-sheet'
  /** Of a file that is to be written. */
  | 'exists'
  | 'unwritten';

export class WorkbookError extends Error {
  readonly fault: WorkbookFault;

  constructor(fault: WorkbookFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkbookError';
    this.fault = fault;
  }
}

/** Of an .xlsx: broken, incomplete, or put together as no spreadsheet does. */
export const damagedWorkbook = (cause?: unknown): WorkbookError =>
  new WorkbookError(
    'damaged',
    'Tệp Excel bị hỏng hoặc không đầy đủ: mở bằng Excel, lưu thành tệp mới rồi nhập tệp đó. / ' +
      'The workbook is damaged or incomplete: open it in Excel, save it under a new name and import that.',
    { cause },
  );
