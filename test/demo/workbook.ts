/**
 * A small CSV as an office would send it: people of the generator under the catalogue's headings. Some
 * have a PIN that the unit knows already: these are changes.
 */

import { writeFileSync } from 'node:fs';

import { fieldNamed, sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { population } from '@lienthong/shared-schema/population/population.ts';

const columns = [
  ['identity', 'pin'],
  ['identity', 'full_name'],
  ['identity', 'birth_date'],
  ['identity', 'sex'],
  ['identity', 'ethnic_group'],
  ['employment', 'object_class'],
  ['employment', 'employing_unit'],
  ['employment', 'managing_unit'],
  ['position', 'title'],
] as const;

/** Writes `people` people of the agency, all employed by its root unit; returns the number. */
export function writePeopleCsv(
  path: string,
  plan: {
    readonly agency: string;
    readonly seed: number;
    readonly people: number;
    readonly today: string;
  },
): number {
  const drafts = [
    ...population({ seed: plan.seed, agency: plan.agency, size: plan.people, today: plan.today }),
  ].filter((draft) => draft.kind === 'person');
  const header = columns.map(([section, field]) => fieldNamed(sectionNamed(section), field).vi);
  const lines = drafts.map((draft) =>
    columns.map(([section, field]) => quote(valueOf(draft, section, field, plan.agency))).join(','),
  );
  writeFileSync(path, [header.map((one) => quote(one)).join(','), ...lines, ''].join('\r\n'));
  return lines.length;
}

function valueOf(draft: RecordDraft, section: string, field: string, agency: string): string {
  if (field === 'employing_unit' || field === 'managing_unit') return agency;
  return draft.sections[section]?.[0]?.[field] ?? '';
}

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
