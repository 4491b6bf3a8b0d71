/**
 * One TLS connection on which requests follow each other without waiting for the answers, which come
 * in the same order (HTTP/1.1 pipelining, which `node:https` has not). So what was sent first arrives
 * first and has all of the line, one handshake serves all, and nothing overtakes anything.
 *
 * It is for calls that may be repeated: when the connection breaks, every call without an answer
 * fails with NODE_HUB_UNREACHABLE, whether the hub has acted on it or not.
 */
import { isIP } from 'node:net';
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls';

import { NodeError } from '../errors.ts';
import { type RawAnswer, readAnswer } from './http-answer.ts';

export type Exchange = {
  /** Resolves when the last byte has gone to the operating system, or never will. */
  readonly handedOver: Promise<void>;
  readonly answer: Promise<RawAnswer>;
};

type Waiting = {
  readonly resolve: (answer: RawAnswer) => void;
  readonly reject: (error: NodeError) => void;
};

/** Without a byte either way for so long, while an answer is awaited, the hub counts as gone. */
export const silenceMs = 120_000;
/** Shorter than the hub keeps an idle connection, so that no call runs into its closing. */
const idleMs = 50_000;
/** Receipts and refusals; feed pages do not come this way. */
const answerBytesMax = 65_536;

export class Pipeline implements Disposable {
  readonly #socket: TLSSocket;
  readonly #host: string;
  readonly #opened = Promise.withResolvers<void>();
  readonly #waiting: Waiting[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(
    address: { readonly host: string; readonly port: number },
    tls: SecureContextOptions,
  ) {
    const { host, port } = address;
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ ...tls, ...name, host, port, minVersion: 'TLSv1.3' });
    this.#socket = socket;
    this.#host = `${host}:${port}`;
    socket.setNoDelay(true);
    socket.setTimeout(silenceMs);
    socket.once('secureConnect', () => this.#opened.resolve());
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (cause) => this.#end(cause));
    socket.on('close', () => this.#end(new Error('the connection was cut')));
    socket.on('timeout', () => this.#end(new Error('the hub is silent')));
  }

  /** Resolves once the hub has shown its certificate. Throws NODE_HUB_UNREACHABLE. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Whether another call may go this way: nothing waits, and neither side has ended it. */
  get idle(): boolean {
    return !this.#ended && this.#waiting.length === 0;
  }

  /** Sends behind what was sent before. The body must not change until it is handed over. */
  post(path: string, body: Uint8Array): Exchange {
    const answer = new Promise<RawAnswer>((resolve, reject) => {
      if (this.#ended) reject(unreachable(new Error('the connection was closed')));
      else this.#waiting.push({ resolve, reject });
    });
    if (this.#ended) return { answer, handedOver: Promise.resolve() };
    this.#socket.setTimeout(silenceMs);
    const head = [
      `POST ${path} HTTP/1.1`,
      `host: ${this.#host}`,
      'content-type: application/x-protobuf',
      `content-length: ${body.length}`,
    ];
    const handedOver = new Promise<void>((resolve) => {
      this.#socket.cork();
      this.#socket.write(`${head.join('\r\n')}\r\n\r\n`);
      this.#socket.write(body, () => resolve());
      this.#socket.uncork();
    });
    return { answer, handedOver };
  }

  [Symbol.dispose](): void {
    this.#end(new Error('the connection was closed'));
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    try {
      while (!this.#ended && this.#takeOne());
      if (this.#rest.length > answerBytesMax) throw new Error('the answer is too large');
    } catch (cause) {
      this.#end(cause);
    }
  }

  /** Gives the oldest call its answer, if that is whole. */
  #takeOne(): boolean {
    const read = readAnswer(this.#rest);
    if (read === undefined) return false;
    this.#rest = this.#rest.subarray(read.bytes);
    if (read.answer.status < 200) return true;
    const oldest = this.#waiting.shift();
    if (oldest === undefined) throw new Error('the hub answered what nobody asked');
    oldest.resolve(read.answer);
    if (read.closes) this.#end(new Error('the hub closed the connection'));
    if (this.#waiting.length === 0) this.#socket.setTimeout(idleMs);
    return true;
  }

  #end(cause: unknown): void {
    this.#ended = true;
    this.#socket.destroy();
    this.#opened.reject(unreachable(cause));
    for (const { reject } of this.#waiting.splice(0)) reject(unreachable(cause));
  }
}

const unreachable = (cause: unknown): NodeError => new NodeError('NODE_HUB_UNREACHABLE', { cause });
