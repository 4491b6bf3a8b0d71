/** The sides are compared, and the report and its answer kept by both. */
import { expect } from 'vitest';

import { verifyState } from '../../../node/src/sync/verify.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openSynced, processOf } from './pair.ts';

export async function verify(how: Thoroughness): Promise<Row> {
  await using pair = await openSynced();
  const { node, hub, place } = pair;
  const subject = {
    name: 'verify',
    side: 'node',
    urls: { node: place.url, hub: hub.url },
    // by which rule digests are made, and they, on both sides; the report there, and here
    commits: 5,
    // a verification that is not known to be stored is made and stored once more
    twice: true,
    act: (database: typeof node.database) => verifyState(processOf(node, database)),
    check(verification: Awaited<ReturnType<typeof verifyState>>) {
      expect(verification).toMatchObject({ comparable: true, confirmed: true, differences: [] });
    },
  } as const;
  return await failEverywhere(subject, how);
}
