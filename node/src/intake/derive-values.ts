/**
 * Values that follow from others with certainty: the status of a record in a list of those at work,
 * the code of a position, the province of a home town. Where the text is not exactly one entry of the
 * code list, nothing is filled in and nothing is said.
 */
import { codeLists } from '@lienthong/shared-schema/code-lists/shipped.ts';
import { foldText } from '@lienthong/shared-schema/text/fold.ts';

import { codeOfLabel } from './read-code.ts';

const activeStatus = '1';

type Values = ReadonlyMap<string, string>;

/** The values of a single section with those that follow; values of the file are never replaced. */
export function deriveValues(section: string, values: Values): Values {
  switch (section) {
    case 'employment':
      return filled(values, 'status', activeStatus);
    case 'position': {
      const title = values.get('title');
      return filled(values, 'title_code', title && codeOfLabel('CHUC_VU', title, null));
    }
    case 'identity': {
      const town = values.get('home_town');
      return filled(values, 'home_town_code', town && provinceCode(town));
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

/** Provinces of all times by name; a name that has meant two codes stands for neither. */
const provinces = new Map<string, Set<string>>();
for (const { vi, code, parent } of codeLists.DVHC.entries) {
  if (parent !== undefined) continue;
  const codes = provinces.get(foldText(vi)) ?? new Set();
  provinces.set(foldText(vi), codes.add(code));
}

/** The province is the last part of an address. */
function provinceCode(address: string): string | undefined {
  const codes = provinces.get(foldText(address.split(',').at(-1) ?? ''));
  const [only] = codes ?? [];
  return codes?.size === 1 ? only : undefined;
}
