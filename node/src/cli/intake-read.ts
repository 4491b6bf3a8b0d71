/** `intake imports`, `list`, `show`: looking at what came in. */
import { Option, type Command } from 'commander';

import type { RowKind } from '../db/intake.ts';
import type { RowKey } from '../db/publish-pick.ts';
import { listImports, listRows } from '../db/review-rows.ts';
import { type RowState, rowStates } from '../protocol/review.ts';
import { showRow } from '../sync/review.ts';
import {
  type Answering,
  identifier,
  kindOption,
  pageLimit,
  rowCursor,
  rowKey,
} from './intake-arguments.ts';
import { importLines, listLines, shownLines } from './intake-lines.ts';

const pageRows = 100;

export function readingCommands(intake: Command, answering: Answering): void {
  intake
    .command('imports')
    .option('--source <name>', 'of this source')
    .option('--open', 'with rows that wait or are refused')
    .option('--before <import>', 'the next page, after this one', identifier)
    .option('--limit <imports>', 'on a page', pageLimit, pageRows)
    .description('what came in, newest first, with the states of its rows')
    .action((page: { source?: string; open?: boolean; before?: string; limit: number }) =>
      answering(async ({ database }) => {
        const imports = await listImports(database.db, page);
        const next = imports.length < page.limit ? null : (imports.at(-1)?.id ?? null);
        return { json: { imports, next }, lines: importLines(imports, next) };
      }),
    );

  intake
    .command('list')
    .argument('[import]', 'of this import', identifier)
    .addOption(new Option('--state <state>', 'rows in this state').choices([...rowStates]))
    .addOption(kindOption())
    .option('--finding <code>', 'with this finding, such as code_unknown')
    .option('--source <name>', 'of this source')
    .option('--unit <code>', 'of this unit and those below it')
    .option(
      '--after <cursor>',
      'the next page, by the cursor that the last one ended with',
      rowCursor,
    )
    .option('--limit <rows>', 'on a page', pageLimit, pageRows)
    .description('rows with their states and findings, page by page')
    .action((importId: string | undefined, flags: ListFlags) =>
      answering(async ({ database }) => {
        const { state, kind, finding, source, unit, after, limit } = flags;
        const states = state === undefined ? undefined : [state];
        const filter = { importId, states, kind, finding, source, unit };
        const rows = await listRows(database.db, filter, { after, limit });
        const last = rows.length < limit ? undefined : rows.at(-1);
        const next = last === undefined ? null : `${last.importId} ${last.sheet}:${last.row}`;
        return { json: { rows, next }, lines: listLines(rows, next) };
      }),
    );

  intake
    .command('show')
    .argument('<import>', undefined, identifier)
    .argument('<row>', 'sheet and row, such as "Danh sách:12"', rowKey)
    .description('one row: as written, its findings, what it would change, what was decided')
    .action((importId: string, row: RowKey) =>
      answering(async ({ database }) => {
        const shown = await showRow(database, importId, row);
        return { json: shown, lines: shownLines(shown) };
      }),
    );
}

type ListFlags = {
  readonly state?: RowState;
  readonly kind?: RowKind;
  readonly finding?: string;
  readonly source?: string;
  readonly unit?: string;
  readonly after?: RowKey & { readonly importId: string };
  readonly limit: number;
};
