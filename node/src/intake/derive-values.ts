/**
 * Values that follow from others with certainty: the status of a record in a list of those at work,
 * the code of a position, the province of a home town. Where the text is not exactly one entry of the
 * code list, nothing is filled in and nothing is said.
 */
import type { CodeBook } from '@lienthong/shared-schema/code-lists/code-book.ts';

import { codeOfLabel } from './read-code.ts';

const activeStatus = '1';

type Values = ReadonlyMap<string, string>;

/** The values of a single section with those that follow; values of the file are never replaced. */
export function deriveValues(section: string, values: Values, codes: CodeBook): Values {
  switch (section) {
    case 'employment':
      return filled(values, 'status', activeStatus);
    case 'position': {
      const title = values.get('title');
      return filled(
        values,
        'title_code',
        title && codeOfLabel('CHUC_VU', title, { codes, event: null }),
      );
    }
    case 'identity': {
      const town = values.get('home_town');
      return filled(values, 'home_town_code', town && provinceCode(codes, town));
    }
    default:
      return values;
  }
}

function filled(values: Values, name: string, value: string | undefined): Values {
  if (value === undefined || value === '' || values.has(name)) return values;
  return new Map([...values, [name, value]]);
}

const derivedFrom: Readonly<Record<string, string>> = {
  title: 'title_code',
  home_town: 'home_town_code',
};

/** Field names with those that are derived from them. */
export function withDerived(names: readonly string[]): readonly string[] {
  const derived = names.flatMap((name) => derivedFrom[name] ?? []);
  return Array.from(new Set([...names, ...derived]));
}

/**
 * The province is the last part of an address. Provinces of all times are looked at; a name that has
 * meant two codes stands for neither.
 */
function provinceCode(codes: CodeBook, address: string): string | undefined {
  const named = codes
    .withLabel('DVHC', address.split(',').at(-1) ?? '')
    .filter((entry) => entry.parent === undefined);
  const [only, ...others] = new Set(named.map((entry) => entry.code));
  return others.length === 0 ? only : undefined;
}
