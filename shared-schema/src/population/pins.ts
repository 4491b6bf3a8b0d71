/**
 * Personal numbers of synthetic people: `PPP G YY NNNNNN` (Decree 137/2015/NĐ-CP art. 13), where PPP
 * is the old province of birth, G century and sex, YY the birth year. Of the million numbers of each
 * `PPP G YY`, every level-1 agency G00–G99, H00–H99 has 5,000 to itself, so populations of different
 * agencies never share a number.
 */
export const pinsPerBirth = 5000;

/** What a number says of its bearer; sex in the codes of GIOI_TINH (1 male, 0 female). */
export type Birth = {
  readonly province: string;
  readonly sex: '0' | '1';
  readonly year: number;
};

/** Gives the next free number for a birth, or undefined when the agency has used up its share. */
export type PinSource = (birth: Birth) => string | undefined;

export function pinSource(agency: string): PinSource {
  if (!/^[GH][0-9]{2}$/u.test(agency)) {
    throw new RangeError(`personal numbers are set aside for agencies G00–H99, not for ${agency}`);
  }
  const block = (agency.startsWith('H') ? 100 : 0) + Number(agency.slice(1));
  const used = new Map<string, number>();
  return ({ province, sex, year }) => {
    const century = (Math.floor(year / 100) - 19) * 2 + (sex === '1' ? 0 : 1);
    const start = `0${province}${century}${String(year % 100).padStart(2, '0')}`;
    const count = used.get(start) ?? 0;
    if (count >= pinsPerBirth) return undefined;
    used.set(start, count + 1);
    return start + String(block * pinsPerBirth + count).padStart(6, '0');
  };
}
