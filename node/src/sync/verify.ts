/**
 * Proof of equality: the projection of the unit's own tables and its mirror, each against what the
 * hub holds, as digests of whole sections, all at a stated head. Compared at different heads they
 * would always differ, so then the answer is "not comparable", never "different".
 */
import { sealedSections, sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  type DigestBody,
  digestBody,
  digestReply,
  type SectionDigest,
} from '@lienthong/shared-schema/wire/messages.ts';

import { mirrorDigests, ownDigests } from '../db/digests.ts';
import { readFeedPosition } from '../db/feed-position.ts';
import { countOutbox, readChain } from '../db/outbox.ts';
import { sealedMirrorDigests } from '../db/sealed.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import type { EnrolledNode } from './context.ts';
import { differingSealed } from './verify-sealed.ts';

export type Verification = {
  /** False when changes are under way between the two sides: run `sync` first. */
  readonly comparable: boolean;
  readonly hubEqualsNode: boolean;
  readonly mirrorEqualsHub: boolean;
  /** Records refused by the hub: as long as there are any, node and hub differ by them. */
  readonly heldBack: number;
  readonly rows: number;
  readonly differing: readonly string[];
};

export async function verifyState(node: EnrolledNode): Promise<Verification> {
  const own = await transaction(
    node.database,
    async (tx) => ({
      head: (await readChain(tx.db)).headSeq,
      unsealed: (await countOutbox(tx.db)).unsealed,
      cursor: (await readFeedPosition(tx.db)).cursor,
      own: await ownDigests(tx.db),
      mirror: [
        ...(await mirrorDigests(tx.db)),
        ...(await sealedMirrorDigests(tx.db, sealedSections)),
      ],
      sealedDiffering: await differingSealed(node, tx),
    }),
    { isolation: 'repeatable read' },
  );
  const hub = readDigest(node, await node.link.get('/sync/v1/digest'));
  const comparable =
    own.unsealed === 0n &&
    hub.receivedSeq === own.head &&
    hub.appliedSeq === own.head &&
    hub.feedHead === own.cursor;
  // node = mirror for the opened payloads, and mirror = hub for the payloads: so node = hub
  const ownDiffers = [...differing(own.own, hub.sections), ...own.sealedDiffering];
  const mirrorDiffers = differing(own.mirror, hub.sections);
  return {
    comparable,
    hubEqualsNode: comparable && ownDiffers.length === 0,
    mirrorEqualsHub: comparable && mirrorDiffers.length === 0,
    heldBack: Number(hub.heldBack),
    rows: Number(hub.sections.reduce((sum, one) => sum + one.rows, 0n)),
    differing: comparable
      ? [
          ...ownDiffers.map((name) => `node≠hub ${name}`),
          ...mirrorDiffers.map((name) => `mirror≠hub ${name}`),
        ]
      : [],
  };
}

function differing(
  ours: readonly SectionDigest[],
  theirs: readonly SectionDigest[],
): readonly string[] {
  const bySection = new Map(theirs.map((one) => [one.section, one]));
  return ours
    .filter((one) => {
      const other = bySection.get(one.section);
      return other?.rows !== one.rows || !equalBytes(other.digest, one.digest);
    })
    .map((one) => sectionByTag(one.section)?.name ?? String(one.section));
}

function readDigest(node: EnrolledNode, bytes: Uint8Array): DigestBody {
  const { body, signature } = decodeAnswer(digestReply, bytes, 'digest');
  if (!verifyBytes(node.hubSigningKey, domains.digest, body, signature)) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'digest' });
  }
  const decoded = digestBody.decode(body);
  if (decoded.agency !== node.agency) {
    throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'digest of another node' });
  }
  return decoded;
}
