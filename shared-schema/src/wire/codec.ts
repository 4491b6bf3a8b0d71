/**
 * Bytes ⇄ typed messages: the only importer of protobufjs. `sync.proto` is parsed at start.
 *
 * 64-bit numbers are bigint, enums are their names, every field is present. Malformed bytes and
 * enum value 0 throw a WireError, whatever protobufjs itself would throw; so does a message of more
 * fields than any of ours has. Unknown fields are ignored, since what is kept and verified is the
 * received bytes, never a re-encoding.
 */
import { readFileSync } from 'node:fs';

import protobuf from 'protobufjs';

export class WireError extends Error {
  override readonly name = 'WireError';
}

export type Codec<T> = {
  readonly encode: (message: T) => Buffer;
  readonly decode: (bytes: Uint8Array) => T;
};

export const protoText = readFileSync(new URL('../../proto/sync.proto', import.meta.url), 'utf8');

const { root } = protobuf.parse(protoText);
root.resolveAll();

/** Nesting of our messages is at most 3; anything deeper is not ours. */
protobuf.Reader.recursionLimit = 16;

/**
 * Fields of one message, those of messages within it and unknown ones included. Two bytes are a field,
 * and as an object it takes some 300: 64 MB of empty blocks would be gigabytes. The largest message of
 * a unit has some thousand.
 */
const fieldsMax = 100_000;

/** Reads a message, and refuses to go on after so many fields. */
class BoundedReader extends protobuf.BufferReader {
  #left: number;

  constructor(bytes: Uint8Array, fields: number) {
    super(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#left = fields;
  }

  override tag(): number {
    this.#spend(1);
    return super.tag();
  }

  /** Packed numbers have no tags; each is a byte at least. */
  override uint32s(array?: number[]): number[] {
    const { pos } = this;
    this.#spend(this.size());
    this.pos = pos;
    return super.uint32s(array);
  }

  #spend(fields: number): void {
    this.#left -= fields;
    if (this.#left < 0) throw new WireError('there are too many fields');
  }
}

type Plain = { [name: string]: unknown };

/** `options.fieldsMax` where more fields than usual are right. */
export function codec<T extends object>(
  name: string,
  options: { readonly fieldsMax?: number } = {},
): Codec<T> {
  const type = root.lookupType(`lienthong.sync.v1.${name}`);
  return {
    encode(message) {
      // encode() alone would write a bigint as 0; fromObject() reads its decimal digits
      const wire = type.fromObject(toWire(type, message as Plain));
      const fault = type.verify(wire);
      if (fault !== null) throw new WireError(`${name} cannot be written: ${fault}`);
      return Buffer.from(type.encode(wire).finish());
    },
    decode(bytes) {
      try {
        const reader = new BoundedReader(bytes, options.fieldsMax ?? fieldsMax);
        const decoded = type.toObject(type.decode(reader), {
          longs: String,
          enums: String,
          defaults: true,
          arrays: true,
        });
        return fromWire(type, decoded) as T;
      } catch (cause) {
        throw new WireError(`the bytes are no ${name}`, { cause });
      }
    },
  };
}

const is64 = (type: string): boolean => type === 'uint64' || type === 'int64';

function toWire(type: protobuf.Type, message: Plain): Plain {
  const plain: Plain = {};
  for (const field of type.fieldsArray) {
    plain[field.name] = each(message[field.name], (value) => {
      if (is64(field.type)) return String(value);
      if (field.resolvedType instanceof protobuf.Type) {
        return toWire(field.resolvedType, value as Plain);
      }
      if (field.resolvedType instanceof protobuf.Enum) {
        return field.resolvedType.values[value as string];
      }
      return value;
    });
  }
  return plain;
}

function fromWire(type: protobuf.Type, plain: Plain): Plain {
  const message: Plain = {};
  for (const field of type.fieldsArray) {
    message[field.name] = each(plain[field.name], (value) => {
      if (is64(field.type)) return storable64(BigInt(value as string));
      if (field.type === 'string') return storableText(value as string);
      if (field.resolvedType instanceof protobuf.Type) {
        return fromWire(field.resolvedType, value as Plain);
      }
      if (field.resolvedType instanceof protobuf.Enum) return knownName(field.resolvedType, value);
      return value;
    });
  }
  return message;
}

/** Numbers and texts that PostgreSQL could not hold are refused here, once for every message. */
function storable64(value: bigint): bigint {
  if (value >= 2n ** 63n) throw new WireError('a 64-bit number is 2^63 or more');
  return value;
}

function storableText(value: string): string {
  if (value.includes('\0')) throw new WireError('a text holds U+0000');
  return value;
}

function knownName(enumeration: protobuf.Enum, value: unknown): string {
  const number = typeof value === 'string' ? enumeration.values[value] : undefined;
  if (number === undefined || number === 0) {
    throw new WireError(`${enumeration.name} has no value ${String(value)}`);
  }
  return String(value);
}

function each(value: unknown, convert: (one: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map((one) => convert(one)) : convert(value);
}
