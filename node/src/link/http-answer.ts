/**
 * Answers of the hub as HTTP/1.1 has them. `readAnswer` takes one from the front of the bytes that
 * came so far: a body has a length or comes in chunks; one that ends with the connection is refused,
 * since another answer is to follow it.
 */
export type RawAnswer = {
  readonly status: number;
  readonly body: Buffer;
  /** Seconds of the Retry-After header; 0 without one, or where it is a date. */
  readonly retryAfterS: number;
};

export type AnswerRead = {
  readonly answer: RawAnswer;
  /** How many of the bytes it took. */
  readonly bytes: number;
  /** Whether the hub said that it closes the connection behind it. */
  readonly closes: boolean;
};

const headEnd = '\r\n\r\n';

/** Undefined as long as the answer is not whole. Throws where the bytes are no answer. */
export function readAnswer(bytes: Buffer): AnswerRead | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(
    /^HTTP\/1\.1 (?<status>[1-5][0-9]{2})(?: |$)/u.exec(first)?.groups?.['status'],
  );
  if (Number.isNaN(status)) throw new Error('this is no HTTP');
  const headers = readHeaders(lines);
  const body = readBody(bytes, end + headEnd.length, status, headers);
  if (body === undefined) return undefined;
  return {
    answer: {
      status,
      body: body.content,
      retryAfterS: secondsOf(headers.get('retry-after')),
    },
    bytes: body.end,
    closes: headers.get('connection')?.toLowerCase() === 'close',
  };
}

export const secondsOf = (header: string | undefined): number =>
  header !== undefined && /^[0-9]{1,6}$/u.test(header) ? Number(header) : 0;

function readHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!/^[!#-'*+.0-9A-Z^_`a-z|~-]+$/u.test(name)) throw new Error('a header is unreadable');
    const value = line.slice(colon + 1).trim();
    // two lengths are two opinions on where the next answer begins
    if (headers.has(name) && name === 'content-length') throw new Error('two lengths');
    headers.set(name, value);
  }
  return headers;
}

type Body = { readonly content: Buffer; readonly end: number };

function readBody(
  bytes: Buffer,
  start: number,
  status: number,
  headers: ReadonlyMap<string, string>,
): Body | undefined {
  if (status < 200 || status === 204 || status === 304) {
    return { content: Buffer.alloc(0), end: start };
  }
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked' || length !== undefined) {
      throw new Error('the length of the answer is unclear');
    }
    return readChunks(bytes, start);
  }
  if (length === undefined || !/^[0-9]{1,9}$/u.test(length)) {
    throw new Error('the answer has no length');
  }
  const end = start + Number(length);
  return bytes.length < end ? undefined : { content: copyOf(bytes, start, end), end };
}

function readChunks(bytes: Buffer, start: number): Body | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const line = /^(?<size>[0-9a-fA-F]{1,7})(?:;.*)?$/u.exec(bytes.toString('latin1', at, lineEnd));
    if (line === null) throw new Error('a chunk has no size');
    const size = Number.parseInt(line.groups?.['size'] ?? '', 16);
    if (size === 0) return readTrailer(bytes, lineEnd, chunks);
    const from = lineEnd + 2;
    at = from + size + 2;
    if (bytes.length < at) return undefined;
    if (bytes.toString('latin1', at - 2, at) !== '\r\n') throw new Error('a chunk has no end');
    chunks.push(bytes.subarray(from, from + size));
  }
}

/** Headers behind the last chunk mean nothing here; an empty line ends them. */
function readTrailer(
  bytes: Buffer,
  lastLineEnd: number,
  chunks: readonly Buffer[],
): Body | undefined {
  const end = bytes.indexOf(headEnd, lastLineEnd);
  return end < 0 ? undefined : { content: Buffer.concat(chunks), end: end + headEnd.length };
}

const copyOf = (bytes: Buffer, start: number, end: number): Buffer =>
  Buffer.from(bytes.subarray(start, end));
