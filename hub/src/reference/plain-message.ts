/**
 * The form in which social insurance and Party are asked: no form of theirs is public, so it is one of
 * ours that a gateway has to make, one JSON object each way.
 *
 *   {"pins":["…"]}
 *   {"asOf":"2026-11-22","people":[{"pin":"…","found":true,"fields":{"insurance.social_insurance_no":"…"}},
 *                                  {"pin":"…","found":false},{"pin":"…","withheld":true}]}
 */
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import { isPartialDate } from '@lienthong/shared-schema/text/partial-date.ts';

import type { ReferenceAnswer } from '../protocol/compare-reference.ts';
import { type Answers, MessageError, type ReferenceMessage } from './reference-message.ts';

export const plainMessage: ReferenceMessage = {
  contentType: 'application/json',
  query: (pins) => JSON.stringify({ pins }),
  read: (text) => {
    const { asOf, people } = membersOf(parse(text));
    if (typeof asOf !== 'string' || asOf.length !== 10 || !isPartialDate(asOf)) {
      throw new MessageError('it does not say of which day it is');
    }
    if (!Array.isArray(people)) throw new MessageError('it has no list of people');
    const answers = new Map<string, ReferenceAnswer>();
    for (const person of people) {
      const [pin, answer] = answerOf(membersOf(person), asOf);
      if (answers.has(pin)) throw new MessageError('it has a person twice');
      answers.set(pin, answer);
    }
    return { answers, asOf } satisfies Answers;
  },
};

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new MessageError('it is no JSON', { cause });
  }
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MessageError('something in it is no object');
  }
  return Object.fromEntries(Object.entries(value));
}

function answerOf(person: Members, asOf: string): readonly [string, ReferenceAnswer] {
  const { pin, found, withheld, fields = {} } = person;
  if (typeof pin !== 'string') throw new MessageError('a person has no number');
  if (withheld === true) return [pin, { kind: 'withheld', fields: {}, asOf }];
  if (found === false) return [pin, { kind: 'not-found', fields: {}, asOf }];
  if (found !== true) throw new MessageError('of a person it does not say whether it is found');
  const values = Object.entries(membersOf(fields)).map(([path, value]): [string, string] => {
    if (typeof value !== 'string') throw new MessageError('a value is no text');
    // an escape such as \ud800 alone: no database takes it
    if (!value.isWellFormed()) throw new MessageError('a value has half a character');
    return [path, tidyText(value)];
  });
  return [pin, { kind: 'found', fields: Object.fromEntries(values), asOf }];
}
