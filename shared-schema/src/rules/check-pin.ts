/**
 * What the personal identification number says of its bearer: `PPP G YY NNNNNN`, G the century and
 * sex (0 male and 1 female of the 20th, 2 and 3 of the 21st …), YY the year of birth. Decree
 * 137/2015/NĐ-CP art. 13. A mismatch warns and never refuses: births were registered anew.
 */
export type PinFacts = { readonly sex: '0' | '1'; readonly birthYear: number };

/** Sex in the codes of GIOI_TINH (1 male, 0 female). Undefined when it is no PIN of this structure. */
export function pinFacts(pin: string): PinFacts | undefined {
  if (!/^[0-9]{12}$/u.test(pin)) return undefined;
  const g = Number(pin.charAt(3));
  return {
    sex: g % 2 === 0 ? '1' : '0',
    birthYear: 1900 + Math.floor(g / 2) * 100 + Number(pin.slice(4, 6)),
  };
}
