/**
 * The last line of a CI run, `N passed, N failed` (and `, N skipped` where there are any), from the report that vitest wrote. A file
 * that could not be loaded holds no test that could fail, an error outside any test belongs to none, and a check that stopped
 * before the tests left no report: each of them counts as one failure, so that the line never reads well after a failed run.
 *
 *     node test/ci/totals.ts REPORT CHECK_EXIT_CODE
 */
import { readFile } from 'node:fs/promises';

/** What we read of vitest's JSON report, which follows Jest's. */
export type Report = {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
};

export type Totals = { readonly passed: number; readonly failed: number; readonly skipped: number };

export function totalsOf(report: Report | undefined, checkSucceeded: boolean): Totals {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = report.testResults.filter(
    (file) =>
      file.status === 'failed' &&
      !file.assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  const elsewhere = failed === 0 && !(report.success && checkSucceeded) ? 1 : 0;
  return {
    passed: report.numPassedTests,
    failed: failed + elsewhere,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main(path: string, exitCode: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const report: Report | undefined = text === undefined ? undefined : JSON.parse(text);
  const totals = totalsOf(report, exitCode === '0');
  if (report === undefined) {
    process.stdout.write('The tests did not run: an earlier step failed, see above.\n');
  }
  process.stdout.write(`${totalsLine(totals)}\n`);
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

if (import.meta.main) await main(process.argv[2] ?? '', process.argv[3] ?? '');
