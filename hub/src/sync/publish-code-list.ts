/**
 * Publishing a version of a code list: it is checked against the one in force, signed, stored, put in
 * force here and on every feed, all in one transaction. Records that are held back for a code of the
 * list are asked for again, since the new version may know it.
 */
import { sections } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { codeListNames } from '@lienthong/shared-schema/catalogue/code-list-names.ts';
import { checkCodeList } from '@lienthong/shared-schema/code-lists/check-code-list.ts';
import type { CodeListChanges } from '@lienthong/shared-schema/code-lists/compare-code-lists.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { readCodeLists } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import { storeCodeLists } from '@lienthong/shared-schema/runtime/load-code-lists.ts';
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';
import { codeListBody, entriesToWire } from '@lienthong/shared-schema/wire/code-list-messages.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { codeListBytesMax } from '@lienthong/shared-schema/wire/limits.ts';

import { askForHeld, type FieldKey, holdCodeLists, storePublished } from '../db/code-lists.ts';
import { appendToEveryFeed } from '../db/feed.ts';
import { HubError } from '../errors.ts';
import { nextCodeList } from '../protocol/code-list.ts';
import type { HubContext } from './context.ts';

export type CodeListPublished = {
  readonly name: string;
  /** In force afterwards. */
  readonly version: number;
  readonly stored: boolean;
  readonly changes: CodeListChanges;
  /** Feeds that the version was put on. */
  readonly feeds: number;
  /** Records that were held back for a code of this list and are asked for again. */
  readonly askedFor: number;
};

const noChanges: CodeListChanges = { added: [], closed: [], changed: [] };

/**
 * `document` is the parsed file. With `dryRun` everything is checked and nothing changes. Throws
 * HUB_CODE_LIST_INVALID with every fault; then nothing is changed.
 */
export async function publishCodeList(
  hub: Pick<HubContext, 'database' | 'incarnation' | 'audience' | 'signingKey' | 'now' | 'log'>,
  document: unknown,
  options: { readonly dryRun?: boolean } = {},
): Promise<CodeListPublished> {
  const { list, faults } = checkCodeList(document);
  const { name, version } = list;
  const result = await transaction(hub.database, async (tx): Promise<CodeListPublished> => {
    const { db } = tx;
    await holdCodeLists(db);
    const [inForce] = await readCodeLists(db, name);
    const step = nextCodeList(inForce, list);
    const all = [
      ...faults,
      ...(isKnown(name) ? [] : [`no field of this catalogue has a list of the name "${name}"`]),
      ...(step.kind === 'faulty' ? step.faults : []),
    ];
    if (all.length > 0) throw invalid(all);
    const unstored = { name, stored: false, feeds: 0, askedFor: 0 };
    if (step.kind !== 'new') {
      return { ...unstored, version: inForce?.version ?? 0, changes: noChanges };
    }
    const { changes } = step;
    const asOf = hanoiDay(hub.now().getTime());
    const body = codeListBody.encode({
      ...list,
      hubIncarnation: hub.incarnation,
      audience: hub.audience,
      entries: entriesToWire(list.entries),
      asOf,
    });
    if (body.length > codeListBytesMax) {
      throw invalid([
        `it has ${body.length} bytes on the wire, ${codeListBytesMax} at most are taken`,
      ]);
    }
    if (options.dryRun === true) {
      return { ...unstored, version: inForce?.version ?? 0, changes };
    }
    const signature = signBytes(hub.signingKey, domains.codeList, body);
    await storePublished(db, { name, version, body, signature, asOf });
    await storeCodeLists(tx, [list]);
    const feeds = await appendToEveryFeed(db, {
      kind: 'code-list',
      version: BigInt(version),
      body: Buffer.from(name),
    });
    const askedFor = await askForHeld(db, fieldsOf(name));
    return { name, version, stored: true, changes, feeds, askedFor };
  });
  if (result.stored) {
    const { feeds, askedFor } = result;
    hub.log.info({ list: name, version, feeds, askedFor }, 'code list published');
  }
  return result;
}

const isKnown = (name: string): boolean => codeListNames.some((one) => one === name);

const invalid = (faults: readonly string[]): HubError =>
  new HubError('HUB_CODE_LIST_INVALID', { detail: faults.join('; ') });

/** The fields whose codes are of this list. */
const fieldsOf = (list: string): readonly FieldKey[] =>
  sections.flatMap((section) =>
    section.fields
      .filter(({ type }) => type.kind === 'code' && type.list === list)
      .map((field) => ({ section: section.tag, field: field.name })),
  );
