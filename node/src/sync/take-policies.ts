/**
 * Takes the reach policies of a feed page, in the transaction that applies the page. Each is taken in
 * its turn, also where a later one on the same page undoes it: the hub has obeyed it meanwhile and
 * wants the records again.
 */

import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { policyBody, type SignedBody } from '@lienthong/shared-schema/wire/messages.ts';
import { reachesFromWire } from '@lienthong/shared-schema/wire/policy-reaches.ts';

import { readPolicy, relogSections, storePolicy } from '../db/policy.ts';
import { sealerLock } from '../db/seal.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { decidePolicy } from '../protocol/policy.ts';
import type { EnrolledNode } from './context.ts';

/** Throws NODE_HUB_UNTRUSTED for a policy that is not signed, or does not fit; nothing is taken then. */
export async function takePolicies(
  node: Pick<EnrolledNode, 'audience' | 'hubSigningKey' | 'log'>,
  { db, client }: Tx,
  policies: readonly SignedBody[],
): Promise<void> {
  if (policies.length === 0) return;
  await client.query(sealerLock);
  for (const { body, signature } of policies) {
    if (!verifyBytes(node.hubSigningKey, domains.policy, body, signature)) {
      throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'policy' });
    }
    const { reaches, ...decoded } = decodeAnswer(policyBody, body, 'policy');
    const arrived = { ...decoded, reaches: reachesFromWire(reaches), body };
    const held = await readPolicy(db);
    const decision = decidePolicy({ audience: node.audience, held }, arrived);
    switch (decision.kind) {
      case 'ignore':
        break;
      case 'refuse':
        throw new NodeError('NODE_HUB_UNTRUSTED', { detail: decision.reason });
      case 'take':
        await storePolicy(db, { ...arrived, signature });
        await relogSections(db, decision.changed);
        node.log.info(
          { version: arrived.version.toString(), sections: decision.changed.map((s) => s.name) },
          'policy taken',
        );
        break;
    }
  }
}
