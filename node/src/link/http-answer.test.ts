import fc from 'fast-check';
import { expect, test } from 'vitest';

import { readAnswer } from './http-answer.ts';

const answerOf = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));

test('an answer with a length is read up to its end, and not before it is whole', () => {
  const bytes = answerOf(
    'HTTP/1.1 503 Later\r\nRetry-After: 17\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1',
  );
  const whole = bytes.length - 'HTTP/1.1'.length;
  expect(readAnswer(bytes)).toEqual({
    answer: { status: 503, body: Buffer.from('abc'), retryAfterS: 17 },
    bytes: whole,
    closes: false,
  });
  for (let cut = 0; cut < whole; cut++) expect(readAnswer(bytes.subarray(0, cut))).toBeUndefined();
});

test('chunks are joined, what stands behind their sizes and behind the last one is left out', () => {
  const bytes = answerOf(
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
    '3\r\nabc\r\nA;name=value\r\n0\r\n\r\n45678\r\n0\r\nx-late: 1\r\n\r\n',
  );
  expect(readAnswer(bytes)).toEqual({
    answer: { status: 200, body: Buffer.from('abc0\r\n\r\n45678'), retryAfterS: 0 },
    bytes: bytes.length,
    closes: true,
  });
  for (let cut = 0; cut < bytes.length; cut++) {
    expect(readAnswer(bytes.subarray(0, cut))).toBeUndefined();
  }
});

test('an answer without a body ends with its head', () => {
  const bytes = answerOf('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK');
  expect(readAnswer(bytes)).toMatchObject({ answer: { status: 100 }, bytes: 25 });
});

test.each([
  ['no HTTP at all', '220 mail ready\r\n\r\n'],
  ['an older HTTP, which keeps no connection', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: +3\r\n\r\nabc'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'],
  [
    'a length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['another coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n'],
  ['a chunk that is too long', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n'],
  [
    'a header folded over two lines',
    'HTTP/1.1 200 OK\r\na: b\r\n c: d\r\ncontent-length: 0\r\n\r\n',
  ],
])('%s is refused: nobody can know where the next answer begins', (_, text) => {
  expect(() => readAnswer(Buffer.from(text))).toThrow(Error);
});

const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });

test('a row of answers is read one after the other, whatever their bodies hold', () => {
  fc.assert(
    fc.property(bodies, fc.infiniteStream(fc.boolean()), (contents, inChunks) => {
      let rest = Buffer.concat(
        contents.map((content) =>
          inChunks.next().value === true
            ? answerOf(
                'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
                content.length === 0 ? '' : `${content.length.toString(16)}\r\n`,
                Buffer.from(content),
                content.length === 0 ? '' : '\r\n',
                '0\r\n\r\n',
              )
            : answerOf(
                `HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`,
                Buffer.from(content),
              ),
        ),
      );
      for (const content of contents) {
        const read = readAnswer(rest);
        expect(read?.answer.body).toEqual(Buffer.from(content));
        rest = rest.subarray(read?.bytes);
      }
      expect(rest).toHaveLength(0);
    }),
  );
});
