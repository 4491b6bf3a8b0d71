import { InvalidArgumentError } from 'commander';

const pageMax = 10_000;

/** An argument of commander: how many lines a page of a list has, 10,000 at most. */
export function pageLimit(text: string): number {
  const limit = Number(text);
  if (/^[0-9]{1,5}$/u.test(text) && limit > 0 && limit <= pageMax) return limit;
  throw new InvalidArgumentError(`give a number from 1 to ${pageMax}.`);
}
