/** Findings as a reader may see them: what is said of a field that it may not see names no value. */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import { fieldsFor, type Reader } from '../protocol/reader.ts';

export type ShownFinding = Pick<Finding, 'code' | 'section' | 'ordinal' | 'field' | 'vi' | 'en'>;

export function findingsFor(reader: Reader, findings: readonly Finding[]): readonly ShownFinding[] {
  const closed = new Set(
    sections.flatMap((section) => {
      const readable = fieldsFor(reader, section);
      return section.fields.filter((field) => !readable.includes(field)).map((field) => field.name);
    }),
  );
  return findings.map((finding) => {
    const { code, section, ordinal, field, vi, en } = finding;
    const place = {
      ...(section === undefined ? {} : { section }),
      ...(ordinal === undefined ? {} : { ordinal }),
    };
    // the same name may be open in one section and closed in another: then it is closed
    if (field === null || !closed.has(field)) return { code, ...place, field, vi, en };
    const bare = makeFinding(code, field, { label: { vi: field, en: field } });
    return { code, ...place, field, vi: bare.vi, en: bare.en };
  });
}
