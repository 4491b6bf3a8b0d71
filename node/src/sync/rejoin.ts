/**
 * Rejoining after a restore of this node, or after it lost against its clone: the hub's chain is
 * taken over batch by batch, and what only this node has is sealed anew behind it. Each step is a
 * transaction of its own; interrupted anywhere, the same command goes on. Nothing is sent before.
 */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import { lockName, transaction, type Tx } from '@lienthong/shared-schema/runtime/database.ts';

import { readChain, sealedHash } from '../db/outbox.ts';
import { sealerLock } from '../db/seal.ts';
import { NodeError } from '../errors.ts';
import { chainsFit } from '../protocol/hello.ts';
import {
  afterProbe,
  beginSearch,
  nextProbe,
  planRejoin,
  type RejoinPlan,
  stepOfRejoin,
} from '../protocol/rejoin.ts';
import { abandonBatches } from './abandon-batches.ts';
import { type Adopted, adoptBatch } from './adopt-batch.ts';
import { fetchArchived } from './archive-batch.ts';
import type { EnrolledNode } from './context.ts';
import { greetAndStore, greetHub } from './say-hello.ts';

export type RejoinResult = {
  /** False where the hub has nothing that this node lacks. */
  readonly needed: boolean;
  /** Newest batch that both had before. */
  readonly common: bigint;
  readonly batchesFetched: number;
  readonly batchesAbandoned: number;
  /** Records put back into the log from abandoned batches. */
  readonly recordsAbandoned: number;
  /** Records that were written from the hub's batches and are there now. */
  readonly recordsRestored: number;
  readonly recordsDeleted: number;
  /** Records of which something stays as it was changed here; it is sealed behind. */
  readonly recordsLocal: number;
  /** Restored people and units whose sections that never travel are as in the backup, or missing. */
  readonly unitSectionsAsInBackup: number;
  readonly unitSectionsMissing: number;
  /** Sealed sections of a record that no key here opens; what was here stays. */
  readonly payloadsNotOpened: number;
};

export type RejoinOptions = {
  /** All is done and nothing kept: one transaction, rolled back. */
  readonly dryRun: boolean;
  readonly onBatch?: (progress: { readonly done: number; readonly total: number }) => void;
};

const isolated = { isolation: 'repeatable read', firstly: sealerLock } as const;

/**
 * Throws NODE_REJOIN_REFUSED where the hub's operator has not released the unit, and what a hello
 * throws where rejoining is not what helps.
 */
export async function rejoin(node: EnrolledNode, options: RejoinOptions): Promise<RejoinResult> {
  // no other process of this node greets the hub meanwhile
  return transaction(node.database, async (tx) => {
    await lockName(tx.db, 'hello', 'wait');
    const { plan, permitted, hubHead } = await makePlan(node);
    if (plan === undefined) return new Tally(plan).result();
    if (options.dryRun) {
      return rolledBack(node, (inner) => takeOver(node, plan, options, (act) => act(inner)));
    }
    if (!permitted) throw new NodeError('NODE_REJOIN_REFUSED');
    const result = await takeOver(node, plan, options, (act) =>
      transaction(node.database, act, isolated),
    );
    const { headHash } = await readChain(node.database.db);
    if (!equalBytes(headHash, hubHead)) {
      throw new NodeError('NODE_HUB_UNTRUSTED', { detail: 'the archive has another end' });
    }
    await greetAndStore(node);
    node.session.ready = true;
    return result;
  });
}

type Step = <T>(act: (tx: Tx) => Promise<T>) => Promise<T>;

async function makePlan(node: EnrolledNode): Promise<{
  readonly plan: RejoinPlan | undefined;
  readonly permitted: boolean;
  readonly hubHead: Uint8Array;
}> {
  const { own, answer, ownHashAtHubHead } = await greetHub(node);
  const step = stepOfRejoin(own, answer, chainsFit(answer, ownHashAtHubHead));
  switch (step.kind) {
    case 'nothing':
      return { plan: undefined, permitted: true, hubHead: answer.headHash };
    case 'stop':
      throw new NodeError(step.why === 'cloned' ? 'NODE_CLONED' : 'NODE_HUB_BEHIND');
    case 'search': {
      const common = await findCommon(node, own.headSeq, answer.headSeq);
      const plan = planRejoin(own.headSeq, answer.headSeq, common);
      return { plan, permitted: step.permitted, hubHead: answer.headHash };
    }
  }
}

