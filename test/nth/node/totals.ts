/** The report of a day is made, stored, sent, and its receipt kept. */
import { reportTotals } from '../../../node/src/sync/report-totals.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';
import { openSynced, processOf } from './pair.ts';

export async function report(how: Thoroughness): Promise<Row> {
  await using pair = await openSynced();
  const { node, hub, place } = pair;
  const subject = {
    name: 'report the totals',
    side: 'node',
    urls: { node: place.url, hub: hub.url },
    // the due days, the measures, the report, at the hub, the receipt
    commits: 5,
    act: (database: typeof node.database) => reportTotals(processOf(node, database)),
  } as const;
  return await failEverywhere(subject, how);
}
