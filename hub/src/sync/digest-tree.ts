/**
 * What the hub holds of a unit, as a tree of digests: the node asks for branches, then for the records
 * below them, then for their sections. Heads and digests of an answer are of one snapshot; compared at
 * other heads they would always differ.
 */
import type { Tx } from '@lienthong/shared-schema/runtime/database.ts';
import {
  readBranches,
  readBucket,
  readSections,
  withFreshDigests,
} from '@lienthong/shared-schema/runtime/record-digests.ts';
import { sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { digestPrefixesMax, digestRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  type DigestBranch,
  digestTreeBody,
  digestTreeReply,
  digestTreeRequest,
  type RecordDigest,
} from '@lienthong/shared-schema/wire/messages.ts';
import { recordIdBytes, recordIdText } from '@lienthong/shared-schema/wire/record-id.ts';

import { countHeld, digestView, readRecordFacts } from '../db/digests.ts';
import { readUnit } from '../db/units.ts';
import { HubError } from '../errors.ts';
import type { Caller, HubContext } from './context.ts';
import { readMessage } from './read-message.ts';

/** Prefixes are of two bytes at most. */
const depth = 2;

/** Returns the bytes of a DigestTreeReply. Throws HUB_UNREADABLE where the question is none. */
export async function serveDigestTree(
  hub: Pick<HubContext, 'database' | 'incarnation' | 'signingKey'>,
  { agency }: Pick<Caller, 'agency'>,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const question = readQuestion(bytes);
  const body = await readFresh(hub, agency, async (tx) => {
    const unit = await readUnit(tx.db, agency);
    if (unit === undefined) throw new HubError('HUB_AGENCY_UNKNOWN', { detail: agency });
    return digestTreeBody.encode({
      hubIncarnation: hub.incarnation,
      agency,
      requestHash: sha256(bytes),
      receivedSeq: unit.headSeq,
      appliedSeq: unit.appliedSeq,
      feedHead: unit.feedHead,
      heldBack: await countHeld(tx.db, agency),
      ...(await readAnswer(tx, agency, question)),
    });
  });
  const signature = signBytes(hub.signingKey, domains.digest, body);
  return digestTreeReply.encode({ body, signature });
}

/** A request is answered within a minute; what a large import left to do takes several of them. */
const freshWithinMs = 20_000;

/** Throws HUB_BUSY while the digests of the unit are still being made: each call does a part of it. */
export async function readFresh<T>(
  hub: Pick<HubContext, 'database'>,
  agency: string,
  read: (tx: Tx) => Promise<T>,
): Promise<T> {
  const view = digestView(agency);
  const done = await withFreshDigests(hub.database, [view], read, freshWithinMs);
  if (done === undefined) throw new HubError('HUB_BUSY');
  return done.value;
}

type Question = {
  readonly prefixes: readonly Uint8Array[];
  readonly recordIds: readonly string[];
};

function readQuestion(bytes: Uint8Array): Question {
  const { prefixes, records } = readMessage(digestTreeRequest, bytes);
  if (prefixes.length > digestPrefixesMax || prefixes.some(({ length }) => length > depth)) {
    throw new HubError('HUB_UNREADABLE', { detail: 'prefixes' });
  }
  return { prefixes, recordIds: readRecordIds(records) };
}

/** The ids of a request, each once. Throws HUB_UNREADABLE where they are too many or none. */
export function readRecordIds(records: readonly Uint8Array[]): readonly string[] {
  const ids = records.flatMap((bytes) => recordIdText(bytes) ?? []);
  if (ids.length !== records.length || ids.length > digestRecordsMax) {
    throw new HubError('HUB_UNREADABLE', { detail: 'record ids' });
  }
  return [...new Set(ids)];
}

async function readAnswer(
  tx: Tx,
  agency: string,
  { prefixes, recordIds }: Question,
): Promise<{ readonly branches: readonly DigestBranch[]; readonly leaves: RecordDigest[] }> {
  const view = digestView(agency);
  const branches: DigestBranch[] = [];
  const leaves: RecordDigest[] = [];
  for (const prefix of prefixes) {
    if (prefix.length < depth) {
      branches.push(...(await readBranches(tx.db, view, prefix)));
      continue;
    }
    for (const { recordId, digest } of await readBucket(tx.db, view, prefix)) {
      const id = recordIdBytes(recordId);
      leaves.push({ recordId: id, digest, kind: 0, version: 0n, held: false, sections: [] });
    }
  }
  if (recordIds.length > 0) {
    const sections = await readSections(tx, view, recordIds);
    for (const { recordId, digest, ...facts } of await readRecordFacts(tx.db, agency, recordIds)) {
      leaves.push({
        ...facts,
        recordId: recordIdBytes(recordId),
        digest: digest ?? new Uint8Array(0),
        sections: sections.get(recordId) ?? [],
      });
    }
  }
  return { branches, leaves };
}
