/**
 * The witness: how far the database was when the worker last looked, in a file of HUB_DATA_DIR. A
 * database that is behind it was restored from a backup; what must follow is in
 * `protocol/restored.ts`.
 */
import { join } from 'node:path';

import { CredentialError, writeFileDurably } from '@lienthong/shared-schema/runtime/signature.ts';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

import type { HubMarks } from '../protocol/restored.ts';
import { readIfThere } from './read-if-there.ts';

const fileName = 'witness.json';

const Digits = Type.String({ pattern: '^[0-9]{1,18}$' });
const WitnessText = Type.Object({
  incarnation: Digits,
  checkpoint: Type.Object({ number: Digits, hash: Type.String() }),
  units: Type.Array(
    Type.Object({ agency: Type.String(), epoch: Digits, headSeq: Digits, feedHead: Digits }),
  ),
});

/** Undefined where there is none yet. Throws a CredentialError where the file cannot be read as one. */
export async function readWitness(directory: string): Promise<HubMarks | undefined> {
  const path = join(directory, fileName);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return marksOf(Value.Parse(WitnessText, JSON.parse(text)));
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

function marksOf(text: Static<typeof WitnessText>): HubMarks {
  const { number, hash } = text.checkpoint;
  return {
    incarnation: BigInt(text.incarnation),
    checkpoint: { number: BigInt(number), hash },
    units: text.units.map((unit) => ({
      agency: unit.agency,
      epoch: BigInt(unit.epoch),
      headSeq: BigInt(unit.headSeq),
      feedHead: BigInt(unit.feedHead),
    })),
  };
}
