/** Where in a sheet a finding is to be seen. */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { orgPost } from '@lienthong/shared-schema/catalogue/organisation.ts';
import { identity } from '@lienthong/shared-schema/catalogue/person.ts';
import type { Finding } from '@lienthong/shared-schema/rules/findings.ts';

import type { Cell } from '../workbook/cell.ts';
import { cellText } from './cell-text.ts';
import type { KnownSheet } from './sheet-plan.ts';

const assigned = fieldNamed(orgPost, 'assigned');
const pin = fieldNamed(identity, 'pin');

/**
 * The columns of the field that the finding is on, from 0. A field for which the sheet has no column is
 * shown where the row begins: at its first cell that holds something.
 */
export function columnsOfFinding(
  plan: KnownSheet,
  cells: readonly Cell[],
  finding: Finding,
): readonly number[] {
  const [name = '', section = finding.section] = (finding.field ?? '').split('.').toReversed();
  if (plan.kind === 'units' && name === assigned.name) return wrongPosts(plan, cells);
  if (plan.kind === 'list' && name === pin.name) return [plan.pinColumn];
  const column = plan.sections
    .filter((one) => section === undefined || one.section.name === section)
    .flatMap((one) => one.fields)
    .find((one) => one.field.name === name)?.column;
  return [
    column ??
      Math.max(
        0,
        cells.findIndex((cell) => cellText(cell) !== null),
      ),
  ];
}

/** The finding does not say of which kind the posts are: every one that is no whole number. */
function wrongPosts(
  { posts }: Extract<KnownSheet, { kind: 'units' }>,
  cells: readonly Cell[],
): readonly number[] {
  const filled = posts
    .map((post) => post.column)
    .filter((column) => cellText(cells[column]) !== null);
  const wrong = filled.filter((column) => !/^\d{1,9}$/u.test(cellText(cells[column]) ?? ''));
  return wrong.length > 0 ? wrong : filled.slice(0, 1);
}
