/** Packets of programs that hold wrong data: what a record must be told of, it is told of by packet too. */
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { shippedBook } from '@lienthong/shared-schema/code-lists/code-book.ts';
import type { Planted } from '@lienthong/shared-schema/population/mess/mess.ts';
import {
  evenRates,
  type MessyRecord,
  messyPopulation,
  recordKinds,
} from '@lienthong/shared-schema/population/mess/messy-population.ts';
import { checkRecord } from '@lienthong/shared-schema/rules/check-record.ts';
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import { expect, test } from 'vitest';

import { packetBody, profileOf } from '../../../test/support/packet-of.ts';
import { makeCodeMapping } from '../intake/code-mapping.ts';
import { openEnvelope } from './envelope.ts';
import { readPacket } from './read-packet.ts';
import { blocks } from './structure.ts';

const today = '2026-11-21';
const agency = 'H52';
const codes = shippedBook;
const mapping = makeCodeMapping([], tidyText);

/** `section.field` of everything that a packet can say. */
const sent = new Set([
  'employment.staff_number',
  ...blocks.flatMap(({ fields, lists }) =>
    [...fields, ...lists.flatMap((list) => list.fields)].map(
      ({ section, field }) => `${section.name}.${field.name}`,
    ),
  ),
]);

const inWords = ({ code, at, ordinal }: Planted): string =>
  `${code} ${at}${ordinal === undefined ? '' : ` ${ordinal}`}`;
const said = ({ code, section = '', field, ordinal }: Finding): string =>
  inWords({
    code,
    at: `${section}.${field ?? ''}`,
    ...(ordinal === undefined ? {} : { ordinal }),
  });

function findingsOf(
  draft: RecordDraft,
  units: ReadonlyMap<string, string | null>,
): readonly string[] {
  const opened = openEnvelope(packetBody('ADD', profileOf(draft)));
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  const packet = readPacket('M0001', opened.content, { agency, codes, mapping });
  const { carries } = packet;
  const together = checkRecord(packet.draft, { today, codes, agency, units, carries });
  return [...packet.findings, ...together].map(said).toSorted();
}

test('every mess that a packet can carry comes out with its findings, and nothing else does', () => {
  const rates = evenRates(recordKinds, 0.8);
  const messy = Array.from(messyPopulation({ seed: 13, agency, size: 400, today, rates }));
  const units = new Map(
    messy.flatMap(({ draft }): readonly [string, string | null][] => {
      const [row] = draft.sections['org_unit'] ?? [];
      return row?.['code'] === undefined ? [] : [[row['code'], row['closed_on'] ?? null]];
    }),
  );
  const isSent = ({ planted }: MessyRecord): boolean => planted.every(({ at }) => sent.has(at));
  const people = messy.filter((one) => one.draft.kind === 'person' && isSent(one));
  const disagreements = people.flatMap(({ mess, draft, planted }) => {
    const found = findingsOf(draft, units);
    const truth = planted.map(inWords).toSorted();
    return found.join() === truth.join() ? [] : [{ mess, found, truth }];
  });
  expect(disagreements).toEqual([]);
  expect(new Set(people.map((one) => one.mess)).size).toBeGreaterThan(25);
});
