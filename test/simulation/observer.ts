/**
 * Who looks on: notes in the history what was committed, and sees at once what must never be. It
 * shares no code with what it watches.
 */
import { foldOf, overlaid, sameSections, textOf } from './fold.ts';
import { History, rowOf } from './history.ts';
import type { Archived } from './hub/state.ts';
import {
  type ArchivedBatch,
  type BatchContent,
  type Checkpoint,
  type Frame,
  type Header,
  type Hello,
  type HelloBody,
  hex,
  type PageHeader,
  type Receipt,
  type Reply,
  type Sections,
} from './messages.ts';
import type { BeforeAdoption } from './node/rejoin.ts';
import type { OutboxBatch, Place } from './node/state.ts';

const inFlightBound = 8;

/** One committed change of a record; without `sections` it is gone. */
export type Write = {
  readonly recordId: string;
  readonly tags: readonly number[];
  readonly sections: Sections | undefined;
};

export class Observer {
  readonly history: History;
  /** The hub was restored, and its incarnation is not raised yet. */
  #raiseIsDue = false;
  readonly #now: () => number;
  readonly #waitingMax: number;

  constructor(options: {
    readonly keepsAnswers: boolean;
    readonly waitingMax: number;
    readonly now: () => number;
  }) {
    this.history = new History(options.keepsAnswers);
    this.#now = options.now;
    this.#waitingMax = options.waitingMax;
  }

  wrote({ machine }: Place, { recordId, tags, sections }: Write): void {
    const shadow = this.history.shadowOf(machine.name);
    if (sections === undefined) shadow.delete(recordId);
    else shadow.set(recordId, sections);
    const written = this.history.writtenAt(machine.name);
    for (const tag of tags) written.add(`${recordId} ${tag}`);
  }

  rolledBack(values: Iterable<string>): void {
    for (const value of values) this.history.rolledBack.add(value);
  }

