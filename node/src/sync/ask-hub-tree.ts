/** One question to the hub about its tree of digests, and its signed answer, checked. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { sha256, verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  type DigestTreeBody,
  digestTreeBody,
  digestTreeReply,
  type DigestTreeRequest,
  digestTreeRequest,
} from '@lienthong/shared-schema/wire/messages.ts';

import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';

export async function askHubTree(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey' | 'link'>,
  request: DigestTreeRequest,
): Promise<DigestTreeBody> {
  const question = digestTreeRequest.encode(request);
  return readTreeAnswer(node, question, await node.link.post('/sync/v1/digest/tree', question));
}

/** Throws NODE_HUB_UNTRUSTED unless the hub signed it for this node, as the answer to this question. */
export function readTreeAnswer(
  node: Pick<EnrolledNode, 'agency' | 'hubSigningKey'>,
  question: Uint8Array,
  bytes: Uint8Array,
): DigestTreeBody {
  const { body, signature } = decodeAnswer(digestTreeReply, bytes, 'digest');
  if (!verifyBytes(node.hubSigningKey, domains.digest, body, signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'digest' });
  }
  const answer = decodeAnswer(digestTreeBody, body, 'digest');
  if (answer.agency !== node.agency || !equalBytes(answer.requestHash, sha256(question))) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'digest of another node or question' });
  }
  return answer;
}
