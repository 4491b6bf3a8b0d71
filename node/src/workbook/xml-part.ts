/**
 * The XML parts of a package as they stream by. Names come without their prefix, since some programs
 * write `row` and others `x:row`; which namespace it is does not matter here. UTF-8 or UTF-16, nothing
 * else is XML of a workbook; bytes that are neither are damage and are never replaced.
 */
import type { Buffer } from 'node:buffer';
import { TextDecoder } from 'node:util';

import { SaxesParser } from 'saxes';

import { damagedWorkbook, WorkbookError } from './workbook-error.ts';

/** By name as written, with its prefix. */
export type Attributes = Readonly<Record<string, string>>;

export type XmlReader = {
  readonly open: (name: string, attributes: Attributes) => void;
  readonly close: (name: string) => void;
  /** Character data; of one text it may come in several pieces. */
  readonly text: (text: string) => void;
};

/** No part of a workbook is nested as deep; what is open stays in memory. */
const depthMax = 64;
/** Nor is a single tag or text as long: Excel's longest has 32,767 characters. */
const pieceBytesMax = 4 * 1024 * 1024;

/**
 * Tells the reader what is in the bytes, and yields after each piece of them, so that what came of it
 * can be passed on. Throws a WorkbookError `damaged` where it is no well-formed XML.
 */
export async function* readXml(
  bytes: AsyncIterable<Buffer>,
  reader: XmlReader,
): AsyncGenerator<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let depth = 0;
  let silentBytes = 0;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    silentBytes = 0;
    if (depth > depthMax) throw damagedWorkbook();
    reader.open(withoutPrefix(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    silentBytes = 0;
    reader.close(withoutPrefix(name));
  });
  parser.on('text', reader.text);
  parser.on('cdata', reader.text);
  let decoder: TextDecoder | undefined;
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(isUtf16(chunk) ? utf16Of(chunk) : 'utf-8', { fatal: true });
    const text = orDamaged(decoder, (one) => one.decode(chunk, { stream: true }));
    silentBytes += chunk.length;
    orDamaged(parser, (one) => one.write(text));
    if (silentBytes > pieceBytesMax) throw damagedWorkbook();
    yield;
  }
  if (decoder === undefined) return;
  const rest = orDamaged(decoder, (one) => one.decode());
  orDamaged(parser, (one) => one.write(rest).close());
  yield;
}

/** The value of the attribute of that name, whatever its prefix. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  const found = Object.keys(attributes).find((one) => withoutPrefix(one) === name);
  return found === undefined ? undefined : attributes[found];
}

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1);

const isUtf16 = ([first, second]: Buffer): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

const utf16Of = ([first]: Buffer): 'utf-16le' | 'utf-16be' =>
  first === 0xff ? 'utf-16le' : 'utf-16be';

function orDamaged<T, R>(of: T, work: (of: T) => R): R {
  try {
    return work(of);
  } catch (cause) {
    throw cause instanceof WorkbookError ? cause : damagedWorkbook(cause);
  }
}
