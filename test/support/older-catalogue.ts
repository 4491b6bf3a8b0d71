/**
 * The catalogue as an older release has it, for the code of this one: fields are taken out of their
 * sections, and sections stay at their units, so nothing of them is staged, judged or written. What
 * the catalogue was when a process starts (the tables, the staging tables) stays: those are of the
 * newer release, and an older one does not look at what it does not know.
 */
import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';

export type Unknown = {
  readonly sections?: readonly string[];
  /** Optional fields, by name of their section. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
};

type Open = { -readonly [K in keyof Section]: Section[K] };

/** Until it is disposed the catalogue lacks these sections and fields, in this test file. */
export function olderCatalogue({ sections = [], fields = {} }: Unknown): Disposable {
  const changed = [...new Set([...sections, ...Object.keys(fields)])].map((name) => {
    const section: Open = sectionNamed(name);
    return { section, before: { ...section } };
  });
  for (const { section } of changed) {
    if (sections.includes(section.name)) section.reach = 'unit';
    const lacking = fields[section.name] ?? [];
    section.fields = section.fields.filter((field) => !lacking.includes(field.name));
  }
  return {
    [Symbol.dispose]() {
      for (const { section, before } of changed) Object.assign(section, before);
    },
  };
}
