/**
 * Which fields of a section date its change: the day on which somebody's rank, post or status became
 * another one, and not the day on which it was typed. Sections that are not named have no such day.
 */
import { education, party, position, recruitment, salary } from './career.ts';
import { fieldNamed, sectionNamed } from './catalogue.ts';
import { allowanceHistory, salaryHistory } from './economy.ts';
import { workHistory } from './history.ts';
import { discipline } from './merit.ts';
import { orgUnit } from './organisation.ts';
import { employment } from './person.ts';
import { training } from './training.ts';
import type { Section } from './types.ts';

type EventDates = { readonly section: Section; readonly fields: readonly string[] };

const dates = (section: Section, ...fields: readonly string[]): EventDates => ({
  section,
  fields: fields.map((name) => fieldNamed(section, name).name),
});

/** Of several the newest that is new counts. */
export const eventDates: readonly EventDates[] = [
  dates(orgUnit, 'established_on', 'closed_on'),
  dates(employment, 'status_date'),
  dates(recruitment, 'first_recruited_on', 'joined_agency_on'),
  dates(party, 'admitted_on', 'official_on'),
  dates(education, 'academic_title_on', 'degree_on'),
  dates(position, 'appointed_on', 'reappointed_on'),
  dates(salary, 'rank_since', 'step_since'),
  dates(training, 'to_date'),
  dates(workHistory, 'from_date', 'to_date'),
  dates(discipline, 'from_date'),
  dates(salaryHistory, 'from_date'),
  dates(allowanceHistory, 'from_date'),
];

/** The sections that a person declares after the creation of the record (Decree 27/2026/NĐ-CP art. 19). */
export const declaredSections: readonly Section[] = [
  'origin',
  'personal_history',
  'family_own',
  'family_spouse',
].map((name) => sectionNamed(name));
