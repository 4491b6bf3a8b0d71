/**
 * The field catalogue: every section of the standard, in the order in which sections are applied.
 *
 * Tables, wire blocks, validation, import headings, labels and the data dictionary are derived
 * from this list. A tag, once released, never changes its meaning.
 */
import * as career from './career.ts';
import * as economy from './economy.ts';
import * as family from './family.ts';
import * as history from './history.ts';
import * as merit from './merit.ts';
import { orgPost, orgUnit } from './organisation.ts';
import * as person from './person.ts';
import * as training from './training.ts';
import type { Field, RecordKind, Section } from './types.ts';

/** Raised with every change of a section or field; sent in every block's header. */
export const catalogueVersion = 2;

export const sections: readonly Section[] = [
  orgUnit,
  orgPost,
  person.identity,
  person.employment,
  person.idPaper,
  person.contact,
  person.insurance,
  person.origin,
  career.recruitment,
  career.party,
  career.association,
  career.military,
  career.education,
  career.position,
  career.planning,
  career.salary,
  career.health,
  training.training,
  training.politicalTraining,
  training.stateManagementTraining,
  training.defenceTraining,
  training.itTraining,
  training.languageTraining,
  history.workHistory,
  history.personalHistory,
  merit.reward,
  merit.discipline,
  family.familyOwn,
  family.familySpouse,
  economy.salaryHistory,
  economy.allowanceHistory,
  economy.incomeAssets,
  merit.evaluation,
];

/** Sections that travel in plain text: what the hub stores and shares back. */
export const nationalSections: readonly Section[] = sections.filter(
  (section) => section.reach === 'national',
);

/** Sections that travel as ciphertext only. */
export const sealedSections: readonly Section[] = sections.filter(
  (section) => section.reach === 'sealed',
);

/** The section whose row makes a record exist. */
export const headSection: Readonly<Record<RecordKind, Section>> = {
  org_unit: orgUnit,
  person: person.identity,
};

/** Numbers of the record kinds on the wire and in SQL; the tree goes ahead of those who name it. */
export const recordKindNumber: Readonly<Record<RecordKind, number>> = { org_unit: 1, person: 2 };

const byTag = new Map(sections.map((section) => [section.tag, section]));
const byName = new Map(sections.map((section) => [section.name, section]));

export function sectionByTag(tag: number): Section | undefined {
  return byTag.get(tag);
}

/** A field by the tags of its section and its own; undefined where this catalogue has none. */
export function fieldByTags(
  section: number,
  field: number,
): { readonly section: Section; readonly field: Field } | undefined {
  const found = byTag.get(section);
  const known = found?.fields.find((one) => one.tag === field);
  return found === undefined || known === undefined ? undefined : { section: found, field: known };
}

/** A section by its table name. Throws on an unknown name: names come from code, never from input. */
export function sectionNamed(name: string): Section {
  const section = byName.get(name);
  if (section === undefined) throw new RangeError(`the catalogue has no section ${name}`);
  return section;
}

/** A field by its name. Throws on an unknown name, as `sectionNamed` does. */
export function fieldNamed(section: Section, name: string): Field {
  const field = section.fields.find((one) => one.name === name);
  if (field === undefined) throw new RangeError(`section ${section.name} has no field ${name}`);
  return field;
}
