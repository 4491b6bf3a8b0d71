import { expect, test } from 'vitest';

import type { ReportedRow } from '../sync/import-report.ts';
import { openSpool } from './report-spool.ts';

const row = (n: number): ReportedRow => ({
  sheet: 'Danh sách',
  row: n,
  stt: n,
  verdict: 'warning',
  findings: [
    { code: 'pin_sex_mismatch', field: 'sex', vi: 'Giới tính\u2028khác', en: 'x'.repeat(300) },
  ],
});

async function read(lines: AsyncIterable<string>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const line of lines) all.push(JSON.parse(line));
  return all;
}

test('rows come back as they went in, in order, far beyond one buffer', async () => {
  using spool = openSpool();
  const sink = spool.open();
  const rows = Array.from({ length: 3000 }, (_, n) => row(n));
  for (const one of rows) sink.person(one);
  sink.list({ ...row(7), section: 'training' });
  expect(await read(spool.people())).toEqual(rows);
  expect(await read(spool.listRows())).toEqual([{ ...row(7), section: 'training' }]);
});

test('where the reading begins again, what was there before is gone', async () => {
  using spool = openSpool();
  const first = spool.open();
  for (let n = 0; n < 1000; n += 1) first.person(row(n));
  const second = spool.open();
  second.person(row(1));
  expect(await read(spool.people())).toEqual([row(1)]);
  expect(await read(spool.listRows())).toEqual([]);
});
