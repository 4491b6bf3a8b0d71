import fc from 'fast-check';
import { expect, test } from 'vitest';

import * as codeListMessages from './code-list-messages.ts';
import { protoText, WireError } from './codec.ts';
import golden from './golden-messages.json' with { type: 'json' };
import { type AnyCodec, messageExamples } from './messages-fixture.ts';
import * as messages from './messages.ts';

const goldenBytes: Readonly<Record<string, string>> = golden;
const all = Object.entries(messageExamples);
const codecs: ReadonlySet<unknown> = new Set(
  Object.values({ ...messages, ...codeListMessages }).filter((one) => typeof one === 'object'),
);

test('every codec has an example, every message of the contract too unless it is part of another', () => {
  expect(new Set<unknown>(all.map(([, { codec }]) => codec))).toEqual(codecs);
  const names = [...protoText.matchAll(/^message (\w+)/gmu)].map(([, name]) => name ?? '');
  const parts = [
    'Fault',
    'Figure',
    'SectionDigest',
    'DigestBranch',
    'RecordDigest',
    'SectionReach',
    'CodeEntry',
    'Answer',
    'Correction',
    'Comparison',
  ];
  expect(names.toSorted()).toEqual([...Object.keys(messageExamples), ...parts].toSorted());
});

test.each(all)('%s has the bytes that it had when it was released', (name, { codec, message }) => {
  expect(codec.encode(message as never).toString('hex')).toBe(goldenBytes[name]);
  expect(codec.decode(Buffer.from(goldenBytes[name] ?? '', 'hex'))).toEqual(message);
});

test('the bytes of a refusal are those that the protobuf specification gives', () => {
  // field 1 and 2 length-delimited, field 3 varint: worked out by hand
  expect(messages.refusal.encode({ code: 'A', message: 'é', retryAfterS: 300 })).toEqual(
    Buffer.from([0x0a, 1, 0x41, 0x12, 2, 0xc3, 0xa9, 0x18, 0xac, 0x02]),
  );
});

const enums: Readonly<Record<string, readonly string[]>> = {
  relation: ['EQUAL', 'NODE_AHEAD', 'NODE_BEHIND', 'FORKED', 'HUB_BEHIND', 'CLONED'],
  outcome: ['ACCEPTED', 'DUPLICATE', 'GAP', 'FORK', 'FENCED', 'BUSY'],
  codec: ['ZSTD'],
  reach: ['NATIONAL', 'SEALED', 'UNIT'],
  state: ['MATCHED', 'DIFFERS', 'NOT_FOUND', 'WITHHELD', 'STALE'],
  direction: ['TO_HUB', 'TO_NODE'],
  part: [
    'HELLO',
    'BATCH',
    'TOTALS',
    'FEED_REQUEST',
    'HELLO_REPLY',
    'PUSH_REPLY',
    'TOTALS_REPLY',
    'FEED_PAGE',
  ],
};

test('the enums known here are those of the contract', () => {
  const declared = [...protoText.matchAll(/^enum \w+ \{([^}]+)\}/gmu)].map(([, text]) =>
    [...(text ?? '').matchAll(/^ {2}(\w+) = ([0-9]+);/gmu)].map(([, name]) => name ?? ''),
  );
  expect(new Set(declared.map((names) => names.slice(1)))).toEqual(new Set(Object.values(enums)));
});

/** Any value of the example's shape. */
function like(value: unknown, name = ''): fc.Arbitrary<unknown> {
  const names = enums[name];
  if (names !== undefined) return fc.constantFrom(...names);
  if (typeof value === 'bigint') return fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
  if (typeof value === 'boolean') return fc.boolean();
  if (typeof value === 'number') return fc.integer({ min: 0, max: 2 ** 31 - 1 });
  if (typeof value === 'string') {
    return fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
  }
  if (value instanceof Uint8Array) return fc.uint8Array().map((bytes) => Buffer.from(bytes));
  if (Array.isArray(value)) return fc.array(like(value[0]), { maxLength: 4 });
  return likeMessage(value as object);
}

