/** A node that programs send packets to: its database and its log, and no hub. */
import { type Database, openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { keptCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { logTo } from '@lienthong/shared-schema/runtime/log.ts';

import type { PacketReply } from '../../node/src/packet/reply.ts';
import type { Service } from '../../node/src/packet/structure.ts';
import { issueKey } from '../../node/src/sync/keys.ts';
import { receivePacket } from '../../node/src/sync/receive-packet.ts';
import { receiveTree } from '../../node/src/sync/receive-tree.ts';
import { openNodePlace } from './test-node.ts';

export type SendOptions = { readonly source?: string; readonly idempotencyKey?: string };

/** A node of H52, without units or people. Keys: `hr` and `pay`, and `new` under review. */
export async function openPacketNode() {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await openNodePlace('H52'));
  const database: Database = stack.use(
    openDatabase(place.url, { max: 10, applicationName: 'packets' }),
  );
  const lines: string[] = [];
  const node = {
    database,
    agency: place.agency,
    now: () => new Date(),
    log: logTo({ write: (line) => void lines.push(line) }, 'node', 'debug'),
    codeBook: keptCodeBook(),
  };
  const keyOf = async (name: string, review = false): Promise<string> =>
    (await issueKey(node, { name, scopes: ['packets'], review })).key;
  const hrKey = await keyOf('hr');
  await keyOf('pay');
  await keyOf('new', true);
  const rowsOf = async (
    text: string,
    ...values: readonly unknown[]
  ): Promise<Record<string, unknown>[]> =>
    (await database.pool.query<Record<string, unknown>>(text, [...values])).rows;
  const open = stack.move();
  return {
    node,
    keyOf,
    hrKey,
    rowsOf,
    logged: (): string => lines.join(''),
    send: (service: Service, body: Buffer, options: SendOptions = {}): Promise<PacketReply> =>
      receivePacket(node, { source: 'hr', idempotencyKey: null, service, body, ...options }),
    sendTree: (body: Buffer): Promise<PacketReply> =>
      receiveTree(node, { source: 'hr', idempotencyKey: null, body }),
    /** The record with this staff number. */
    async recordOf(staff: string): Promise<string> {
      const [row] = await rowsOf(
        'select record_id from profile.employment where staff_number = $1',
        staff,
      );
      return String(row?.['record_id']);
    },
    [Symbol.asyncDispose]: (): Promise<void> => open.disposeAsync(),
  };
}

export type TestPacketNode = Awaited<ReturnType<typeof openPacketNode>>;

/** `code` of everything that a reply tells, errors first. */
export const codesOf = (reply: PacketReply): readonly string[] =>
  [...reply.errors, ...reply.warnings].map((one) => one.code);
