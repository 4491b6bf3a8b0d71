/** What a machine that is not enrolled may send as a signing request, from a fixed seed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { readDerElements } from './der-reader.ts';
import { forgeRequest } from './request-fixture.ts';
import { createRsaKeyPair } from './rsa-key.ts';
import { judgeSigningRequest, signingRequestBytesMax } from './signing-request.ts';

const seed = 20_261_122;
const pair = await createRsaKeyPair();
const good = forgeRequest({ ...pair, subject: [{ name: 'commonName', value: 'H52' }] });
const der = Buffer.from(good.replaceAll(/-----[A-Z ]+-----|\s/gu, ''), 'base64');
const toPem = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;

test('elements of any bytes are those bytes, cut and nothing else', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
          .array(fc.constantFrom(0x30, 0x80, 0x81, 0x82, 0x02, 0x00, 0x01, 0x1f))
          .map((list) => Uint8Array.from(list)),
      ),
      (bytes) => {
        const elements = readDerElements(Buffer.from(bytes));
        if (elements === undefined) return;
        expect(Buffer.concat(elements.map(({ raw }) => raw))).toEqual(Buffer.from(bytes));
        for (const { raw, content } of elements)
          expect(raw.subarray(-content.length || raw.length)).toEqual(content);
      },
    ),
    { seed, numRuns: 5_000 },
  );
});

test('a request with pieces cut out and others put in is refused and never throws', () => {
  const edits = fc.array(
    fc.record({ at: fc.nat(der.length), cut: fc.nat(6), put: fc.uint8Array({ maxLength: 6 }) }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(edits, (list) => {
      const bytes = list.reduce<Buffer>(
        (all, { at, cut, put }) =>
          Buffer.concat([all.subarray(0, at), put, all.subarray(at + cut)]),
        der,
      );
      if (bytes.equals(der)) return;
      expect(judgeSigningRequest({ csrPem: toPem(bytes), agency: 'H52' }).kind).toBe('refused');
    }),
    { seed, numRuns: 1_500 },
  );
});

test('a text of the largest size is judged in no time, whatever it is', () => {
  const begin = '-----BEGIN CERTIFICATE REQUEST-----';
  for (const piece of [' ', '\n', 'A', 'A ', '=', '-', begin, `${begin} `, '\u00a0']) {
    const room = Math.floor((signingRequestBytesMax - begin.length - 2) / Buffer.byteLength(piece));
    for (const csrPem of [piece.repeat(room), `${begin}\n${piece.repeat(room)}`]) {
      const startedAt = performance.now();
      expect(judgeSigningRequest({ csrPem, agency: 'H52' })).toEqual({
        kind: 'refused',
        reason: 'unparsable',
      });
      expect(performance.now() - startedAt).toBeLessThan(500);
    }
  }
});
