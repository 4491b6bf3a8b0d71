/** What a reference source is asked and what it answers, as text in one of several forms. */
import type { ReferenceAnswer } from '../protocol/compare-reference.ts';

/** Of each person who was asked for and is in the message, by PIN; who is not in it is not found. */
export type Answers = {
  readonly answers: ReadonlyMap<string, ReferenceAnswer>;
  /** The day of the data, `YYYY-MM-DD`. */
  readonly asOf: string;
};

export type ReferenceMessage = {
  readonly contentType: string;
  readonly query: (pins: readonly string[]) => string;
  /** Throws MessageError. */
  readonly read: (text: string) => Answers;
};

/** The answer is not in the form agreed; the message says why and holds nothing of a person. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}
