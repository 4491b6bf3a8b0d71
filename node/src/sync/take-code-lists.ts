/**
 * Takes the code lists of a feed page, in the transaction that applies the page: from its commit on
 * everything that is read, checked or entered here goes by them. A task is left for the unit's people,
 * since records may hold what the new version has closed.
 */
import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import { storeCodeLists } from '@lienthong/shared-schema/runtime/load-code-lists.ts';
import { verifyBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { codeListBody, listFromWire } from '@lienthong/shared-schema/wire/code-list-messages.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import type { SignedBody } from '@lienthong/shared-schema/wire/messages.ts';

import { newestTaken, raiseTasks, storeTaken } from '../db/code-lists.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { decideCodeList } from '../protocol/code-list.ts';
import type { EnrolledNode } from './context.ts';

const shippedLists = new Map(Object.values(codeLists).map((list) => [list.name, list]));

/** Throws NODE_HUB_UNTRUSTED for a list that is not signed, or does not fit; nothing is taken then. */
export async function takeCodeLists(
  node: Pick<EnrolledNode, 'audience' | 'hubSigningKey' | 'log'>,
  tx: Tx,
  arrived: readonly SignedBody[],
): Promise<void> {
  for (const { body, signature } of arrived) {
    if (!verifyBytes(node.hubSigningKey, domains.codeList, body, signature)) {
      throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'code list' });
    }
    const decoded = decodeAnswer(codeListBody, body, 'code list');
    const { hubIncarnation, audience } = decoded;
    const list = listFromWire(decoded);
    const { name, version } = list;
    const held = await newestTaken(tx.db, name);
    const shipped = shippedLists.get(name);
    const here = { audience: node.audience, held, shipped };
    const decision = decideCodeList(here, { hubIncarnation, audience, list, body });
    switch (decision.kind) {
      case 'ignore':
        break;
      case 'refuse':
        throw new NodeError('NODE_HUB_UNTRUSTED', { detail: decision.reason });
      case 'take':
        await storeTaken(tx.db, { hubIncarnation, name, version, body, signature });
        await storeCodeLists(tx, [decision.inForce]);
        await raiseTasks(tx.db, [name]);
        node.log.info({ list: name, version }, 'code list taken');
        break;
    }
  }
}
