/** Mess in the list as a whole: a person who stands in it twice, or with somebody else's number. */
import { pinFacts } from '../../rules/check-pin.ts';
import { oneOf } from '../random.ts';
import { valueAt, withValues } from './amend.ts';
import type { Planted, RowMess } from './mess.ts';

const repeated: Planted = { code: 'pin_repeated', at: 'identity.pin' };

export const rowMess = {
  row_repeated: {
    on: 'row',
    spoil: (draft) => ({ draft, planted: [repeated] }),
  },
  person_in_two_units: {
    on: 'row',
    spoil: (draft, { random, openUnits }) => {
      const own = valueAt(draft, 'employment.employing_unit');
      const others = openUnits.filter((unit) => unit !== own);
      if (own === undefined || others.length === 0) return undefined;
      const moved = withValues(draft, { 'employment.employing_unit': oneOf(random, others) });
      return { draft: moved, planted: [repeated] };
    },
  },
  /** A row for somebody else made by copying the one above, and its number left in. */
  number_of_the_row_above: {
    on: 'row',
    spoil: (draft, { previous }) => {
      const pin = valueAt(draft, 'identity.pin');
      const born = previous && valueAt(previous, 'identity.birth_date');
      if (pin === undefined || previous === undefined || born === undefined) return undefined;
      const facts = pinFacts(pin);
      const sexDiffers = facts?.sex !== valueAt(previous, 'identity.sex');
      const yearDiffers = facts?.birthYear !== Number(born.slice(0, 4));
      return {
        draft: withValues(previous, { 'identity.pin': pin }),
        planted: [
          repeated,
          ...(yearDiffers
            ? [{ code: 'pin_birth_mismatch', at: 'identity.birth_date' } as const]
            : []),
          ...(sexDiffers ? [{ code: 'pin_sex_mismatch', at: 'identity.sex' } as const] : []),
        ],
      };
    },
  },
} as const satisfies Readonly<Record<string, RowMess>>;
