/**
 * Unit codes in canonical form: upper case, level 1 first. The order of QCVN 102:2016, level 1 last
 * and groups of zeros for levels not used (`000.00.00.H49`), is turned round.
 */
export function readUnitCode(text: string): string {
  const code = text.replaceAll(' ', '').toUpperCase();
  const groups = code.split('.');
  const isOldOrder = /^[A-Z]\d{2}$/u.test(groups.at(-1) ?? '') && /^\d+$/u.test(groups[0] ?? '');
  if (!isOldOrder) return code;
  const turned = groups.toReversed();
  while (/^0+$/u.test(turned.at(-1) ?? '')) turned.pop();
  return turned.join('.');
}
