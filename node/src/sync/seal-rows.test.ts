import { createPublicKey } from 'node:crypto';

import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { createSealingKey, sealPayload } from '@lienthong/shared-schema/runtime/sealing.ts';
import { sectionBlock } from '@lienthong/shared-schema/wire/blocks.ts';
import { block } from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { openRows, rowsByRecord, sealRows } from './seal-rows.ts';

const a = '01890a5d-ac96-774b-bcce-b302099a8057';
const b = '01890a5d-ac96-774b-bcce-b302099a8058';
const family = sectionNamed('family_own');
const rows = Buffer.from(`${a}\t1\t1\tLò Văn A\n${a}\t2\t2\tLò Thị B\n${b}\t1\t1\t\\N\n`);
const node = { agency: 'H52', sealingKey: createSealingKey() };

test('COPY text is cut at records, each with all of its rows', () => {
  const cut = rowsByRecord(rows);
  expect([...cut.keys()]).toEqual([a, b]);
  expect(Buffer.concat([...cut.values()])).toEqual(rows);
  expect(cut.get(b)?.toString()).toBe(`${b}\t1\t1\t\\N\n`);
  expect(rowsByRecord(Buffer.alloc(0)).size).toBe(0);
});

test('each record has one payload, which only this unit opens, and only as this record', () => {
  const sealed = sealRows(node, family, rows);
  const lines = sealed.bytes.toString().trimEnd().split('\n');
  expect(sealed.count).toBe(2);
  expect(sealed.bytes.toString()).not.toContain('Lò');
  const [recordId = '', payload = ''] = (lines[0] ?? '').split('\t');
  expect(recordId).toBe(a);
  expect(openRows(node, family, { recordId, payload })).toEqual(rowsByRecord(rows).get(a));
  expect(openRows(node, family, { recordId: b, payload })).toBeUndefined();
  const stranger = { agency: 'H52', sealingKey: createSealingKey() };
  expect(openRows(stranger, family, { recordId, payload })).toBeUndefined();
});

test('what an older catalogue sealed opens to the rows of today, with what it did not know as null', () => {
  const today = sectionBlock(family, new Uint8Array(0), 0).columns;
  const values = (line: readonly string[]): string => `${line.join('\t')}\n`;
  const older = [a, '1', '1', 'Lò Văn A'];
  const place = { agency: 'H52', recordId: a, section: family.tag };
  const text = block.encode({
    ...sectionBlock(family, Buffer.from(values(older)), 1),
    columns: today.slice(0, older.length),
  });
  const recipients = [createPublicKey(node.sealingKey)];
  const payload = sealPayload(text, place, recipients).toString('base64');
  expect(openRows(node, family, { recordId: a, payload })?.toString()).toBe(
    values([...older, ...today.slice(older.length).map(() => '\\N')]),
  );
});
