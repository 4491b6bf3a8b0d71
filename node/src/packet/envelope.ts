/**
 * The outside of a packet: the body that a program posts, `{"org_Code", "jsonContent"}`, and the base64
 * in it. Space in the base64 and missing padding are let pass, as decoders do; nothing else is.
 */
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import { memberOf, repeatedNames } from './members.ts';
import { type Json, type JsonObject, parseJson, storable } from './parse-json.ts';

/** A finding and where in the request it is. */
export type PacketFinding = Finding & { readonly path: string };

export type Envelope =
  | {
      readonly kind: 'opened';
      /** Null where the request names none. */
      readonly orgCode: string | null;
      readonly content: JsonObject;
    }
  | {
      readonly kind: 'unreadable';
      readonly finding: PacketFinding;
      /** What came, as far as it is text, to be kept with the refusal. */
      readonly received: string;
    };

export function openEnvelope(body: Uint8Array): Envelope {
  const text = utf8Text(body);
  if (text === undefined) return unreadable('', 'UTF-8', '');
  const parsed = parseJson(text);
  if (parsed.kind === 'unreadable') return unreadable('', parsed.reason, text);
  if (parsed.json.kind !== 'object') return unreadable('', 'JSON', text);
  const [repeated] = repeatedNames(parsed.json);
  if (repeated !== undefined) {
    const finding = makeFinding('packet_member_repeated', null);
    return {
      kind: 'unreadable',
      finding: { ...finding, path: storable(repeated) },
      received: text,
    };
  }
  const packed = memberOf(parsed.json, 'jsonContent');
  if (packed?.kind !== 'text') return unreadable('jsonContent', 'base64', text);
  const bytes = base64Bytes(packed.text);
  if (bytes === undefined) return unreadable('jsonContent', 'base64', text);
  const content = utf8Text(bytes);
  if (content === undefined) return unreadable('jsonContent', 'UTF-8', text);
  const inner = parseJson(content);
  if (inner.kind === 'unreadable') return unreadable('jsonContent', inner.reason, text);
  if (inner.json.kind !== 'object') return unreadable('jsonContent', 'JSON', text);
  return {
    kind: 'opened',
    orgCode: textOf(memberOf(parsed.json, 'org_Code')),
    content: inner.json,
  };
}

const textOf = (json: Json | undefined): string | null =>
  json?.kind === 'text' || json?.kind === 'number' ? json.text : null;

function unreadable(path: string, limit: string, received: string): Envelope {
  const finding = { ...makeFinding('packet_unreadable', null, { limit }), path };
  return { kind: 'unreadable', finding, received };
}

/** A mark of byte order is let pass. */
function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function base64Bytes(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/\s+/gu, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(compact)) return undefined;
  const bare = compact.replace(/=+$/u, '');
  return bare.length % 4 === 1 ? undefined : Buffer.from(bare, 'base64');
}
