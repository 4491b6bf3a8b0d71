/** Arguments that the commands of review and of the life of a record share. */
import { userInfo } from 'node:os';

import type { Answer } from '@lienthong/shared-schema/runtime/answer.ts';
import { isPartialDate } from '@lienthong/shared-schema/text/partial-date.ts';
import { type Command, InvalidArgumentError, Option } from 'commander';

import type { RowKind } from '../db/intake.ts';
import type { RowKey } from '../db/publish-pick.ts';
import type { NodeContext } from '../sync/context.ts';

/** Opens the node, runs the work of a command, prints its answer. */
export type Answering = (work: (node: NodeContext) => Promise<Answer>) => Promise<void>;

const kinds: readonly RowKind[] = ['unit', 'person', 'list-row'];

export const kindOption = (): Option =>
  new Option('--kind <kind>', 'rows of this kind').choices([...kinds]);

/** `SHEET:ROW`; the name of a CSV sheet may have a colon itself. */
export function rowKey(text: string): RowKey {
  const { sheet, row } = /^(?<sheet>.+):(?<row>[0-9]{1,7})$/su.exec(text)?.groups ?? {};
  if (sheet === undefined) {
    throw new InvalidArgumentError('give sheet and number of the row, such as "Danh sách:12".');
  }
  return { sheet, row: Number(row) };
}

export const rowKeys = (text: string, before: readonly RowKey[] = []): readonly RowKey[] => [
  ...before,
  rowKey(text),
];

const idShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

export function identifier(text: string): string {
  if (!idShape.test(text))
    throw new InvalidArgumentError('it is an identifier such as 01939d7e-….');
  return text;
}

/** A record by its identifier, or a person by the 12-digit number. */
export function recordName(text: string): string {
  if (/^[0-9]{12}$/u.test(text)) return text;
  return identifier(text);
}

/** `IMPORT SHEET:ROW`, as a page ends with. */
export function rowCursor(text: string): RowKey & { readonly importId: string } {
  const space = text.indexOf(' ');
  return { importId: identifier(text.slice(0, space)), ...rowKey(text.slice(space + 1)) };
}

export function pageLimit(text: string): number {
  const limit = Number(text);
  if (!/^[0-9]{1,5}$/u.test(text) || limit < 1 || limit > 10_000) {
    throw new InvalidArgumentError('give a number from 1 to 10000.');
  }
  return limit;
}

/** The number of a removal, as a page ends with. */
export function pageNumber(text: string): bigint {
  if (!/^[0-9]{1,18}$/u.test(text)) {
    throw new InvalidArgumentError('it is the number that the last page ended with.');
  }
  return BigInt(text);
}

export function dayArgument(text: string): string {
  if (text.length !== 10 || !isPartialDate(text)) {
    throw new InvalidArgumentError('give a day as YYYY-MM-DD.');
  }
  return text;
}

/** Who decides: what `--as` says, else the user of the operating system. */
export function decider(given: string | undefined, command: Command): string {
  const name = (given ?? operatingUser()).trim().normalize('NFC');
  if (name === '' || name.length > 120) {
    command.error('error: say who decides with --as NAME, 120 characters at most');
  }
  return name;
}

function operatingUser(): string {
  try {
    return userInfo().username;
  } catch {
    // a container may run under a number that has no name
    return '';
  }
}
