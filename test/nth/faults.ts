/**
 * A database with one planted fault: at the n-th point of what runs on it, counted over all its
 * connections. Every statement is a point, in a transaction or not, and the data of every COPY is one
 * more. The faults are real: the server raises the error, the backend ends itself, the socket is
 * destroyed. Nothing of the product is replaced but what it sends at that one point.
 */
import type { Socket } from 'node:net';

import { type Database, openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import type pg from 'pg';

/**
 * - `error`: the server refuses the statement, for want of room on its disk.
 * - `conflict`: the server asks for the transaction to be tried again.
 * - `cut`: the connection breaks before the statement leaves, or in the middle of the data.
 * - `kill`: the backend is terminated instead of running it, or in the middle of the data.
 * - `lost`: the statement is run to its end, and the connection breaks before its answer arrives.
 */
export const faultKinds = ['error', 'conflict', 'cut', 'kill', 'lost'] as const;
export type FaultKind = (typeof faultKinds)[number];

export type Fault = { readonly point: number; readonly kind: FaultKind };

export type Point = {
  /** The statement, or `data of` a COPY. */
  readonly text: string;
  /** Its end may commit something: a commit, or a statement outside of any transaction. */
  readonly commits: boolean;
};

export type FaultyDatabase = Database & {
  /** Counts from nothing again, with another fault or none. */
  readonly arm: (fault?: Fault) => void;
  readonly hit: () => boolean;
  /** What ran since it was armed. */
  readonly points: () => readonly Point[];
  /** Called before and after each statement that can wait. */
  onStatement: (() => Promise<void>) | undefined;
  /** Resolves when the pool knows of every connection that a fault has ended; returns their backends. */
  readonly ended: () => Promise<readonly number[]>;
};

type Query = (...args: readonly unknown[]) => unknown;

/** What `pg-copy-streams` gives: a query that is its own stream. */
type CopyStream = {
  text: string;
  submit: unknown;
  destroy: (error: Error) => void;
  /** To the server. */
  _write?: (chunk: Buffer, encoding: string, done: (error?: Error | null) => void) => void;
  _final?: (done: (error?: Error | null) => void) => void;
  flushChunk?: (chunk: Buffer) => boolean;
  /** From the server. */
  _parse?: (chunk: Buffer) => boolean;
};

const raising = (state: string): string =>
  `do $$ begin raise exception 'planted' using errcode = '${state}'; end $$`;
const states = { error: '53100', conflict: '40001' } as const;
const suicide = 'pg_terminate_backend(pg_backend_pid())';
/** Without any row: whoever copies does not expect one. */
const dying = `do $$ begin perform ${suicide}; end $$`;
/** Runs once the first arm of a union has given all its rows. */
const failingLater = {
  error: '(select 1 / (random() * 0)::integer)',
  conflict: '(select 1 / (random() * 0)::integer)',
  kill: `(select ${suicide})`,
} as const;

export function openFaulty(
  url: string,
  options: { readonly max: number; readonly terminate: (pid: number) => Promise<void> },
): FaultyDatabase {
  const database = openDatabase(url, { max: options.max, applicationName: 'test faulty' });
  const points: Point[] = [];
  const broken = new Map<number, Promise<void>>();
  let fault: Fault | undefined;
  let hit = false;

  /** The kind of fault that is due at this point, if any. */
  const reach = (text: string, inTransaction: boolean): FaultKind | undefined => {
    points.push({ text, commits: text === 'commit' || !inTransaction });
    if (fault?.point !== points.length) return undefined;
    hit = true;
    return fault.kind;
  };

  const instrument = (client: pg.PoolClient): void => {
    const pid = (client as unknown as { readonly processID: number }).processID;
    const { stream: socket } = (
      client as unknown as { readonly connection: { readonly stream: Socket } }
    ).connection;
    const query = client.query.bind(client) as unknown as Query;
    const end = new Promise<void>((resolve) => void client.once('end', resolve));
    const breaking = (): void => void broken.set(pid, end);
    let inTransaction = false;
    const plain = (args: readonly unknown[], text: string): unknown => {
      if (text.startsWith('begin')) inTransaction = true;
      const kind = reach(text, inTransaction);
      if (text === 'commit' || text === 'rollback') inTransaction = false;
      const instead = (other: string): unknown => {
        const done = args.at(-1);
        return typeof done === 'function' ? query(other, done) : query(other);
      };
      switch (kind) {
        case undefined:
          return query(...args);
        case 'error':
        case 'conflict':
          return instead(raising(states[kind]));
        case 'cut':
          breaking();
          socket.destroy();
          return query(...args);
        case 'kill':
          breaking();
          return instead(dying);
        case 'lost':
          breaking();
          dropAnswer(socket);
          return query(...args);
      }
    };
    const copy = (stream: CopyStream): unknown => {
      const { text } = stream;
      const start = reach(text, inTransaction);
      const data = reach(`data of ${text}`, inTransaction);
      const kind = start ?? data;
      if (kind === undefined) return query(stream);
      if (kind !== 'error' && kind !== 'conflict') breaking();
      if (start !== undefined) failAtStart(stream, start, socket);
      else if (stream._parse === undefined) {
        failInDataIn(stream, kind, { socket, kill: () => options.terminate(pid) });
      } else failInDataOut(stream, kind, socket);
      return query(stream);
    };
    const counted = (...args: readonly unknown[]): unknown => {
      const [first] = args;
      if (isCopy(first)) return copy(first);
      const text = typeof first === 'string' ? first : String((first as { text: unknown }).text);
      // what undoes a failed transaction is not a step of it
      if (text === 'rollback') {
        inTransaction = false;
        return query(...args);
      }
      const { onStatement } = faulty;
      if (onStatement === undefined) return plain(args, text);
      const tell = args.at(-1);
      if (typeof tell === 'function') {
        const told = (...answer: readonly unknown[]): void =>
          void onStatement().then(() => Reflect.apply(tell, undefined, answer));
        return onStatement().then(() => plain([...args.slice(0, -1), told], text));
      }
      return onStatement()
        .then(() => plain(args, text))
        .then(async (answer) => {
          await onStatement();
          return answer;
        });
    };
    Object.assign(client, { query: counted });
  };
  database.pool.on('connect', instrument);

  const faulty: FaultyDatabase = {
    ...database,
    arm(next) {
      fault = next;
      hit = false;
      points.length = 0;
      broken.clear();
    },
    hit: () => hit,
    points: () => [...points],
    onStatement: undefined,
    async ended() {
      await Promise.all(broken.values());
      return [...broken.keys()];
    },
  };
  return faulty;
}

const isCopy = (query: unknown): query is CopyStream =>
  typeof query === 'object' && query !== null && 'submit' in query && 'text' in query;

/** Destroys the socket once the server says that it is ready again; nothing of the answer is read. */
function dropAnswer(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean;
  let tail = Buffer.alloc(0);
  const dropping = (event: string, ...args: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...args);
    tail = Buffer.concat([tail, args[0] as Buffer]).subarray(-6);
    if (isReady(tail)) socket.destroy();
    return true;
  };
  Object.assign(socket, { emit: dropping });
}

