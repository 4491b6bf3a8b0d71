/** What a code list is, wherever it comes from: shipped with the software, published, or stored. */

/** As many characters the columns of `profile` take for a code. */
export const codeMax = 20;

export type CodeEntry = {
  readonly code: string;
  readonly vi: string;
  readonly en?: string;
  /** First and last day of validity, `YYYY-MM-DD`, both inclusive; absent = open. */
  readonly from?: string;
  readonly to?: string;
  readonly status: string;
  /** Other spellings under which units write the value. */
  readonly aliases?: readonly string[];
  readonly parent?: string;
  readonly successor?: string;
  readonly salaryGroup?: string;
  readonly note?: string;
};

export type CodeList = {
  readonly name: string;
  readonly version: number;
  readonly vi: string;
  readonly en: string;
  readonly source: string;
  readonly entries: readonly CodeEntry[];
};
