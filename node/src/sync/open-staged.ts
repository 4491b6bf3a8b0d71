/** Opens the sealed sections of a staged batch with the unit's own key, page by page. */
import { sectionByTag } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { Section } from '@lienthong/shared-schema/catalogue/types.ts';
import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import type { ReadableBlock } from '@lienthong/shared-schema/wire/blocks.ts';

import {
  noteUnopened,
  sealedTags,
  stagedPayloads,
  type StagedPayload,
  stageOpened,
} from '../db/open-stage.ts';
import type { EnrolledNode } from './context.ts';
import { openBlock } from './seal-rows.ts';

const pageRecords = 2_000;

type Keys = Pick<EnrolledNode, 'agency' | 'sealingKey'>;

/** Returns how many payloads do not open: sealed with another key than this node has. */
export async function openStaged(node: Keys, tx: Tx): Promise<number> {
  let unopened = 0;
  for (const tag of await sealedTags(tx.db)) {
    const section = sectionByTag(tag);
    if (section === undefined) continue;
    for await (const page of stagedPayloads(tx.db, section, pageRecords)) {
      const closed = await openPage(node, tx, section, page);
      if (closed.length > 0) await noteUnopened(tx.db, section, closed);
      unopened += closed.length;
    }
  }
  return unopened;
}

/** Stages the rows of a page, those with the same columns at once. Returns the records not opened. */
async function openPage(
  node: Keys,
  tx: Tx,
  section: Section,
  page: readonly StagedPayload[],
): Promise<readonly string[]> {
  const closed: string[] = [];
  const opened: ReadableBlock[] = [];
  for (const sealed of page) {
    const readable = openBlock(node, section, sealed);
    if (readable === undefined) closed.push(sealed.recordId);
    else opened.push(readable);
  }
  for (const same of Map.groupBy(opened, (one) => one.columns.join()).values()) {
    const [{ columns } = { columns: [] }] = same;
    await stageOpened(tx, section, { columns, rows: Buffer.concat(same.map((one) => one.rows)) });
  }
  return closed;
}
