/** Whether nothing is under way any more at a hub and its nodes, by a few counts on each side. */
import { withClient } from '../services/postgres-databases.ts';
import type { NodeWorld, World } from './world.ts';

/** What is not at rest yet, in words; empty: all is. */
export async function unrest(world: World): Promise<readonly string[]> {
  const hub = await hubHeads(world.hub.server.url);
  const found = await Promise.all(
    world.nodes.map(async (node) => {
      const own = await nodeHeads(node);
      const there = hub.get(node.agency);
      if (there === undefined) return [`${node.agency}: unknown to the hub`];
      const words = [
        own.unsealed > 0 ? `${own.unsealed} changes unsealed` : '',
        own.head === there.head ? '' : `head ${own.head}, at the hub ${there.head}`,
        own.unreceipted > 0 ? `${own.unreceipted} batches without a receipt` : '',
        there.applied === there.head ? '' : `applied ${there.applied} of ${there.head}`,
        own.cursor === there.feedHead ? '' : `feed ${own.cursor} of ${there.feedHead}`,
        there.status === 'active' ? '' : `the unit is ${there.status}`,
      ];
      return words.filter((word) => word !== '').map((word) => `${node.agency}: ${word}`);
    }),
  );
  return found.flat();
}

type HubHeads = {
  readonly agency: string;
  readonly status: string;
  readonly head: string;
  readonly applied: string;
  readonly feedHead: string;
};

async function hubHeads(url: string): Promise<ReadonlyMap<string, HubHeads>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<HubHeads>(
      `select agency, status, head_seq::text as head, applied_seq::text as applied,
         feed_head::text as "feedHead" from registry.unit`,
    );
    return new Map(rows.map((row) => [row.agency, row]));
  });
}

type NodeHeads = {
  readonly head: string;
  readonly cursor: string;
  readonly unsealed: number;
  readonly unreceipted: number;
};

async function nodeHeads(node: NodeWorld): Promise<NodeHeads> {
  return withClient(node.server.url, async (client) => {
    const { rows } = await client.query<NodeHeads>(
      `select (select head_seq::text from sync.chain) as head,
         (select cursor::text from sync.feed_position) as cursor,
         (select count(*)::integer from sync.change_log) as unsealed,
         (select count(*)::integer from sync.outbox_batch where receipted_at is null) as unreceipted`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`${node.agency} has no chain`);
    return row;
  });
}
