/**
 * What accepting a correction does. It was made for a value that the unit had; if the unit has another
 * one since, the correction says nothing of it and the hub compares again.
 */
export type Acceptance =
  | { readonly kind: 'write' }
  /** The unit has the source's value already. */
  | { readonly kind: 'agrees' }
  /** The unit's value is neither of the two. */
  | { readonly kind: 'overtaken' };

export function acceptCorrection(
  { unitValue, sourceValue }: { readonly unitValue: string; readonly sourceValue: string },
  /** What the unit has now; empty: nothing. */
  current: string,
): Acceptance {
  if (current === sourceValue) return { kind: 'agrees' };
  return { kind: current === unitValue ? 'write' : 'overtaken' };
}