  sealed({ machine }: Place, batch: OutboxBatch, content: BatchContent): void {
    const { history } = this;
    const header = batch.header.body;
    const before = foldOf(history, machine.name, hex(header.prevHash)).records;
    const versions = new Map(
      content.records.map((r) => [r.recordId, before.get(r.recordId)?.version ?? 0n]),
    );
    const head = hex(batch.headerHash);
    history.batches.set(head, { header, content, at: this.#now() });
    const after = foldOf(history, machine.name, head).records;
    const ids = new Set(content.records.map(({ recordId }) => recordId));
    const written = history.writtenAt(machine.name);
    const taken = [...written].filter((key) => ids.has(key.split(' ')[0] ?? ''));
    for (const key of taken) written.delete(key);
    history.sealedWrites.set(head, taken);
    const shadow = history.shadowOf(machine.name);
    for (const { recordId, version, rows } of content.records) {
      const stale = Object.values(rows).find((value) => history.rolledBack.has(value));
      if (stale !== undefined) history.violate('I1', `${stale} was rolled back and is sealed`);
      const was = versions.get(recordId) ?? 0n;
      if (version !== was + 1n)
        history.violate('I2', `${recordId}: version ${version} follows ${was}`);
      const shown = shadow.get(recordId);
      const real = shown?.[10] === undefined ? undefined : shown;
      const said = after.get(recordId)?.sections;
      if (!sameSections(real, said)) {
        const what = `${recordId} in ${machine.name}/${header.seq}: ${textOf(said)}, is ${textOf(real)}`;
        history.violate('I2', what);
      }
    }
  }

  /**
   * The changes of these records left the log. What is gone here, and is not in the chain either, was
   * made and deleted between two seals: no batch names it, and nothing of it is one's own any more.
   */
  leftLog({ machine, chain }: Place, recordIds: Iterable<string>): void {
    const { history } = this;
    const { records } = foldOf(history, machine.name, hex(chain.row('chain').headHash));
    const shadow = history.shadowOf(machine.name);
    const written = history.writtenAt(machine.name);
    for (const recordId of recordIds) {
      if (shadow.has(recordId) || records.get(recordId)?.sections !== undefined) continue;
      for (const tag of [0, 10, 11, 12, 20]) written.delete(`${recordId} ${tag}`);
    }
  }

  sending(_place: Place, _frame: Frame, inFlight: number): void {
    if (inFlight > inFlightBound) this.history.violate('I15', `${inFlight} batches in flight`);
  }

  /** `freezes`: nothing more is heard of the unit until a person has looked. */
  helloAnswered(request: Hello, kind: string, body: HelloBody, freezes: boolean): void {
    const { history } = this;
    const { agency } = request;
    const nonce = hex(request.helloNonce);
    const nonces = rowOf(history.nonces, agency, () => new Map<string, number>());
    // a hub that lost its own answer cannot tell a hello that comes late from one that is new
    const at = nonces.get(nonce);
    const isForgotten = history.hubLosses.some(
      (loss) => at !== undefined && loss.backupAt <= at && loss.at >= at,
    );
    if (kind === 'refuse') {
      const cause =
        isForgotten ||
        history.greetedAgain.has(agency) ||
        history.lossesOf(agency).length > 0 ||
        this.#raiseIsDue;
      if (freezes && !cause) history.violate('liveness', `${agency} is frozen without a cause`);
      return;
    }
    const rivals = history.rivals.get(agency);
    if (kind === 'repeat' && rivals !== undefined && rivals.size > 0) rivals.add(request.from);
    if (kind === 'welcome') {
      if (isForgotten) history.greetedAgain.add(agency);
      else if (at !== undefined) {
        history.violate('I7', `${agency}: a hello that was answered before takes the place`);
      }
      nonces.set(nonce, at ?? this.#now());
    }
    const session = { incarnation: body.hubIncarnation, epoch: body.epoch };
    const last = history.welcomed.get(agency);
    if (last !== undefined && !isLater(session, last) && history.hubLosses.length === 0) {
      history.violate('I7', `${agency}: epoch ${session.epoch} was there before`);
    }
    history.welcomed.set(agency, session);
    const fresh = request.headSeq === 0n && body.headSeq === 0n;
    if (rivals === undefined) return;
    // who has sealed nothing is asked for no token: there is nothing yet to fork with
    if (!fresh && rivals.size > 0 && !rivals.has(request.from)) {
      history.violate('I7', `${[...rivals].join()} and ${request.from} are both welcome`);
    }
    rivals.clear();
    rivals.add(request.from);
  }

  helloStored({ machine }: Place, body: HelloBody): void {
    if (body.agency !== machine.name.split('.')[0]) {
      this.history.violate('I7', `${machine.name} took the hello of ${body.agency}`);
    }
  }

  batchAnswered(frame: Frame, decision: string, hash: Uint8Array): void {
    const { history } = this;
    const { agency } = frame;
    const { seq } = frame.header.body;
    const text = hex(hash);
    if (decision === 'duplicate') {
      const known = history.actsOf(agency).accepted.some((act) => act.hash === text);
      if (!known) history.violate('I3', `${agency}/${seq}: another batch is called a duplicate`);
    }
    if (decision === 'fork' && history.lossesOf(agency).length + history.hubLosses.length === 0) {
      history.violate('liveness', `${agency} is forked without a cause`);
    }
  }

  accepted(
    batch: Archived,
    sender: { readonly incarnation: bigint; readonly epoch: bigint },
  ): void {
    const { history } = this;
    const { agency, seq } = batch;
    const hash = hex(batch.headerHash);
    const hashes = rowOf(history.receipted, `${agency}/${seq}`, () => new Set<string>());
    const others = [...hashes].filter((other) => other !== hash);
    hashes.add(hash);
    rowOf(history.acceptedAt, hash, () => this.#now());
    if (others.some((other) => !history.isDoubleLoss(agency, other))) {
      history.violate('I3', `${agency}/${seq} has two receipted hashes`);
    }
    const current = history.welcomed.get(agency);
    const fits = current?.epoch === sender.epoch && current.incarnation === sender.incarnation;
    // a hub that was restored and not raised may have forgotten an epoch as well
    if (!fits && !this.#raiseIsDue)
      history.violate('I7', `${agency}/${seq} came under epoch ${sender.epoch}`);
    const { accepted, applied } = history.actsOf(agency);
    const last = accepted.at(-1);
    const follows =
      hex(batch.header.body.prevHash) === (last?.hash ?? '') && seq === (last?.seq ?? 0n) + 1n;
    if (!follows) history.violate('I2', `${agency}/${seq} does not follow ${last?.seq ?? 0n}`);
    history.act({ kind: 'accepted', agency, seq, hash });
    if (accepted.length - applied.length > this.#waitingMax) {
      history.violate('I15', `${agency}: more than ${this.#waitingMax} batches wait`);
    }
  }

  applied({ agency, seq, headerHash }: Archived): void {
    const { history } = this;
    const twice = history.actsOf(agency).applied.some((act) => act.seq === seq);
    if (twice) history.violate('I5', `${agency}/${seq} is applied twice`);
    history.act({ kind: 'applied', agency, seq, hash: hex(headerHash) });
  }

  /** `hash` is that of the batch that was sent. */
  receiptStored(place: Place, header: Header, hash: Uint8Array, receipt: Receipt): void {
    const { history } = this;
    const { agency, seq } = header;
    const text = hex(hash);
    if (hex(receipt.headerHash) !== text || receipt.seq !== seq) {
      history.violate('I4', `${place.machine.name} took a receipt of another batch for ${seq}`);
    }
    const at = history.batches.get(text)?.at ?? 0;
    const durable = history.actsOf(agency).accepted.some((act) => act.hash === text);
    const lost = history.hubLosses.some((loss) => loss.at >= at);
    if (!durable && !lost) history.violate('I4', `${agency}/${seq} is receipted and not there`);
    history.heldReceipts.push({ agency, seq, hash: text });
  }

  pageTaken({ machine }: Place, { hubIncarnation, fromCursor, toCursor }: PageHeader): void {
    const before = this.history.cursors.get(machine.name);
    const backwards =
      before?.incarnation === hubIncarnation && fromCursor < before.cursor && fromCursor > 0n;
    if (backwards) {
      this.history.violate('I5', `${machine.name} took a page twice, from ${fromCursor}`);
    }
    this.history.cursors.set(machine.name, { incarnation: hubIncarnation, cursor: toCursor });
  }

  checkpointMade(body: Checkpoint): void {
    const key = `${body.hubIncarnation}/${body.number}`;
    if (this.history.checkpoints.has(key) && this.history.hubLosses.length === 0) {
      this.history.violate('I11', `checkpoint ${key} was made twice`);
    }
    this.history.checkpoints.set(key, body);
  }

  answered(place: Place, reply: Reply): void {
    const { sentTo } = this.history;
    if (sentTo === undefined) return;
    rowOf(sentTo, place.machine.name, () => []).push(shown(reply));
  }

  /** What was in its own batches is only here again. */
  abandoned({ machine, abandoned }: Place): void {
    const written = this.history.writtenAt(machine.name);
    for (const { headerHash } of abandoned.values()) {
      const hash = hex(headerHash);
      for (const key of this.history.sealedWrites.get(hash) ?? []) written.add(key);
      this.history.sealedWrites.delete(hash);
    }
  }

  /** What was written here since must stay; what was not must be as the hub has it. */
  adopted({ machine, profile, agency }: Place, batch: ArchivedBatch, before: BeforeAdoption): void {
    const { history } = this;
    const written = history.writtenAt(machine.name);
    const shadow = history.shadowOf(machine.name);
    for (const { recordId, op, whole, tags, rows } of batch.content.records) {
      const own = before.profile.get(recordId);
      const logged = before.logged.get(recordId) ?? new Set();
      const now = profile.get(recordId);
      const hubs = op === 'D' ? undefined : overlaid(whole ? {} : (own ?? {}), tags, rows);
      for (const tag of [10, 11, 12, 20]) {
        // a record that was made here is one that the hub has as well; a deletion is the whole of it
        const isGone = own === undefined && written.has(`${recordId} 0`);
        const isOwn = isGone || written.has(`${recordId} ${tag}`);
        const must = isOwn ? own?.[tag] : hubs?.[tag];
        // what stood in the log when the backup was taken, or in a batch that is abandoned
        const mayStay = logged.size > 0 && now?.[tag] === own?.[tag];
        if (now?.[tag] !== must && !mayStay) {
          const what = `${now?.[tag] ?? '-'}, must be ${must ?? '-'}, was ${own?.[tag] ?? '-'}`;
          history.violate('I6', `${agency}: rejoining made ${recordId} ${tag} ${what}`);
        }
        // the same rows, written here and there: nobody can tell it from what was sealed once
        const isNamed = op === 'U' && (whole || tags.includes(tag));
        if (isNamed && own?.[tag] === hubs?.[tag]) written.delete(`${recordId} ${tag}`);
      }
      // gone here and there: nobody can tell the deletion from one that was sealed once
      const isGoneTwice = op === 'D' && own === undefined;
      if (isGoneTwice || (own === undefined && now !== undefined)) {
        for (const tag of [0, 10, 11, 12, 20]) written.delete(`${recordId} ${tag}`);
      }
      if (now === undefined) shadow.delete(recordId);
      else shadow.set(recordId, now);
    }
  }

  /** What only that machine knew is lost. */
  retired(agency: string): void {
    const losses = this.history.lossesOf(agency);
    const backupAt = Math.min(...losses.map((loss) => loss.backupAt));
    losses.push({ at: this.#now(), backupAt });
  }

  calledSafe(agency: string, seq: bigint): void {
    const safe = rowOf(this.history.safe, agency, () => new Set<string>());
    for (const act of this.history.actsOf(agency).accepted) if (act.seq <= seq) safe.add(act.hash);
  }

  released(agency: string): void {
    this.history.rivals.get(agency)?.clear();
  }

  raised(): void {
    this.#raiseIsDue = false;
    for (const rivals of this.history.rivals.values()) rivals.clear();
  }

  /** The hub went back to where it had done `length` acts. */
  hubRestored(length: number, backupAt: number): void {
    const { history } = this;
    history.forgetActs(length);
    history.hubLosses.push({ at: this.#now(), backupAt });
    this.raised();
    this.#raiseIsDue = true;
  }

  /** A machine begins with the state of another, or with an older one of its own. */
  nodeCopied(
    agency: string,
    machine: string,
    from: { readonly shadow: ReadonlyMap<string, Sections>; readonly at: number },
    isClone: boolean,
  ): void {
    const { history } = this;
    history.shadows.set(machine, new Map(from.shadow));
    history.written.set(machine, new Set());
    history.folds.delete(machine);
    history.cursors.delete(machine);
    // a copy never learns what the other does from then on
    history.lossesOf(agency).push({ at: isClone ? Infinity : this.#now(), backupAt: from.at });
    if (isClone) {
      history.rivals.set(agency, new Set());
      for (const other of history.written.keys()) {
        if (other.startsWith(`${agency}.`)) history.written.set(other, new Set());
      }
    }
  }
}

type Order = { readonly incarnation: bigint; readonly epoch: bigint };

const isLater = (a: Order, b: Order): boolean =>
  a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.epoch > b.epoch);

/** Everything of an answer but the root over the heads of all units, which is published. */
const shown = (reply: Reply): string =>
  JSON.stringify(reply, (key, value: unknown) => {
    if (key === 'root' || key === 'prevHash') return '';
    if (value instanceof Uint8Array) return hex(value);
    return typeof value === 'bigint' ? value.toString() : value;
  });