/** ReadyForQuery: `Z`, its length, and the state of the transaction. */
const isReady = (tail: Buffer): boolean => tail[0] === 0x5a && tail.readUInt32BE(1) === 5;

function failAtStart(stream: CopyStream, kind: FaultKind, socket: Socket): void {
  switch (kind) {
    case 'error':
    case 'conflict':
      stream.text = raising(states[kind]);
      return;
    case 'kill':
      stream.text = dying;
      return;
    case 'cut':
    case 'lost':
      // of a COPY that has begun and whose answer is lost the server knows no more than of one cut
      socket.destroy();
      return;
  }
}

function failInDataOut(stream: CopyStream, kind: FaultKind, socket: Socket): void {
  if (kind === 'cut' || kind === 'lost') {
    const parse = stream._parse?.bind(stream);
    let cut = false;
    stream._parse = (chunk) => {
      if (cut) return false;
      cut = true;
      const half = chunk.subarray(0, Math.ceil(chunk.length / 2));
      const more = kind === 'cut' ? (parse?.(half) ?? false) : false;
      socket.destroy();
      return more;
    };
    return;
  }
  const { query } = /^copy \((?<query>.*)\) to stdout$/su.exec(stream.text)?.groups ?? {};
  if (query === undefined) throw new RangeError(`no COPY of a query: ${stream.text}`);
  stream.text = `copy (select one.* from (${query}) one union all
    select two.* from (select ${failingLater[kind]} as n) f, lateral (${query}) two
      where f.n is not null) to stdout`;
}

type Ends = { readonly socket: Socket; readonly kill: () => Promise<void> };

function failInDataIn(stream: CopyStream, kind: FaultKind, { socket, kill }: Ends): void {
  if (kind === 'lost') {
    const end = stream._final?.bind(stream);
    stream._final = (done) => {
      dropAnswer(socket);
      end?.(done);
    };
    return;
  }
  const flush = stream.flushChunk?.bind(stream);
  stream.flushChunk = (chunk) => {
    flush?.(chunk.subarray(0, Math.ceil(chunk.length / 2)));
    if (kind === 'cut') socket.destroy();
    else if (kind === 'kill') void kill();
    else setImmediate(() => stream.destroy(new Error('planted')));
    return false;
  };
}
