/** A file is read into the intake, and what is good of it is published. */
import { join } from 'node:path';

import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';

import { publishRows } from '../../../node/src/db/publish-intake.ts';
import { importFile } from '../../../node/src/sync/import-file.ts';
import { writeXlsx } from '../../../node/src/workbook/workbook-fixture.ts';
import { openScratch } from '../../services/scratch.ts';
import { openNodePlace } from '../../support/test-node.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';

const header = [
  'STT',
  'Họ và tên',
  'Số định danh cá nhân',
  'Ngày sinh',
  'Giới tính',
  'Dân tộc',
  'Loại hồ sơ',
  'Mã đơn vị sử dụng',
  'Mã đơn vị quản lý',
];
const people = [
  [1, 'Lê Thử Sơn', '014085000001', '1985', 'Nam', 'Kinh', 'Công chức', 'H52', 'H52'],
  [2, 'Trần Thử Lan', '014190000002', '1990', 'Nữ', 'Thái', 'Viên chức', 'H52', 'H52'],
  [3, 'Không Có Số', 'mất', '1990', 'Nữ', 'Thái', 'Viên chức', 'H52', 'H52'],
];
const units = [
  ['BIÊN CHẾ NĂM 2026'],
  ['Mã đơn vị', 'Tên đơn vị', 'Biên chế công chức'],
  ['H52', 'UBND tỉnh', 5],
];
const options = { today: '2026-11-21', agency: 'H52' } as const;
/** Of new records the unit makes the identifiers. */
const drawn = ['record_id', 'import_id', 'row_id'];

async function openFile(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await openScratch();
  const path = join(folder.path, 'file.xlsx');
  await writeXlsx(path, [
    { name: 'Cơ cấu', rows: units },
    { name: 'Người', rows: [header, ...people] },
  ]);
  return { path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

export async function publish(how: Thoroughness): Promise<Row> {
  await using file = await openFile();
  await using place = await openNodePlace('H52');
  await using own = openDatabase(place.url, { max: 2, applicationName: 'test' });
  const { importId } = await importFile(own, { ...options, path: file.path, publish: false });
  const subject = {
    name: 'publish an import',
    side: 'node',
    urls: { node: place.url },
    drawn,
    commits: 1,
    act: (database: typeof own) => transaction(database, ({ db }) => publishRows(db, { importId })),
  } as const;
  return await failEverywhere(subject, how);
}

export async function importWhole(how: Thoroughness): Promise<Row> {
  await using file = await openFile();
  await using place = await openNodePlace('H52');
  const subject = {
    name: 'import a file',
    side: 'node',
    urls: { node: place.url },
    drawn,
    // a file that is read once more is another import; what it publishes is there once
    besides: ['intake'],
    commits: 1,
    act: (database: Parameters<typeof importFile>[0]) =>
      importFile(database, { ...options, path: file.path, publish: true }),
  } as const;
  return await failEverywhere(subject, how);
}
