/**
 * Decoders on bytes that nobody of ours wrote, from a fixed seed: they read or refuse in words of their
 * own, in bounded work, and what they read they write again the same.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { nationalSections } from '../catalogue/catalogue.ts';
import { codeListNames } from '../catalogue/code-list-names.ts';
import { shippedBook } from '../code-lists/code-book.ts';
import { readInvitation, writeInvitation } from '../enrolment/invitation.ts';
import { copyLine, parseCopyLine } from '../sql/copy-text.ts';
import { isPartialDate, parseVietnameseDate } from '../text/partial-date.ts';
import { readBlock, sectionBlock, wireColumns } from './blocks.ts';
import { WireError } from './codec.ts';
import { totalsBytesMax } from './limits.ts';
import { type AnyCodec, messageExamples } from './messages-fixture.ts';
import * as messages from './messages.ts';

const seed = 20_261_122;
const all = Object.entries(messageExamples);

/** The message, or undefined where the bytes are refused; throws what is no WireError. */
function tryDecode(codec: AnyCodec, bytes: Uint8Array): object | undefined {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

type Edit = { readonly at: number; readonly cut: number; readonly put: Uint8Array };

/** Bytes with up to four pieces cut out and others put in their place. */
const edited = (whole: Uint8Array): fc.Arbitrary<Buffer> => {
  const edit: fc.Arbitrary<Edit> = fc.record({
    at: fc.nat(whole.length),
    cut: fc.nat(8),
    put: fc.uint8Array({ maxLength: 8 }),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce<Buffer>(
        (bytes, { at, cut, put }) =>
          Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]),
        Buffer.from(whole),
      ),
    );
};

test.each(all)(
  'an edited %s is refused or is read, and what is read is written the same',
  (_, { codec, message }) => {
    const whole = codec.encode(message as never);
    let read = 0;
    fc.assert(
      fc.property(edited(whole), (bytes) => {
        const found = tryDecode(codec, bytes);
        if (found === undefined) return;
        read += 1;
        expect(codec.decode(codec.encode(found as never))).toEqual(found);
      }),
      { seed, numRuns: 500 },
    );
    expect(read).toBeLessThan(500);
  },
);

const names = Object.keys(messageExamples).filter((name) => name !== 'FeedContent');

test.each(names)('I15: a %s of half a million fields is refused before it is objects', (name) => {
  const codec = messageExamples[name]?.codec;
  if (codec === undefined) throw new Error(`no ${name}`);
  // each field number, as a number and as empty bytes, over and over in the size of a report
  for (let number = 1; number <= 13; number += 1) {
    for (const wire of [0, 2]) {
      const flood = Buffer.alloc(totalsBytesMax, Buffer.from([(number << 3) | wire, 0]));
      const startedAt = performance.now();
      expect(tryDecode(codec, flood)).toBeUndefined();
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
  }
});

test('I15: packed numbers by the million are refused, those of a real block are read', () => {
  const columns = Buffer.alloc(2 ** 20, 1);
  const packed = Buffer.concat([Buffer.from([0x1a, 0x80, 0x80, 0x40]), columns]);
  expect(() => messages.block.decode(packed)).toThrow(WireError);
  for (const section of nationalSections) {
    const block = sectionBlock(section, Buffer.alloc(0), 0);
    expect(messages.block.decode(messages.block.encode(block)).columns).toEqual(block.columns);
  }
});

test('a report of some thousand figures and a page of ten thousand verdicts are read', () => {
  const figures = Array.from({ length: 5_000 }, (_, i) => ({
    measure: 'object_class',
    key: String(i),
    value: BigInt(i),
  }));
  const report = { protocol: 1, audience: Buffer.alloc(32), agency: 'H52', asOf: '2026-09-01' };
  const bytes = messages.totalsReport.encode({ ...report, headSeq: 1n, figures });
  expect(messages.totalsReport.decode(bytes).figures).toHaveLength(5_000);
  const fault = { code: 'number_format', section: 10, field: 'full_name' };
  const verdicts = Array.from({ length: 10_000 }, (_, i) => ({
    recordId: '01900000-0000-7000-8000-000000000001',
    version: BigInt(i),
    seq: 1n,
    faults: [fault, fault, fault],
  }));
  const content = { blocks: [], markers: [], totals: [], checkpoints: [], resends: [] };
  const page = messages.feedContent.encode({ ...messageOf('FeedContent'), ...content, verdicts });
  expect(messages.feedContent.decode(page).verdicts).toHaveLength(10_000);
});

function messageOf(name: string): messages.FeedContent {
  return messageExamples[name]?.message as messages.FeedContent;
}

test.each([
  ['an overlong zero', 'c080'],
  ['half a pair of surrogates', 'eda080'],
  ['a whole pair in CESU-8', 'eda081edb080'],
  ['beyond Unicode', 'f4908080'],
  ['a start without an end', 'e1bb'],
  ['an end without a start', '80'],
])('a text with %s is refused in every message', (_, hex) => {
  const text = Buffer.from(hex, 'hex');
  for (const [number, codec] of [
    [2, messages.helloRequest],
    [2, messages.receiptBody],
    [1, messages.refusal],
    [3, messages.feedContent],
    [2, messages.batchContent],
  ] as const) {
    const bytes = Buffer.concat([Buffer.from([(number << 3) | 2, text.length]), text]);
    expect(() => codec.decode(bytes)).toThrow(WireError);
  }
});

const anyBlock = (section: (typeof nationalSections)[number]): fc.Arbitrary<messages.Block> => {
  const tags = wireColumns(section).map(({ tag }) => tag);
  return fc.record({
    section: fc.constant(section.tag),
    catalogueVersion: fc.nat(),
    columns: fc.array(fc.oneof(fc.constantFrom(...tags), fc.nat(2_000)), { maxLength: 12 }),
    rowCount: fc.nat(),
    rows: fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .string({ unit: fc.constantFrom('\t', '\n', '\\', 'N', 'x', 'ộ') })
        .map((s) => Buffer.from(s)),
    ),
  });
};

