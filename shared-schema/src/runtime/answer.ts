/** The answer of a command on standard output: lines for people, or one JSON object for scripts. */
export type Answer = {
  readonly json: object;
  readonly lines: readonly string[];
};

/** bigint as decimal text, dates as ISO 8601. The object is one line, the last of the output. */
export function printAnswer(answer: Answer, asJson: boolean): void {
  const text = asJson
    ? JSON.stringify(answer.json, (_key, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      )
    : answer.lines.join('\n');
  process.stdout.write(`${text}\n`);
}

/** Columns of equal width, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
