/**
 * The way to the hub where there is no network: it answers from a bundle that came on a medium. What
 * is asked must be what the bundle answers, so the use cases check it as they check the line; a
 * question that it does not answer is a BundleSilence.
 */
import type { KeyObject } from 'node:crypto';

import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { subjectOfHello, subjectOfNumber } from '@lienthong/shared-schema/runtime/bundle-format.ts';
import type { OpenBundle } from '@lienthong/shared-schema/runtime/bundle-reader.ts';
import { sha256 } from '@lienthong/shared-schema/runtime/signature.ts';
import {
  batchFrame,
  type BundlePart,
  helloBody,
  helloReply,
  helloRequest,
  type PushOutcome,
  pushReply,
  totalsFrame,
} from '@lienthong/shared-schema/wire/messages.ts';

import { decodeAnswer } from './decode-answer.ts';
import type { HubLink } from './hub-link.ts';

/** The bundle says nothing to this question: it is not an error, the next bundle may. */
export class BundleSilence extends Error {
  override readonly name = 'BundleSilence';
}

/** `key` opens what was encrypted for this node. */
export function openBundleLink(bundle: OpenBundle, key: KeyObject): HubLink {
  const bySubject = new Map(
    bundle.entries.map((entry) => [nameOf(entry.part, entry.subject), entry]),
  );
  const find = async (part: BundlePart, subject: Uint8Array): Promise<Buffer> => {
    const entry = bySubject.get(nameOf(part, subject));
    if (entry === undefined) throw new BundleSilence(`no ${part}`);
    return Buffer.from(await bundle.read(entry, key));
  };
  const answerHello = async (body: Uint8Array): Promise<Buffer> => {
    const request = helloRequest.decode(body);
    for (const entry of bundle.entries) {
      if (entry.part !== 'HELLO_REPLY') continue;
      if (!equalBytes(entry.subject.subarray(0, request.helloNonce.length), request.helloNonce)) {
        continue;
      }
      const answer = Buffer.from(await bundle.read(entry, key));
      // a welcome counts whatever was sealed since; a refusal only where we still are as we said
      if (equalBytes(entry.subject, subjectOfHello(request)) || isWelcome(answer)) return answer;
    }
    throw new BundleSilence('no answer to this hello');
  };
  const answerBatch = async (body: Uint8Array): Promise<Buffer> => {
    const { hubIncarnation, header } = batchFrame.decode(body);
    // a receipt of a hub before its restore says nothing of what it has now
    if (hubIncarnation !== bundle.header.hubIncarnation) throw new BundleSilence('another hub');
    const reply = await find('PUSH_REPLY', sha256(header));
    if (lasting.has(decodeAnswer(pushReply, reply, 'answer to a batch').outcome)) return reply;
    throw new BundleSilence('the batch is to be sent again');
  };
  const post = async (path: string, body: Uint8Array): Promise<Buffer> => {
    switch (path) {
      case '/sync/v1/hello':
        return answerHello(body);
      case '/sync/v1/batches':
        return answerBatch(body);
      case '/sync/v1/totals':
        return find('TOTALS_REPLY', sha256(totalsFrame.decode(body).report));
      default:
        throw new BundleSilence(`no answer to ${path}`);
    }
  };
  return {
    post,
    get: async (path) => {
      const after = /^\/sync\/v1\/feed\?after=(?<after>[0-9]+)$/u.exec(path)?.groups?.['after'];
      if (after === undefined) throw new BundleSilence(`no answer to ${path}`);
      return find('FEED_PAGE', subjectOfNumber(BigInt(after)));
    },
    openSendingWay: async () => ({
      post: (path, body) => ({ handedOver: Promise.resolve(), answer: post(path, body) }),
      [Symbol.dispose]: () => undefined,
    }),
    [Symbol.dispose]: () => undefined,
  };
}

/** What the hub says of a batch for good; all else is told by sending it again. */
const lasting: ReadonlySet<PushOutcome> = new Set(['ACCEPTED', 'DUPLICATE', 'FORK']);

function isWelcome(reply: Uint8Array): boolean {
  const { body } = decodeAnswer(helloReply, reply, 'answer to a hello');
  const { relation } = decodeAnswer(helloBody, body, 'answer to a hello');
  return relation === 'EQUAL' || relation === 'NODE_AHEAD';
}

const nameOf = (part: BundlePart, subject: Uint8Array): string =>
  `${part} ${Buffer.from(subject).toString('hex')}`;
