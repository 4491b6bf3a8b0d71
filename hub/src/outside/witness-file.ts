/**
 * The witness: how far the database was when the worker last looked, in a file of HUB_DATA_DIR. A
 * database that is behind it was restored from a backup; what must follow is in
 * `protocol/restored.ts`.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { CredentialError, writeFileDurably } from '@lienthong/shared-schema/runtime/signature.ts';

import type { HubMarks, UnitMark } from '../protocol/restored.ts';
import { readIfThere } from './read-if-there.ts';

const fileName = 'witness.json';

/** What stands in the file, before anything of it is believed. */
type WitnessText = {
  readonly incarnation: unknown;
  readonly checkpoint: { readonly number: unknown; readonly hash: unknown };
  readonly units: readonly Readonly<Record<keyof UnitMark, unknown>>[];
};

/** Undefined where there is none yet. Throws a CredentialError where the file cannot be read as one. */
export async function readWitness(directory: string): Promise<HubMarks | undefined> {
  const path = join(directory, fileName);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return marksOf(JSON.parse(text));
  } catch (cause) {
    throw new CredentialError(
      'unusable',
      `${path} is damaged: put it back from a backup of the folder, or run the raise of the incarnation after moving it away.`,
      { cause },
    );
  }
}

/** On the disk when this returns. */
export async function writeWitness(directory: string, marks: HubMarks): Promise<void> {
  const text = JSON.stringify(
    marks,
    (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    1,
  );
  const path = join(directory, fileName);
  await writeFileDurably({ path, text: `${text}\n`, mode: 0o600, replace: true });
}

function marksOf({ incarnation, checkpoint, units }: WitnessText): HubMarks {
  return {
    incarnation: numberOf(incarnation),
    checkpoint: { number: numberOf(checkpoint.number), hash: textOf(checkpoint.hash) },
    units: units.map((unit) => ({
      agency: textOf(unit.agency),
      epoch: numberOf(unit.epoch),
      headSeq: numberOf(unit.headSeq),
      feedHead: numberOf(unit.feedHead),
    })),
  };
}

function numberOf(value: unknown): bigint {
  const digits = textOf(value);
  assert.match(digits, /^[0-9]{1,18}$/u);
  return BigInt(digits);
}

function textOf(value: unknown): string {
  assert(typeof value === 'string');
  return value;
}
