/** `intake remove`, `removed`, `restore`, `decisions`: records taken out and put back, and their journal. */
import { type Answer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Command } from 'commander';

import { decisionsOnRecord } from '../db/decisions.ts';
import { listRemoved, readRemoved } from '../db/removed-records.ts';
import { NodeError } from '../errors.ts';
import type { NodeContext } from '../sync/context.ts';
import { removePerson, restorePerson } from '../sync/record-life.ts';
import {
  type Answering,
  decider,
  identifier,
  pageLimit,
  pageNumber,
  recordName,
} from './intake-arguments.ts';

const pageRecords = 100;

type DecisionFlags = { readonly reason?: string; readonly as?: string };

export function removedCommands(intake: Command, answering: Answering): void {
  intake
    .command('remove')
    .argument('<record>', 'identifier of the record, or the 12-digit number', recordName)
    .requiredOption('--reason <text>', 'why, kept with the record')
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description('take a record out that should not be there; who left is closed, not removed')
    .action((record: string, flags: { reason: string; as?: string }, command: Command) =>
      answering(async ({ database }) => {
        const by = decider(flags.as, command);
        const done = await removePerson(database, { record, by, reason: flags.reason });
        const lines = [
          `Record ${done.recordId} is out; npm run node -- intake restore ${done.recordId}`,
        ];
        return { json: done, lines };
      }),
    );

  intake
    .command('removed')
    .argument('[record]', 'one of them, whole', identifier)
    .option('--before <number>', 'the next page, after this one', pageNumber)
    .option('--limit <records>', 'on a page', pageLimit, pageRecords)
    .description('records that were taken out and are kept, newest first')
    .action((record: string | undefined, page: { before?: bigint; limit: number }) =>
      answering(async ({ database }) => {
        if (record === undefined) return await removedPage(database, page);
        const one = await readRemoved(database.db, record);
        if (one === undefined) throw new NodeError('NODE_RECORD_UNKNOWN');
        const { sections, ...facts } = one;
        const lines = [
          JSON.stringify(facts, (_, value: unknown) =>
            typeof value === 'bigint' ? value.toString() : value,
          ),
          ...Object.entries(sections).map(([name, rows]) => `${name}: ${JSON.stringify(rows)}`),
        ];
        return { json: one, lines };
      }),
    );

  intake
    .command('decisions')
    .argument('<record>', undefined, identifier)
    .description('who closed, reopened, removed or restored a record, when and why')
    .action((recordId: string) =>
      answering(async ({ database }) => {
        const decisions = await decisionsOnRecord(database.db, recordId);
        const rows = decisions.map(({ action, decidedBy, decidedAt, reason, details }) => [
          decidedAt.toISOString(),
          action,
          decidedBy,
          reason ?? '-',
          details === null ? '' : JSON.stringify(details),
        ]);
        const lines = rows.length === 0 ? ['Nothing was decided about it.'] : table(rows);
        return { json: { recordId, decisions }, lines };
      }),
    );

  intake
    .command('restore')
    .argument('<record>', undefined, identifier)
    .option('--reason <text>', 'kept in the journal')
    .option('--as <name>', 'who decides; by default the user of the operating system')
    .description('put a removed record back as it was')
    .action((recordId: string, flags: DecisionFlags, command: Command) =>
      answering(async ({ database }) => {
        const by = decider(flags.as, command);
        const done = await restorePerson(database, { recordId, by, reason: flags.reason });
        return { json: done, lines: [`Record ${recordId} is back as it was.`] };
      }),
    );
}

async function removedPage(
  { db }: NodeContext['database'],
  page: { readonly before?: bigint; readonly limit: number },
): Promise<Answer> {
  const records = await listRemoved(db, page);
  const next = records.length < page.limit ? null : (records.at(-1)?.id ?? null);
  const rows = records.map((one) => [
    one.recordId,
    one.removedAt.toISOString(),
    one.removedBy,
    one.reason ?? '-',
  ]);
  const lines =
    rows.length === 0
      ? ['No record was taken out.']
      : table([['RECORD', 'REMOVED', 'BY', 'REASON'], ...rows]);
  return {
    json: { records, next },
    lines: next === null ? lines : [...lines, `more: --before ${next}`],
  };
}
