/**
 * A reference source as the hub asks it: one call for some people, over HTTPS with a key, an answer of
 * bounded size within a bounded time. What comes of it is a value: nothing here waits, repeats or
 * remembers.
 */
import { readFile } from 'node:fs/promises';

import type { ReferenceSetting } from '../config.ts';
import { HubError } from '../errors.ts';
import type { ReferenceAnswer } from '../protocol/compare-reference.ts';
import type { ReferenceName } from '../protocol/reference-fields.ts';
import { citizenMessage } from './citizen-message.ts';
import { plainMessage } from './plain-message.ts';
import { MessageError, type ReferenceMessage } from './reference-message.ts';

export type QueryOutcome =
  /** For each PIN that was asked. */
  | { readonly kind: 'answered'; readonly answers: ReadonlyMap<string, ReferenceAnswer> }
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /** `fault`: in words, without anything of a person. */
  | { readonly kind: 'failed'; readonly fault: string }
  | { readonly kind: 'denied'; readonly fault: string };

export type ReferenceSource = ReferenceSetting & {
  /** At most `peopleMax`. Aborts with the signal. */
  readonly query: (pins: readonly string[], signal?: AbortSignal) => Promise<QueryOutcome>;
};

/** People in one call. */
export const peopleMax = 100;
/** 100 citizens with all that the standard lets be said of them are below 1 MB. */
const answerBytesMax = 4 * 1024 * 1024;
const busyMs = 30_000;

const messages: Readonly<Record<ReferenceName, ReferenceMessage>> = {
  population: citizenMessage,
  'social-insurance': plainMessage,
  party: plainMessage,
};

/** Throws HUB_REFERENCE_NOT_SET where the address will not do, HUB_REFERENCE_KEY where the key cannot be read. */
export async function openReferenceSource(setting: ReferenceSetting): Promise<ReferenceSource> {
  if (!isPrivateWay(setting.url)) {
    throw new HubError('HUB_REFERENCE_NOT_SET', { detail: 'the address must begin with https://' });
  }
  const key = setting.keyFile === '' ? '' : await readKey(setting.keyFile);
  const message = messages[setting.name];
  return {
    ...setting,
    query: async (pins, signal) => {
      const limit = AbortSignal.timeout(setting.timeoutMs);
      const until = signal === undefined ? limit : AbortSignal.any([signal, limit]);
      try {
        const response = await fetch(setting.url, {
          method: 'POST',
          headers: {
            'content-type': message.contentType,
            accept: message.contentType,
            ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
          },
          body: message.query(pins),
          redirect: 'error',
          signal: until,
        });
        const refused = await refusalOf(response);
        return refused ?? answered(message, await readText(response), pins);
      } catch (error) {
        if (signal?.aborted === true) throw error;
        return { kind: 'failed', fault: faultOf(error, limit) };
      }
    },
  };
}

const ownMachine: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Numbers of people and the key go this way: in plain only to a gateway on this machine. */
function isPrivateWay(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && ownMachine.has(hostname));
}

async function readKey(path: string): Promise<string> {
  let key: string;
  try {
    key = (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new HubError('HUB_REFERENCE_KEY', { cause });
  }
  // no header could carry it, and every call would look like one without an answer
  if (!/^[\x21-\x7e]+$/u.test(key)) throw new HubError('HUB_REFERENCE_KEY');
  return key;
}

async function refusalOf(response: Response): Promise<QueryOutcome | undefined> {
  const { status } = response;
  if (status === 200) return undefined;
  await response.body?.cancel();
  if (status === 401 || status === 403) return { kind: 'denied', fault: `HTTP ${status}` };
  if (status === 429 || status === 503) {
    return { kind: 'busy', retryAfterMs: retryAfterMs(response.headers.get('retry-after')) };
  }
  return { kind: 'failed', fault: `HTTP ${status}` };
}

/** In seconds; a date is not agreed, and waits as long as no word of it. */
function retryAfterMs(header: string | null): number {
  return header !== null && /^[0-9]{1,6}$/u.test(header) ? Number(header) * 1_000 : busyMs;
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > answerBytesMax) throw new MessageError('it is too large');
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new MessageError('it is no UTF-8', { cause });
  }
}

/** Who is not in the answer is not found; somebody else in it makes it none. */
function answered(message: ReferenceMessage, text: string, pins: readonly string[]): QueryOutcome {
  const { answers, asOf } = message.read(text);
  const asked = new Set(pins);
  if ([...answers.keys()].some((pin) => !asked.has(pin))) {
    throw new MessageError('it has somebody who was not asked for');
  }
  const none: ReferenceAnswer = { kind: 'not-found', fields: {}, asOf };
  return {
    kind: 'answered',
    answers: new Map(pins.map((pin) => [pin, answers.get(pin) ?? none])),
  };
}

function faultOf(error: unknown, limit: AbortSignal): string {
  if (error instanceof MessageError) return `the answer cannot be used: ${error.message}`;
  if (limit.aborted) return 'no answer in time';
  return 'no whole answer: the connection failed';
}
