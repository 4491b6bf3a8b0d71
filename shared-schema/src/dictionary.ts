/**
 * The data dictionary page, made from the catalogue and the code lists, so that it cannot say anything
 * else than the program does. The rules have a page of their own (`rules-page.ts`). Markdown as the
 * formatter leaves it: committed as `docs/data-dictionary.md` (`npm run derive`), and a test holds page
 * and catalogue equal.
 */
import { catalogueVersion, sections } from './catalogue/catalogue.ts';
import { codeListNames } from './catalogue/code-list-names.ts';
import type { Field, FieldType, Owner, Reach, Restriction, Section } from './catalogue/types.ts';
import type { CodeList } from './code-lists/code-list.ts';
import { codeLists } from './code-lists/shipped.ts';
import { markdownTable } from './text/markdown-table.ts';

/** The whole page, ending in a newline. */
export function dictionaryMarkdown(): string {
  const fields = sections.flatMap((section) => section.fields);
  return (
    [
      '# Data dictionary',
      `Made from the field catalogue (version ${catalogueVersion}) by \`npm run derive\`; change the catalogue, not this page. ${sections.length} sections, ${fields.length} fields, ${codeListNames.length} code lists. What is checked is on the page of [rules](rules.md).`,
      'The entries (1–109) are those of the list attached to Dispatch 639/BNV-VP, as a working reconstruction: the official appendix is not public.',
      ...wordsPart(),
      '## Sections',
      markdownTable(
        ['Tag', 'Section', 'Vietnamese', 'English', 'Record', 'Reach', 'Rows', 'Fields'],
        overview(),
      ),
      ...sections.flatMap(sectionPart),
      '## Code lists',
      'An entry is verified when it was read in a public legal text or in the list of the office that keeps it; unverified entries await the official list of the ministry.',
      markdownTable(
        ['List', 'Vietnamese', 'English', 'Version', 'Entries', 'Verified', 'Unverified', 'Source'],
        codeListNames.map((name) => codeListRow(codeLists[name])),
      ),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

const reachWords: Readonly<Record<Reach, string>> = {
  national: 'travels in plain text; the hub stores it and shares it back',
  sealed: 'travels as ciphertext only; the hub cannot read it',
  unit: 'never leaves the unit',
};

const ownerWords: Readonly<Record<Owner, string>> = {
  unit: 'the unit that manages the record',
  population: 'the national population database',
  'social-insurance': 'the social insurance database',
  party: 'the database of Party members',
};

const restrictionWords: Readonly<Record<Restriction, string>> = {
  1: 'ordinary personnel data',
  2: 'restricted',
  3: 'sensitive personal data',
};

const wordsPart = (): readonly string[] => [
  '## Words',
  [
    ...definitions('Reach', reachWords),
    ...definitions('Owner', ownerWords),
    ...definitions('Restriction', restrictionWords),
    '- **As of**: the field of the same section whose date tells which codes were valid.',
    '- **Entries**: numbers in the 109-field list; none for fields of our own.',
  ].join('\n'),
];

const definitions = (what: string, words: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(words).map(([word, meaning]) => `- **${what} ${word}**: ${meaning}.`);

const recordWords = { org_unit: 'unit', person: 'person' } as const;

const overview = (): readonly (readonly string[])[] =>
  sections.map((section) => [
    String(section.tag),
    `\`${section.name}\``,
    section.vi,
    section.en,
    recordWords[section.kind],
    section.reach,
    section.many ? 'many' : 'one',
    String(section.fields.length),
  ]);

function sectionPart(section: Section): readonly string[] {
  const law =
    section.decreeGroup === 0
      ? 'not among the groups of Decree 27/2026/NĐ-CP'
      : `group ${section.decreeGroup} of article 5, Decree 27/2026/NĐ-CP`;
  return [
    `### ${section.tag} ${section.name}`,
    `${section.vi} (${section.en}). Reach ${section.reach}; ${section.many ? 'many rows' : 'one row'} a ${recordWords[section.kind]}; group ${section.group} of Dispatch 639/BNV-VP; ${law}.`,
    markdownTable(
      [
        'Tag',
        'Field',
        'Vietnamese',
        'English',
        'Type',
        'Required',
        'Owner',
        'Restriction',
        'As of',
        'Entries',
      ],
      section.fields.map(fieldRow),
    ),
  ];
}

const fieldRow = (field: Field): readonly string[] => [
  String(field.tag),
  `\`${field.name}\``,
  field.vi,
  field.en,
  typeText(field.type),
  field.required ? 'yes' : '',
  field.owner,
  String(field.restriction),
  field.asOf === undefined ? '' : `\`${field.asOf}\``,
  field.standard.join(', '),
];

function typeText(type: FieldType): string {
  switch (type.kind) {
    case 'text':
      return `text, at most ${type.max}`;
    case 'code':
      return `code of ${codeListText(type.list)}`;
    case 'partial-date':
      return 'date, may be partial';
    case 'integer':
      return `integer, ${type.min} to ${type.max}`;
    case 'decimal':
      return type.scale === 0
        ? `decimal, ${type.precision} digits`
        : `decimal, ${type.precision} digits, ${type.scale} after the point`;
    case 'pin':
      return 'personal number, 12 digits';
    case 'unit-code':
      return 'unit code';
  }
}

const codeListText = (name: string): string => `\`${name}\``;

function codeListRow(list: CodeList): readonly string[] {
  const verified = list.entries.filter((entry) => entry.status === 'verified').length;
  return [
    codeListText(list.name),
    list.vi,
    list.en,
    String(list.version),
    String(list.entries.length),
    String(verified),
    String(list.entries.length - verified),
    list.source,
  ];
}
