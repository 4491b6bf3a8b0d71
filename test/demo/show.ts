/** What the demo draws: a bar that moves on a terminal, one line elsewhere, and a table. */
const width = 28;

type Progress = {
  readonly progress?: { readonly phase: string; readonly done: number; readonly total: number };
};

export type Bar = {
  readonly line: (text: string) => void;
  readonly end: (summary: string) => void;
};

/** Reads the progress lines that a node's command writes for scripts. */
export function progressBar(label: string, moving: boolean): Bar {
  const draw = (done: number, total: number): string => {
    const filled = total === 0 ? width : Math.round((Math.min(done, total) / total) * width);
    return '█'.repeat(filled) + '░'.repeat(width - filled);
  };
  return {
    line(text) {
      if (!moving || !text.startsWith('{"progress"')) return;
      const { progress } = JSON.parse(text) as Progress;
      if (progress === undefined) return;
      const { phase, done, total } = progress;
      process.stdout.write(
        `\r\u001b[K  ${label} ${phase.padEnd(6)} ${draw(done, total)} ${done}/${total}`,
      );
    },
    end(summary) {
      process.stdout.write(`${moving ? '\r\u001b[K' : ''}  ${label} ${draw(1, 1)} ${summary}\n`);
    },
  };
}

/** Columns of equal width, right-aligned but for the first. */
export function columnsOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('   '),
  );
}
