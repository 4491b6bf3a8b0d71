/**
 * The page of rules, made from the table of rules, so that it cannot say anything else than the program
 * does. Committed as `docs/rules.md` (`npm run derive`), and a test holds page and table equal.
 */
import { fieldNamed, sectionNamed } from './catalogue/catalogue.ts';
import { expectedFields, expectedLists } from './rules/completeness-rules.ts';
import type { Rule } from './rules/rule.ts';
import { type FindingCode, findingCodes, ruleOf } from './rules/rules.ts';
import { markdownTable } from './text/markdown-table.ts';

/** The whole page, ending in a newline. */
export function rulesMarkdown(): string {
  const rules = findingCodes.map((code) => ruleOf(code));
  const errors = rules.filter((rule) => rule.severity === 'error').length;
  const read = rules.filter((rule) => rule.verified).length;
  const page = [
    '# Rules',
    `Made from the table of rules in \`shared-schema/src/rules\` by \`npm run derive\`; change the table, not this page. ${rules.length} rules: ${errors} errors, ${rules.length - errors} warnings.`,
    'An error keeps a row from being published and a record from being applied; a warning goes along with it, for a person to look at. Each rule has one function and one example each that it accepts and finds fault with; a test runs them all.',
    `A rule is verified when its content was read in the text that it names (${read} are); the others are known from practice and await the legal text.`,
    `Where: **node** is the unit's own check, of files, packets, the API, and of the tables by \`npm run node -- check\`; **hub** is what the hub refuses. Whatever passes the errors of the node on values and records passes those of the hub, but for what only the hub can know.`,
    ...groups.flatMap(([title, says, kinds]) => [
      `## ${title}`,
      says,
      markdownTable(
        ['Rule', 'Severity', 'Looks at', 'Where', 'Vietnamese', 'English', 'Source', 'Verified'],
        findingCodes.filter((code) => kinds.includes(ruleOf(code).on)).map(row),
      ),
    ]),
    '## What a class of record needs',
    'By `field_expected` and `list_expected`, for active records; what every record needs is in the [data dictionary](data-dictionary.md).',
    markdownTable(['Class', 'Fields', 'Lists'], classes()),
  ];
  return `${page.join('\n\n')}\n`;
}

const groups: readonly (readonly [string, string, readonly Rule['on'][]])[] = [
  ['Values', 'On one value, by the type of its field. The hub runs the same in SQL.', ['value']],
  ['Cells', 'On a cell of a workbook, before it is a value.', ['cell']],
  [
    'Records',
    'On the values of one record together. A part of a record is judged with what is stored of the rest.',
    ['record'],
  ],
  ['Files', 'On a row against the other rows of its file and what the node has.', ['file']],
  [
    'Publication and hub',
    'On a record against what node and hub hold when it is published or arrives.',
    ['node', 'hub'],
  ],
];

function row(code: FindingCode): readonly string[] {
  const rule = ruleOf(code);
  return [
    `\`${code}\``,
    rule.severity,
    looksAt(rule),
    where(rule),
    rule.vi,
    rule.en,
    rule.source,
    rule.verified ? 'yes' : '',
  ];
}

/** Many fields of many sections are told by their sections. */
const namedMax = 6;

function looksAt(rule: Rule): string {
  if (rule.on === 'value')
    return rule.types.length > 1 ? rule.types.join(', ') : `${rule.types[0]}`;
  if (rule.on !== 'record') return rule.looksAt.join(', ');
  if (rule.looksAt.length <= namedMax) return rule.looksAt.map((path) => `\`${path}\``).join(', ');
  const sections = Array.from(new Set(rule.looksAt.map((path) => path.split('.')[0] ?? '')));
  const named = sections.map((name) => `\`${name}\``).join(', ');
  const places = sections.length > namedMax ? `${sections.length} sections` : named;
  return `${rule.looksAt.length} fields of ${places}`;
}

function where(rule: Rule): string {
  switch (rule.on) {
    case 'value':
      return 'node, hub';
    case 'record':
    case 'file':
      return rule.alsoAtHub === true ? 'node, hub' : 'node';
    case 'cell':
      return 'node';
    case 'node':
      return 'node';
    case 'hub':
      return rule.alsoAtNode === true ? 'node, hub' : 'hub';
  }
}

const classNames: Readonly<Record<string, string>> = {
  '1': 'Cán bộ (cadre)',
  '2': 'Công chức (civil servant)',
  '3': 'Viên chức (public employee)',
  '4': 'Người lao động hợp đồng (contract employee)',
};

const classes = (): readonly (readonly string[])[] =>
  Object.entries(expectedFields).map(([code, paths]) => [
    classNames[code] ?? code,
    paths.map(labelOf).join('; '),
    (expectedLists[code] ?? []).map((name) => sectionNamed(name).vi).join('; '),
  ]);

function labelOf(path: string): string {
  const [section = '', field = ''] = path.split('.');
  return fieldNamed(sectionNamed(section), field).vi;
}
