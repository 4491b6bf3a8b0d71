/**
 * What the units have taken from this hub and the hub itself has not: versions of code lists and of the
 * reach policy that a restore lost. The units keep them, and what they send by them is held back or
 * dropped, until the hub publishes under its new incarnation.
 */
import { codeListNames } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import { policyKey } from '@lienthong/shared-schema/totals/published-figure.ts';

/** The newest version that this hub has; 0 of what it never published. */
export type Publication = { readonly version: bigint; readonly hubIncarnation: bigint };

/** The newest version that a unit has reported. */
export type TakenVersion = {
  readonly agency: string;
  readonly key: string;
  readonly value: bigint;
};

export type LostPublication = {
  /** Of a code list, or `policy`. */
  readonly name: string;
  readonly here: bigint;
  /** The units that have a newer one, and the newest of theirs. */
  readonly agencies: readonly string[];
  readonly taken: bigint;
};

const names: readonly string[] = [policyKey, ...codeListNames];

/**
 * A version that was signed under the incarnation in force replaces whatever the units have, so nothing
 * of that name is lost any more. What a unit reports under another name is no publication.
 */
export function lostPublications(
  incarnation: bigint,
  published: ReadonlyMap<string, Publication>,
  taken: readonly TakenVersion[],
): readonly LostPublication[] {
  return names.flatMap((name) => {
    const here = published.get(name) ?? { version: 0n, hubIncarnation: 0n };
    const newer = taken.filter((one) => one.key === name && one.value > here.version);
    if (newer.length === 0 || here.hubIncarnation >= incarnation) return [];
    return [
      {
        name,
        here: here.version,
        agencies: newer.map((one) => one.agency),
        taken: newer.reduce((most, { value }) => (value > most ? value : most), 0n),
      },
    ];
  });
}