const likeMessage = (message: object): fc.Arbitrary<object> =>
  fc.record(
    Object.fromEntries(Object.entries(message).map(([key, value]) => [key, like(value, key)])),
  );

test.each(all)('any %s comes back as it was written', (_, { codec, message }) => {
  fc.assert(
    fc.property(likeMessage(message), (any) => {
      expect(codec.decode(codec.encode(any as never))).toEqual(any);
    }),
    { numRuns: 50 },
  );
});

/** The message, or undefined where the bytes are refused; throws what is no WireError. */
function tryDecode(codec: AnyCodec, bytes: Uint8Array): object | undefined {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

test.each(all)(
  '%s cut off anywhere is refused or is a shorter message',
  (_, { codec, message }) => {
    const whole = codec.encode(message as never);
    let refused = 0;
    for (let length = 0; length < whole.length; length += 1) {
      const found = tryDecode(codec, whole.subarray(0, length));
      if (found === undefined) refused += 1;
      expect(found).not.toEqual(message);
    }
    expect(refused).toBeGreaterThan(0);
  },
);

test.each(all)(
  'bytes that are no %s give a WireError and nothing else',
  (_, { codec, message }) => {
    const whole = codec.encode(message as never);
    const damaged = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, mask]) => whole.map((byte, i) => (i === at ? byte ^ mask : byte)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        tryDecode(codec, bytes);
      }),
      { numRuns: 300 },
    );
  },
);

test('deeply nested bytes are refused before the stack ends', () => {
  // groups within groups, an old way to nest that decoders skip recursively
  const nested = Buffer.alloc(100_000, 0x7b);
  expect(() => messages.batchFrame.decode(nested)).toThrow(WireError);
});

test('enum value 0, no value and an unknown value are refused', () => {
  const header = (outcome: readonly number[]): Buffer => Buffer.from(outcome);
  for (const bytes of [header([]), header([8, 0]), header([8, 77])]) {
    expect(() => messages.pushReply.decode(bytes)).toThrow(WireError);
  }
  expect(messages.pushReply.decode(header([8, 1])).outcome).toBe('ACCEPTED');
  expect(() => messages.batchHeader.decode(Buffer.alloc(0))).toThrow(WireError);
  expect(() => messages.feedHeader.decode(Buffer.from([0x30, 0]))).toThrow(WireError);
  expect(() => messages.helloBody.decode(Buffer.from([0x28, 0]))).toThrow(WireError);
});

test('what no database could hold is refused: 2^63 and more, and U+0000 in a text', () => {
  const receipt = messages.totalsReceiptBody;
  const body = { agency: 'H52', asOf: '2026-09-01', reportHash: Buffer.alloc(0) };
  for (const hubIncarnation of [2n ** 63n, 2n ** 64n - 1n]) {
    const bytes = receipt.encode({ ...body, hubIncarnation });
    expect(() => receipt.decode(bytes)).toThrow(WireError);
  }
  const withZero = receipt.encode({ ...body, hubIncarnation: 1n, agency: 'H52\0' });
  expect(() => receipt.decode(withZero)).toThrow(WireError);
});

test('fields of a later version are skipped', () => {
  const later = Buffer.concat([
    messages.refusal.encode({ code: 'A', message: 'b', retryAfterS: 1 }),
    // field 500, length-delimited
    Buffer.from([0xa2, 0x1f, 3, 1, 2, 3]),
  ]);
  expect(messages.refusal.decode(later)).toEqual({ code: 'A', message: 'b', retryAfterS: 1 });
});

test('numbers beyond 2^53 keep every digit', () => {
  const message = { ...(messageExamples['ProgressBody']?.message as messages.ProgressBody) };
  const receivedSeq = 9_007_199_254_740_993n;
  const bytes = messages.progressBody.encode({ ...message, receivedSeq });
  expect(messages.progressBody.decode(bytes).receivedSeq).toBe(receivedSeq);
});