async function findCommon(node: EnrolledNode, ownHead: bigint, hubHead: bigint): Promise<bigint> {
  let search = beginSearch(ownHead, hubHead);
  for (let seq = nextProbe(search); seq !== undefined; seq = nextProbe(search)) {
    const here = await sealedHash(node.database.db, seq);
    const { headerHash } = await fetchArchived(node, seq);
    search = afterProbe(search, seq, here !== undefined && equalBytes(here, headerHash));
  }
  return search.common;
}

async function takeOver(
  node: EnrolledNode,
  plan: RejoinPlan,
  options: RejoinOptions,
  step: Step,
): Promise<RejoinResult> {
  const { common, abandon, fetch } = plan;
  const tally = new Tally(plan);
  if (abandon > 0n) {
    const range = { common, head: common + abandon };
    tally.abandoned = await step((tx) => abandonBatches(tx, range));
  }
  for (let seq = common + 1n; seq <= common + fetch; seq++) {
    const batch = await fetchArchived(node, seq);
    tally.add(await step((tx) => adoptBatch(node, tx, batch)));
    options.onBatch?.({ done: Number(seq - common), total: Number(fetch) });
  }
  return tally.result();
}

/** Thrown inside the transaction to undo it, with what it would have done. */
class RolledBack extends Error {
  readonly result: RejoinResult;

  constructor(result: RejoinResult) {
    super();
    this.result = result;
  }
}

async function rolledBack(
  node: EnrolledNode,
  act: (tx: Tx) => Promise<RejoinResult>,
): Promise<RejoinResult> {
  try {
    return await transaction(
      node.database,
      async (tx) => {
        throw new RolledBack(await act(tx));
      },
      isolated,
    );
  } catch (error) {
    if (error instanceof RolledBack) return error.result;
    throw error;
  }
}

/** What was done, each record counted once however many batches have it. */
class Tally {
  abandoned = 0;
  readonly #plan: RejoinPlan | undefined;
  readonly #restored = new Map<string, 'updated' | 'inserted'>();
  readonly #deleted = new Set<string>();
  readonly #local = new Set<string>();
  #unopened = 0;
  #fetched = 0;

  constructor(plan: RejoinPlan | undefined) {
    this.#plan = plan;
  }

  add({ restored, deleted, local, updated, unopened }: Adopted): void {
    this.#fetched += 1;
    this.#unopened += unopened;
    const known = new Set(updated);
    for (const id of restored) {
      this.#deleted.delete(id);
      // one that was missing before the first batch stays one of the missing
      if (!this.#restored.has(id)) this.#restored.set(id, known.has(id) ? 'updated' : 'inserted');
    }
    for (const id of deleted) {
      this.#restored.delete(id);
      this.#local.delete(id);
      this.#deleted.add(id);
    }
    for (const id of local) this.#local.add(id);
  }

  result(): RejoinResult {
    const kinds = [...this.#restored.values()];
    return {
      needed: this.#plan !== undefined,
      common: this.#plan?.common ?? 0n,
      batchesFetched: this.#fetched,
      batchesAbandoned: Number(this.#plan?.abandon ?? 0n),
      recordsAbandoned: this.abandoned,
      recordsRestored: kinds.length,
      recordsDeleted: this.#deleted.size,
      recordsLocal: this.#local.size,
      unitSectionsAsInBackup: kinds.filter((kind) => kind === 'updated').length,
      unitSectionsMissing: kinds.filter((kind) => kind === 'inserted').length,
      payloadsNotOpened: this.#unopened,
    };
  }
}
