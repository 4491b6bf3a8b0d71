/** Carries bundles between a node and a hub as a courier does: files in a folder, nothing else. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { expect } from 'vitest';

import { exportAnswer } from '../../hub/src/sync/export-bundle.ts';
import { importBundle, type ImportedBundle } from '../../hub/src/sync/import-bundle.ts';
import type { EnrolledNode } from '../../node/src/sync/context.ts';
import { exportBundle } from '../../node/src/sync/export-bundle.ts';
import { importAnswer, type ImportedAnswer } from '../../node/src/sync/import-bundle.ts';
import { compareSides } from '../constellation/compare.ts';
import { openScratch } from '../services/scratch.ts';
import type { TestHub } from './test-hub.ts';
import type { TestNode } from './test-node.ts';

export type Courier = AsyncDisposable & {
  readonly folder: string;
  /** The node writes a bundle. Returns its path. */
  readonly fromNode: (node: EnrolledNode) => Promise<string>;
  readonly toHub: (hub: TestHub, path: string) => Promise<ImportedBundle>;
  /** The hub writes its answer to the unit. Returns its path. */
  readonly fromHub: (hub: TestHub, agency?: string) => Promise<string>;
  readonly toNode: (node: EnrolledNode, path: string) => Promise<ImportedAnswer>;
  /** There and back, once. */
  readonly round: (hub: TestHub, node: EnrolledNode) => Promise<ImportedAnswer>;
};

export async function openCourier(): Promise<Courier> {
  const scratch = await openScratch();
  const newPath = (): string => join(scratch.path, `${randomUUID()}.bundle`);
  const courier: Courier = {
    folder: scratch.path,
    async fromNode(node) {
      const path = newPath();
      await exportBundle(node, { path, force: false });
      return path;
    },
    toHub: (hub, path) => importBundle(hub, path),
    async fromHub(hub, agency = 'H52') {
      const path = newPath();
      await exportAnswer(hub, agency, { path, force: false });
      return path;
    },
    toNode: (node, path) => importAnswer(node, path),
    async round(hub, node) {
      await courier.toHub(hub, await courier.fromNode(node));
      return courier.toNode(node, await courier.fromHub(hub, node.agency));
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
  return courier;
}

/** Node, hub and mirror row by row, by SQL of its own, and nothing that waits. */
export async function expectEqual(hub: TestHub, node: TestNode): Promise<void> {
  const sides = await compareSides({ agency: node.agency, hub: hub.url, node: node.url });
  expect(sides.differing).toEqual([]);
  expect(sides.rows).toBeGreaterThan(0);
  const { rows } = await node.database.pool.query(
    `select (select count(*) from sync.outbox_batch where receipted_at is null) as unreceipted,
      (select count(*) from sync.change_log) as unsealed`,
  );
  expect(rows).toEqual([{ unreceipted: 0n, unsealed: 0n }]);
}
