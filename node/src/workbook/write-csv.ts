/** Lines of a CSV file that a spreadsheet opens without evaluating anything in it. */

/** A spreadsheet takes a value that begins so for a formula; an apostrophe before it makes it text. */
const formulaStart = /^[=+\-@\t\r]/u;
/** What we put before such a value, and values that begin so by themselves. */
const guarded = /^'(?=[=+\-@\t\r'])/u;

export function csvLine(values: readonly string[]): string {
  return `${values.map((value) => csvValue(value)).join(',')}\r\n`;
}

function csvValue(value: string): string {
  const safe = formulaStart.test(value) || guarded.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A value of such a file as it was. */
export function fromCsvValue(value: string): string {
  return value.replace(guarded, '');
}
