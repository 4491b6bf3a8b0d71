/**
 * The hub's state, computed anew from what was accepted, in the order in which it was applied. It is
 * its own reading of the rules, a record at a time, and knows nothing of the hub's code.
 */
import { overlaid } from '../fold.ts';
import type { History } from '../history.ts';
import type { BatchContent, BatchRecord, Sections } from '../messages.ts';

export type RefoldedRecord = {
  readonly agency: string;
  readonly version: bigint;
  readonly sections: Sections;
};

export type Refolded = {
  readonly records: Map<string, RefoldedRecord>;
  readonly held: Map<string, bigint>;
};

export function refold(history: History): Refolded {
  const so: Refolded = { records: new Map(), held: new Map() };
  for (const act of history.acts) {
    const batch = act.kind === 'applied' ? history.batches.get(act.hash) : undefined;
    if (batch !== undefined) foldBatch(so, act.agency, batch.content);
  }
  return so;
}

function foldBatch(so: Refolded, agency: string, content: BatchContent): void {
  const fresh = content.records.filter((record) => isNew(so, agency, record));
  let refused = new Set(fresh.filter((one) => isRefused(so, agency, one)).map(idOf));
  // who has a PIN keeps it; a refusal can lead to another, so until nothing is added
  for (;;) {
    const more = fresh.filter(
      (one) => !refused.has(one.recordId) && lacksPin(so, fresh, refused, one),
    );
    if (more.length === 0) break;
    refused = new Set([...refused, ...more.map(idOf)]);
  }
  for (const record of fresh) {
    const { recordId, version, op, whole, tags, rows } = record;
    const key = `${agency}/${recordId}`;
    const known = so.records.get(recordId);
    if (refused.has(recordId)) {
      if (known === undefined || known.agency === agency) so.held.set(key, version);
      continue;
    }
    so.held.delete(key);
    if (op === 'D') so.records.delete(recordId);
    else {
      const sections = overlaid(whole ? {} : (known?.sections ?? {}), tags, rows);
      so.records.set(recordId, { agency, version, sections });
    }
  }
}

const idOf = ({ recordId }: BatchRecord): string => recordId;

function isNew(so: Refolded, agency: string, { recordId, version }: BatchRecord): boolean {
  const known = so.records.get(recordId);
  const seen = known?.agency === agency ? known.version : 0n;
  const held = so.held.get(`${agency}/${recordId}`) ?? 0n;
  return version > seen && version > held;
}

function isRefused(so: Refolded, agency: string, record: BatchRecord): boolean {
  const { recordId, op, whole, tags, rows } = record;
  const known = so.records.get(recordId);
  if (known !== undefined && known.agency !== agency) return true;
  if (op === 'D') return false;
  if (!whole && (known === undefined || so.held.has(`${agency}/${recordId}`))) return true;
  if (Object.values(rows).some((row) => row.includes('!'))) return true;
  return (whole || tags.includes(10)) && rows[10] === undefined;
}

const pinIn = (sections: Sections | undefined): string =>
  (sections?.[10] ?? '').split(' ')[0] ?? '';

/** What PIN the record will have; undefined where the batch does not say. */
const claimed = ({ op, whole, tags, rows }: BatchRecord): string | undefined =>
  op === 'D' ? '' : whole || tags.includes(10) ? pinIn(rows) : undefined;

function lacksPin(
  so: Refolded,
  batch: readonly BatchRecord[],
  refused: ReadonlySet<string>,
  record: BatchRecord,
): boolean {
  const pin = claimed(record);
  if (pin === undefined || pin === '') return false;
  const holder = [...so.records].find(([, { sections }]) => pinIn(sections) === pin)?.[0];
  if (holder === record.recordId) return false;
  const giver = batch.find((one) => one.recordId === holder && !refused.has(one.recordId));
  const gives = giver !== undefined && (claimed(giver) ?? pin) !== pin;
  if (holder !== undefined && !gives) return true;
  return batch.some(
    (one) => one.recordId < record.recordId && !refused.has(one.recordId) && claimed(one) === pin,
  );
}
