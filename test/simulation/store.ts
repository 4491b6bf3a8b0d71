/**
 * An in-memory database with transactions: tables of immutable values, a journal that undoes what was
 * rolled back, and snapshots for backups. What is committed is durable at once, unless `lazy` says
 * that it becomes so only at `flush()`; a crash undoes what is not durable.
 */
type Undo = () => void;

export type Snapshot = readonly ReadonlyMap<unknown, unknown>[];

export class Store {
  /** A server that acknowledges commits before they are on its disk. */
  lazy = false;
  readonly #tables: Table<unknown, unknown>[] = [];
  readonly #undo: Undo[] = [];

  table<K, V>(): Table<K, V> {
    const table = new Table<K, V>((undo) => this.#undo.push(undo));
    this.#tables.push(table);
    return table;
  }

  /** Runs `work` whole or not at all: what it throws is thrown on after its changes are undone. */
  transaction<T>(work: () => T): T {
    const mark = this.#undo.length;
    try {
      const result = work();
      if (!this.lazy) this.flush();
      return result;
    } catch (error) {
      this.#undoDownTo(mark);
      throw error;
    }
  }

  flush(): void {
    this.#undo.length = 0;
  }

  /** The process or its machine dies: what was not durable is gone. */
  crash(): void {
    this.#undoDownTo(0);
  }

  /** A backup: what is durable now. */
  snapshot(): Snapshot {
    return this.#tables.map((table) => table.copy());
  }

  restore(snapshot: Snapshot): void {
    this.#undo.length = 0;
    for (const [i, rows] of snapshot.entries()) this.#tables[i]?.load(rows);
  }

  #undoDownTo(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }
}

export class Table<K, V> {
  #rows = new Map<K, V>();
  readonly #note: (undo: Undo) => void;

  constructor(note: (undo: Undo) => void) {
    this.#note = note;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: K): V | undefined {
    return this.#rows.get(key);
  }

  /** The row that must be there. Throws where it is not. */
  row(key: K): V {
    const row = this.#rows.get(key);
    if (row === undefined) throw new RangeError(`no row ${String(key)}`);
    return row;
  }

  has(key: K): boolean {
    return this.#rows.has(key);
  }

  set(key: K, value: V): void {
    const rows = this.#rows;
    const had = rows.has(key);
    const before = rows.get(key);
    rows.set(key, value);
    this.#note(() => (had && before !== undefined ? rows.set(key, before) : rows.delete(key)));
  }

  /** Changes some columns of the row that must be there. */
  update(key: K, change: Partial<V>): void {
    this.set(key, { ...this.row(key), ...change });
  }

  delete(key: K): void {
    const rows = this.#rows;
    const before = rows.get(key);
    if (before === undefined) return;
    rows.delete(key);
    this.#note(() => rows.set(key, before));
  }

  keys(): IterableIterator<K> {
    return this.#rows.keys();
  }

  values(): IterableIterator<V> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#rows.entries();
  }

  copy(): ReadonlyMap<K, V> {
    return new Map(this.#rows);
  }

  load(rows: ReadonlyMap<K, V>): void {
    this.#rows = new Map(rows);
  }
}
