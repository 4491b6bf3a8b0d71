/**
 * Damage to bytes on their way: every single bit flipped, every truncation. What a receiver takes all
 * the same is handed back, so that a test can say exactly what may pass and why.
 */

export type Damage = {
  /** Bit 1 of byte 3 as `3.1`, a truncation to 120 bytes as `…120`. */
  readonly at: string;
  readonly bytes: Buffer;
};

/** Each of the 8 flips of each byte, then each shorter beginning, the empty one too. */
export function* everyDamage(whole: Uint8Array): Generator<Damage> {
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const bytes = Buffer.from(whole);
    const byte = bit >> 3;
    bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (bit & 7));
    yield { at: `${byte}.${bit & 7}`, bytes };
  }
  for (let length = 0; length < whole.length; length += 1) {
    yield { at: `…${length}`, bytes: Buffer.from(whole.subarray(0, length)) };
  }
}

export type Passed<T> = { readonly at: string; readonly value: T };

export type DamageReport<T> = {
  readonly cases: number;
  /** What the reader took, with what it read; the others ended with a refusal. */
  readonly passed: readonly Passed<T>[];
};

/**
 * Has a reader read every damage. `isRefusal` says which errors are the documented ones; any other
 * error is thrown on, with the place of the damage.
 */
export async function readEveryDamage<T>(
  whole: Uint8Array,
  read: (bytes: Buffer) => T | Promise<T>,
  isRefusal: (error: unknown) => boolean,
): Promise<DamageReport<T>> {
  const passed: Passed<T>[] = [];
  let cases = 0;
  for (const { at, bytes } of everyDamage(whole)) {
    cases += 1;
    try {
      passed.push({ at, value: await read(bytes) });
    } catch (error) {
      if (!isRefusal(error)) throw new Error(`damage at ${at} is not refused`, { cause: error });
    }
  }
  return { cases, passed };
}

/** Names of the fields in which two messages of one kind differ, in order. */
export function changedFields(before: object, after: object): readonly string[] {
  const text = (value: unknown): string =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
  const values = new Map(Object.entries(after));
  return Object.entries(before)
    .filter(([name, value]) => text(value) !== text(values.get(name)))
    .map(([name]) => name)
    .toSorted();
}
