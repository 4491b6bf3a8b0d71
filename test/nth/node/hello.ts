/** The node greets the hub: nonce, answer, and what it means. */
import { expect } from 'vitest';

import { ensureHello } from '../../../node/src/sync/say-hello.ts';
import { rowsOf } from '../../support/test-hub.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openSynced, processOf } from './pair.ts';

const drawn = ['lineage_token', 'hello_nonce', 'clock_skew_ms'];

export async function greet(how: Thoroughness): Promise<Row> {
  await using pair = await openSynced();
  const { node, hub, place } = pair;
  const subject = {
    name: 'greet the hub',
    side: 'node',
    urls: { node: place.url, hub: hub.url },
    drawn,
    besides: ['registry.spent_hello'],
    // the nonce, the hub's answer, and what is kept of it
    commits: 3,
    twice: true,
    act: (database: typeof node.database) => ensureHello(processOf(node, database, false)),
    async check() {
      // who does not know that the answer was stored greets once more, under another epoch
      const [[status, epoch] = []] = await rowsOf(hub, 'select status, epoch from registry.unit');
      const { rows } = await node.database.pool.query('select epoch from sync.link');
      expect({ status, rows }).toEqual({ status: 'active', rows: [{ epoch }] });
    },
  } as const;
  return await failEverywhere(subject, how);
}
