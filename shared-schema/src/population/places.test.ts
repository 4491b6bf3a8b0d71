import { expect, test } from 'vitest';

import { shippedBook } from '../code-lists/code-book.ts';
import { pinFacts } from '../rules/check-pin.ts';
import { pinSource, pinsPerBirth } from './pins.ts';
import { communesByProvince, homelandOf, oldProvinces } from './places.ts';

test('every level-1 agency has a homeland, and every province of today has communes', () => {
  expect(oldProvinces).toHaveLength(63);
  const codes = shippedBook.entries('CO_QUAN').map((entry) => entry.code);
  const poor = codes.filter((code) => {
    const { provinces, seat } = homelandOf(code);
    const communes = seat === undefined ? undefined : communesByProvince.get(seat)?.length;
    return (
      provinces.length === 0 || (code.startsWith('H') ? (communes ?? 0) < 10 : seat !== undefined)
    );
  });
  expect(poor).toEqual([]);
});

const names = (agency: string): readonly string[] =>
  homelandOf(agency).provinces.map((one) => one.name);

test('a province draws on all that were merged into it, a closed one on itself', () => {
  expect(names('H44')).toEqual(['Tỉnh Hoà Bình', 'Tỉnh Phú Thọ', 'Tỉnh Vĩnh Phúc']);
  expect(names('H28')).toEqual(['Tỉnh Hoà Bình']);
  expect(homelandOf('H28').seat).toBe('25');
  expect(() => homelandOf('H99')).toThrow('H99 is no level-1 agency code');
});

test('a personal number says sex and birth year of both centuries', () => {
  const next = pinSource('H52');
  expect(pinFacts(next({ province: '14', sex: '1', year: 1987 }) ?? '')).toEqual({
    sex: '1',
    birthYear: 1987,
  });
  expect(pinFacts(next({ province: '14', sex: '0', year: 2003 }) ?? '')).toEqual({
    sex: '0',
    birthYear: 2003,
  });
});

test('an agency uses up its own numbers and never those of the next', () => {
  const birth = { province: '01', sex: '0', year: 1990 } as const;
  const [a, b] = [pinSource('G99'), pinSource('H00')];
  const all = new Set<string | undefined>();
  for (let i = 0; i < pinsPerBirth; i += 1) {
    all.add(a(birth));
    all.add(b(birth));
  }
  expect(all.size).toBe(2 * pinsPerBirth);
  expect(a(birth)).toBeUndefined();
  expect(a({ ...birth, year: 1991 })).toBe('001191495000');
  expect(() => pinSource('H52.01')).toThrow('not for H52.01');
});
