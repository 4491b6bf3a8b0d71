/** The intake in words, for the reviewer at a terminal. */
import { table } from '@lienthong/shared-schema/runtime/answer.ts';

import { type HeldReason, heldReasons } from '../db/publish-intake.ts';
import type { ImportLine, RowLine } from '../db/review-rows.ts';
import type { Standing } from '../protocol/review.ts';
import type { Published, ShownRow } from '../sync/review.ts';

export function importLines(
  imports: readonly ImportLine[],
  next: string | null,
): readonly string[] {
  if (imports.length === 0) return ['Nothing came in.'];
  const rows = imports.map(({ id, source, fileName, startedAt, agedAt, states }) => [
    id,
    startedAt.toISOString(),
    source,
    fileName ?? '-',
    Object.entries(states)
      .map(([state, count]) => `${state} ${count}`)
      .join(', ') || (agedAt === null ? 'none' : 'aged out'),
  ]);
  return [
    ...table([['IMPORT', 'BEGAN', 'SOURCE', 'FILE', 'ROWS'], ...rows]),
    ...(next === null ? [] : [`more: --before ${next}`]),
  ];
}

export function listLines(rows: readonly RowLine[], next: string | null): readonly string[] {
  if (rows.length === 0) return ['No row.'];
  return [
    ...rows.flatMap((row) => [
      `${row.importId} ${row.sheet}:${row.row}  ${row.section ?? row.kind}  ${row.state}` +
        decidedWords(row),
      ...row.findings.map((finding) => `  ${finding.vi} / ${finding.en}`),
    ]),
    ...(next === null ? [] : [`more: --after "${next}"`]),
  ];
}

function decidedWords({
  decidedBy,
  decidedAt,
  reason,
}: Pick<RowLine, 'decidedBy' | 'decidedAt'> & { readonly reason?: string | null }): string {
  if (decidedBy === null) return '';
  const why = reason === null || reason === undefined ? '' : `: ${reason}`;
  return ` by ${decidedBy}, ${decidedAt?.toISOString() ?? ''}${why}`;
}

export function shownLines(row: ShownRow): readonly string[] {
  const none = '—';
  return [
    ...listLines([row], null),
    row.record === null ? 'a new record' : `record ${row.record.id}, ${row.record.tag ?? 'gone'}`,
    ...(row.changedSince ? ['the record changed since the row was judged'] : []),
    ...row.changes.fields.map(
      (one) => `${one.section}.${one.field} (${one.vi}): ${one.old ?? none} → ${one.new ?? none}`,
    ),
    ...row.changes.lists.flatMap((one) => [
      `${one.section} (${one.vi}): ${one.old.length} rows → ${one.new.length}`,
      ...one.old.map((values) => `  - ${Object.values(values).join(' · ')}`),
      ...one.new.map((values) => `  + ${Object.values(values).join(' · ')}`),
    ]),
    `as written: ${JSON.stringify(row.written)}`,
    ...row.decisions.map(
      ({ action, decidedBy, decidedAt, reason }) =>
        `${action}${decidedWords({ decidedBy, decidedAt, reason })}`,
    ),
  ];
}

const heldWords: Readonly<Record<HeldReason, string>> = {
  closed: 'would change a closed record: look at them, and publish them with --correct-closed',
  overtaken: 'are older than what was published for the same fields: reject them',
  changed: 'are of a record that changed since they were judged: look at them',
  gone: 'are of a record that was removed, or a part of one that is not here: restore it, or reject them',
  twice: 'are of a record that another row of this publication is of: publish them afterwards',
  'no-unit': 'name a unit that is not here: publish the unit first, or correct the code',
  'no-person':
    'are lists of people who are not here, or of whom the person or a row of the list is refused',
  refused: 'have a new finding: see `npm run node -- intake list --state refused`',
};

export function publicationLines(done: Published): readonly string[] {
  const held = heldReasons
    .filter((reason) => done.held[reason] > 0)
    .map((reason) => `${done.held[reason]} rows ${heldWords[reason]}.`);
  return [
    `published ${done.published}, unchanged ${done.unchanged}.`,
    ...(done.changedSince === 0
      ? []
      : [`${done.changedSince} of the rows were of records that changed since they were judged.`]),
    ...held,
  ];
}

/** Rows that somebody else has decided. */
export function pastLines(past: readonly Standing[]): readonly string[] {
  return past.map((one) => `${one.sheet}:${one.row} is ${one.state}${decidedWords(one)}.`);
}
