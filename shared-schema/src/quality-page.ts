/** The page of quality measures, made from their table; committed as `docs/quality.md` (`npm run derive`). */
import { markdownTable } from './text/markdown-table.ts';
import { qualityMeasureNames, qualityMeasures } from './totals/quality-measures.ts';

/** The whole page, ending in a newline. */
export function qualityMarkdown(): string {
  const rows = qualityMeasureNames.map((name) => {
    const { vi, en, of, good, atNode, atHub } = qualityMeasures[name];
    return [`\`${name}\``, vi, en, of, good, atNode, atHub];
  });
  const page = [
    '# Quality',
    'Made from the table in `shared-schema/src/totals/quality-measures.ts` by `npm run derive`; change the table, not this page.',
    'For whoever reads the figures of `npm run node -- quality` and `npm run hub -- quality`. Each measure is a share: how much is good of what is counted. Where nothing is counted there is no share, and that is not 100 %. People are the active ones whose record is no state secret, each under the unit that employs them; a unit of the tree has all below it.',
    markdownTable(
      ['Measure', 'Vietnamese', 'English', 'Counted', 'Good', 'At the node', 'At the hub'],
      rows,
    ),
    "The node's figures go to the hub in the signed report of totals of the night (`quality`, keys `NAME.good` and `NAME.of`). The hub counts what it can see in its own tables and shows both; where they differ, either something is on its way, or one of them is to be looked into. Both keep the figures of each night by unit for 400 days. Sections that are sealed or stay at the unit are measured nowhere: `npm run node -- check` looks at them.",
  ];
  return `${page.join('\n\n')}\n`;
}
