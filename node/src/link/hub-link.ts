/**
 * The node's way to the hub: HTTPS with mutual TLS, keep-alive, a time-out on silence, answers of
 * bounded size. A refusal of the hub becomes a NodeError with the hub's own code and sentence. Calls
 * go on connections of their own; batches, which follow each other, on one that is theirs alone.
 */
import { Agent, request as httpsRequest } from 'node:https';
import type { SecureContextOptions } from 'node:tls';

import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import { batchContentBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import { refusal } from '@lienthong/shared-schema/wire/messages.ts';

import { NodeError } from '../errors.ts';
import { type RawAnswer, secondsOf } from './http-answer.ts';
import { Pipeline, silenceMs } from './pipeline.ts';

export type HubLink = Disposable & {
  readonly post: (path: string, body: Uint8Array) => Promise<Buffer>;
  readonly get: (path: string) => Promise<Buffer>;
  /** A way for calls that follow each other without waiting; nobody else has it until its disposal. */
  readonly openSendingWay: () => Promise<SendingWay>;
};

export type SendingWay = Disposable & {
  /** Sends behind what was sent before; the answers come in the same order. */
  readonly post: (path: string, body: Uint8Array) => Sending;
};

export type Sending = {
  /** Resolves when the last byte of the body has left, or never will. */
  readonly handedOver: Promise<void>;
  /** As of `post`: the body of the answer, or a NodeError. */
  readonly answer: Promise<Buffer>;
};

export type HubAddress = { readonly host: string; readonly port: number };

const answerBytesMax = batchContentBytesMax * 2;

type Outgoing = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly contentType?: string;
  readonly body?: Uint8Array;
};

/** One call; resolves with any status. Throws NODE_HUB_UNREACHABLE when there is no whole answer. */
export async function callHub(
  address: HubAddress,
  tls: SecureContextOptions & { readonly agent?: Agent },
  outgoing: Outgoing,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new NodeError('NODE_HUB_UNREACHABLE', { cause }));
    const call = httpsRequest(
      {
        ...tls,
        host: address.host,
        port: address.port,
        method: outgoing.method,
        path: outgoing.path,
        timeout: silenceMs,
        minVersion: 'TLSv1.3',
        headers:
          outgoing.body === undefined
            ? {}
            : {
                'content-type': outgoing.contentType ?? 'application/x-protobuf',
                'content-length': outgoing.body.length,
              },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > answerBytesMax) call.destroy(new Error('the answer is too large'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          if (response.complete) {
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks),
              retryAfterS: secondsOf(response.headers['retry-after']),
            });
          } else fail(new Error('the answer was cut'));
        });
        response.on('error', fail);
      },
    );
    call.on('timeout', () => call.destroy(new Error('the hub is silent')));
    call.on('error', fail);
    call.end(outgoing.body);
  });
}

export function openHubLink(address: HubAddress, tls: SecureContextOptions): HubLink {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const call = async (outgoing: Outgoing): Promise<Buffer> => {
    return bodyOf(await callHub(address, { ...tls, agent }, outgoing));
  };
  const pipelines = new Set<Pipeline>();
  let idle: Pipeline | undefined;
  const takePipeline = async (): Promise<Pipeline> => {
    const known = idle;
    idle = undefined;
    if (known?.idle === true) return known;
    if (known !== undefined) pipelines.delete(known);
    const pipeline = new Pipeline(address, tls);
    pipelines.add(pipeline);
    try {
      await pipeline.opened;
    } catch (error) {
      pipelines.delete(pipeline);
      throw error;
    }
    return pipeline;
  };
  /** One connection waits for the next push; what has unanswered calls on it is of no more use. */
  const giveBack = (pipeline: Pipeline): void => {
    if (pipeline.idle && idle === undefined && pipelines.has(pipeline)) {
      idle = pipeline;
      return;
    }
    pipeline[Symbol.dispose]();
    pipelines.delete(pipeline);
  };
  return {
    post: (path, body) => call({ method: 'POST', path, body }),
    get: (path) => call({ method: 'GET', path }),
    openSendingWay: async () => {
      const pipeline = await takePipeline();
      return {
        post: (path, body) => {
          const { handedOver, answer } = pipeline.post(path, body);
          return { handedOver, answer: answer.then(bodyOf) };
        },
        [Symbol.dispose]: () => giveBack(pipeline),
      };
    },
    [Symbol.dispose]: () => {
      agent.destroy();
      for (const pipeline of pipelines) pipeline[Symbol.dispose]();
      pipelines.clear();
    },
  };
}

function bodyOf(answer: RawAnswer): Buffer {
  if (answer.status === 200) return answer.body;
  throw refusalError(answer);
}

/** A slow line, overload, and what a gateway says when the hub is away: trying again may help. */
const passingStatuses = new Set([408, 429, 502, 503, 504]);

function refusalError({ status, body, retryAfterS }: RawAnswer): NodeError {
  const kind = passingStatuses.has(status) ? 'NODE_HUB_BUSY' : 'NODE_HUB_REFUSED';
  try {
    const said = refusal.decode(body);
    if (said.code !== '') {
      const wait = Math.max(retryAfterS, said.retryAfterS);
      return new NodeError(kind, { detail: `${said.code}: ${said.message}`, retryAfterS: wait });
    }
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
  }
  return new NodeError(kind, { detail: `HTTP ${status}`, retryAfterS });
}
