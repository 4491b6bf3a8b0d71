/** Writes of a program on records that are closed, or of whose number others know more than the program. */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { putRecords, tree } from '../../../test/support/node-records.ts';
import { type NodePlace, openNodePlace } from '../../../test/support/test-node.ts';
import { person, recordId } from '../../../test/support/test-records.ts';
import { readRecordTags } from '../db/record-tags.ts';
import { type Reader, wholeAgency } from '../protocol/reader.ts';
import { createRecord } from './create-record.ts';
import type { Writer } from './write-once.ts';
import { type SectionWrite, writeSection } from './write-section.ts';

let place: NodePlace;
let database: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  place = await openNodePlace('H52');
  database = openDatabase(place.url, { max: 2, applicationName: 'write-test' });
  await database.pool.query(`insert into intake.source (name, kind, trusted)
    values ('trusted', 'api', true), ('reviewed', 'api', false)`);
  await putRecords(database, tree);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const pinOf = (n: number): string => `0140850${String(n).padStart(5, '0')}`;

/** A program of H52.01, or of the whole agency. */
function writerOf(source: 'trusted' | 'reviewed', unit: string | null = null): Writer {
  const reader: Reader = { ...wholeAgency, unit };
  const log = pino({ level: 'silent' });
  const node = { database, agency: 'H52', now: () => new Date('2026-11-22T03:00:00Z'), log };
  return { node, codeBook: loadCodeBook, source, reader };
}

async function writeOf(n: number, section: string, json: object): Promise<SectionWrite> {
  const id = recordId(n);
  const tag = (await readRecordTags(database.db, [id])).get(id) ?? '';
  return {
    recordId: id,
    ifMatch: [tag],
    section: sectionNamed(section),
    how: 'merge',
    json,
    correction: true,
  };
}

const rowsOf = async (): Promise<readonly { state: string; codes: readonly string[] }[]> => {
  const { rows } = await database.pool.query<{ state: string; codes: readonly string[] }>(
    `select r.state, jsonb_path_query_array(r.findings, '$.code') as codes
     from intake.row r join intake.import i on i.id = r.import_id order by i.started_at`,
  );
  return rows;
};

test('a closed record is not called active by a program, and it is told at once where', async () => {
  await putRecords(database, [person(700, pinOf(700), { status: '3' })]);
  for (const source of ['trusted', 'reviewed'] as const) {
    const write = await writeOf(700, 'employment', { status: '1' });
    expect(await writeSection(writerOf(source), write)).toMatchObject({
      kind: 'faulty',
      findings: [{ code: 'record_closed', pointer: '/status' }],
    });
  }
  expect(await rowsOf()).toEqual([]);
});

test('a change of nothing is no change', async () => {
  await putRecords(database, [person(701, pinOf(701))]);
  const write = await writeOf(701, 'contact', {});
  expect(await writeSection(writerOf('trusted'), write)).toMatchObject({
    kind: 'written',
    written: { state: 'unchanged' },
  });
});

test('a number is free of a closed record, also of one that the program may not see', async () => {
  await putRecords(database, [
    person(710, pinOf(710)),
    person(711, pinOf(711), { unit: 'H52', status: '3' }),
    person(712, pinOf(712), { unit: 'H52' }),
  ]);
  const writer = writerOf('trusted', 'H52.01');
  const taken = await writeOf(710, 'identity', { pin: pinOf(712) });
  // of an active one that it may not see it is told nothing: the unit's own people are
  expect(await writeSection(writer, taken)).toMatchObject({ written: { state: 'waiting' } });
  expect((await rowsOf()).at(-1)).toMatchObject({
    state: 'refused',
    codes: expect.arrayContaining(['pin_held_elsewhere']),
  });
  const free = await writeOf(710, 'identity', { pin: pinOf(711) });
  expect(await writeSection(writer, free)).toMatchObject({ written: { state: 'published' } });
});

test('a new person whose closed record the program may not see waits for those who may', async () => {
  await putRecords(database, [person(720, pinOf(720), { unit: 'H52', status: '3' })]);
  const { identity = [], employment = [] } = person(721, pinOf(720)).rows ?? {};
  const json = { sections: { identity: identity[0], employment: employment[0] } };
  expect(await createRecord(writerOf('trusted', 'H52.01'), { json, once: null })).toMatchObject({
    written: { state: 'waiting', recordId: null },
  });
  expect((await rowsOf()).at(-1)).toMatchObject({
    state: 'refused',
    codes: expect.arrayContaining(['record_closed']),
  });
});
