/**
 * Equality of sealed sections: two seals of the same rows differ, so the payloads that came back are
 * opened with the unit's key and compared with the rows here, in pages of bounded size.
 */
import { sealedSections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { equalBytes } from '@lienthong/shared-schema/protocol/equal-bytes.ts';
import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';

import { type SealedPage, sealedPages } from '../db/sealed.ts';
import type { EnrolledNode } from './context.ts';
import { openRows, rowsByRecord } from './seal-rows.ts';

const pageRecords = 2_000;

/** Names of the sealed sections in which some record differs between node and mirror. */
export async function differingSealed(node: EnrolledNode, tx: Tx): Promise<readonly string[]> {
  const names: string[] = [];
  for (const section of sealedSections) {
    for await (const page of sealedPages(tx, section, pageRecords)) {
      if (pageIsEqual(page, (sealed) => openRows(node, section, sealed))) continue;
      names.push(section.name);
      break;
    }
  }
  return names;
}

function pageIsEqual(
  page: SealedPage,
  open: (sealed: SealedPage['mirrored'][number]) => Uint8Array | undefined,
): boolean {
  const own = rowsByRecord(page.own);
  return (
    own.size === page.mirrored.length &&
    page.mirrored.every((sealed) => {
      const here = own.get(sealed.recordId);
      const there = open(sealed);
      return here !== undefined && there !== undefined && equalBytes(here, there);
    })
  );
}
