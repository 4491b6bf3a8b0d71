/**
 * Equality of sealed sections: two seals of the same rows differ, so the payloads that came back are
 * opened with the unit's key and compared with the rows here, in pages of bounded size.
 */
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';

import { type SealedPage, sealedPages } from '../db/sealed.ts';
import type { EnrolledNode } from './context.ts';
import { openRows, rowsByRecord } from './seal-rows.ts';

const pageRecords = 2_000;
/** Records named of one section; there is no need to open the rest. */
const namedMax = 1_000;

export type SealedDifference = { readonly recordId: string; readonly section: number };

/** Records whose rows here are not what their payload in the mirror opens to. */
export async function differingSealed(
  node: EnrolledNode,
  tx: Tx,
  sealedSections: readonly Section[],
): Promise<readonly SealedDifference[]> {
  const differences: SealedDifference[] = [];
  for (const section of sealedSections) {
    let named = 0;
    for await (const page of sealedPages(tx, section, pageRecords)) {
      const ids = differingOf(page, (sealed) => openRows(node, section, sealed));
      named += ids.length;
      differences.push(...ids.map((recordId) => ({ recordId, section: section.tag })));
      if (named >= namedMax) break;
    }
  }
  return differences;
}

function differingOf(
  page: SealedPage,
  open: (sealed: SealedPage['mirrored'][number]) => Uint8Array | undefined,
): readonly string[] {
  const own = rowsByRecord(page.own);
  const mirrored = new Map(page.mirrored.map((sealed) => [sealed.recordId, sealed]));
  return [...new Set([...own.keys(), ...mirrored.keys()])].filter((recordId) => {
    const here = own.get(recordId);
    const sealed = mirrored.get(recordId);
    const there = sealed === undefined ? undefined : open(sealed);
    return here === undefined || there === undefined || !equalBytes(here, there);
  });
}
