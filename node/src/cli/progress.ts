/**
 * Progress on standard error: a bar that redraws itself on a terminal, plain lines elsewhere, and one
 * JSON object a line for scripts. Standard output stays free for the answer.
 */
const barWidth = 30;

export type Progress = {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
};

export type ProgressReporter = {
  readonly tell: (progress: Progress) => void;
  readonly end: () => void;
};

export function progressReporter(asJson: boolean): ProgressReporter {
  const { stderr } = process;
  let last = '';
  return {
    tell(progress) {
      if (asJson) {
        stderr.write(`${JSON.stringify({ progress })}\n`);
        return;
      }
      const line = progressLine(progress);
      if (stderr.isTTY) stderr.write(`\r\u001b[K${line}`);
      else if (line !== last) stderr.write(`${line}\n`);
      last = line;
    },
    end() {
      if (!asJson && stderr.isTTY && last !== '') stderr.write('\n');
    },
  };
}

export function progressLine({ phase, done, total }: Progress): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  return `${phase.padEnd(6)} ${bar} ${done}/${total}`;
}