test('a block of any columns and bytes is read under known names or is refused', () => {
  for (const section of nationalSections) {
    const known = new Set(wireColumns(section).map(({ name }) => name));
    fc.assert(
      fc.property(anyBlock(section), (block) => {
        const readable = readBlock(section, block);
        if (readable === undefined) return;
        expect(readable.columns.every((name) => known.has(name))).toBe(true);
        expect(readable.columns.length + readable.unknownTags.length).toBe(block.columns.length);
        expect(readable.rows.length).toBeLessThanOrEqual(block.rows.length);
      }),
      { seed, numRuns: 100 },
    );
  }
});

/** The columns of a line, or undefined where it is refused; throws what is no RangeError. */
function tryParseLine(line: string): readonly (string | null)[] | undefined {
  try {
    return parseCopyLine(line);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

test('any line is parsed as COPY text or refused with RangeError, and its columns come back', () => {
  const unit = fc.constantFrom('\\', 'N', 't', 'x', '0', '\t', 'ộ', '\r');
  fc.assert(
    fc.property(fc.string({ unit }), (line) => {
      const values = tryParseLine(line);
      if (values === undefined) return;
      expect(parseCopyLine(copyLine(values))).toEqual(values);
    }),
    { seed, numRuns: 2_000 },
  );
});

test('an invitation is read as it was written or not at all', () => {
  const invitation = {
    host: 'hub.example',
    port: 8443,
    agency: 'H52',
    token: 'ab'.repeat(32),
    rootFingerprint: 'cd'.repeat(32),
    expiresAt: '2026-12-01T00:00:00.000Z',
  };
  const line = writeInvitation(invitation);
  fc.assert(
    fc.property(
      fc.oneof(edited(Buffer.from(line)).map(String), fc.string({ unit: 'binary' })),
      (text) => {
        const read = readInvitation(text);
        if (read === undefined) return;
        expect(readInvitation(writeInvitation(read))).toEqual(read);
        expect(read.port).toBeGreaterThan(0);
      },
    ),
    { seed, numRuns: 2_000 },
  );
});

/** With a digit that is one, and none of ours. */
const digitsAndMore = Array.from('0123456789-/. ٣');
const dateLike = fc.string({ unit: fc.constantFrom(...digitsAndMore), maxLength: 12 });

test('a partial date is a date of the calendar, and what offices write becomes one or nothing', () => {
  fc.assert(
    fc.property(fc.oneof(dateLike, fc.string({ unit: 'binary' })), (text) => {
      const parsed = parseVietnameseDate(text);
      expect(parsed === undefined || isPartialDate(parsed)).toBe(true);
      if (!isPartialDate(text)) return;
      const [year = '', month = '01', day = '01'] = text.split('-');
      const iso = `${year}-${month}-${day}T00:00:00.000Z`;
      expect(new Date(iso).toISOString()).toBe(iso);
    }),
    { seed, numRuns: 5_000 },
  );
});

test('any text is looked up in any code list, and names of objects are no codes', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', 'toString', ''),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...codeListNames),
      text,
      fc.option(dateLike),
      (list, code, event) => {
        const known = shippedBook.withCode(list, code);
        expect(known.every((entry) => entry.code === code)).toBe(true);
        expect(Array.isArray(shippedBook.withLabel(list, code))).toBe(true);
        expect(shippedBook.standing(list, code, event) === 'unknown').toBe(known.length === 0);
      },
    ),
    { seed, numRuns: 2_000 },
  );
});
