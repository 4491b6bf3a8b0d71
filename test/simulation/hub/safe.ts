/** `hub safe`: a backup is restored aside, read batch by batch, and what is in it is called safe. */
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';

import { transact } from '../engine.ts';
import { contentHash, headerHash } from '../messages.ts';
import type { World } from '../world.ts';
import { type Archived, type Hub, keyOf } from './state.ts';

/** `copy` is a hub whose tables are the backup's. */
export function callSafe(world: World, copy: Hub): void {
  const { hub, cores, observer } = world;
  for (const unit of hub.units.values()) {
    let so = cores.beginSafe(unit);
    const upTo = world.glue.readsBackup
      ? (copy.units.get(unit.agency)?.headSeq ?? 0n)
      : unit.appliedSeq;
    for (let seq = unit.safeSeq + 1n; seq <= upTo; seq += 1n) {
      const own = hub.inbox.get(keyOf(unit.agency, seq));
      const other = world.glue.readsBackup ? copy.inbox.get(keyOf(unit.agency, seq)) : own;
      if (other === undefined) break;
      const same = own !== undefined && equalBytes(own.headerHash, other.headerHash);
      so = cores.afterCopied(so, unit, { seq, fault: faultOf(other), same });
    }
    if (so.fault !== undefined) world.shape('fault in a backup');
    if (so.safeSeq === unit.safeSeq) continue;
    transact(hub.machine, 'hub safe', () => hub.units.update(unit.agency, { safeSeq: so.safeSeq }));
    world.shape('batches safe');
    observer.calledSafe(unit.agency, so.safeSeq);
  }
}

function faultOf({ header, content, headerHash: hash }: Archived): string | undefined {
  if (contentHash(content) !== header.body.contentHash) return 'content';
  return equalBytes(headerHash(header.body), hash) ? undefined : 'header';
}
