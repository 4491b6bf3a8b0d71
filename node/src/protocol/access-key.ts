/**
 * What a key looks like and may do. `ltk_` + 16 hexadecimal digits that find it + `_` + 43 characters
 * of base64url: a secret of 256 bits, which only the program that was given it has.
 */

/** What a key may be issued for; a route asks for one of them. */
export const keyScopes = [
  'packets',
  'records:read',
  'records:read-sensitive',
  'records:read-secret',
  'records:write',
  'intake:read',
  'intake:review',
  'status:read',
] as const;

export type KeyScope = (typeof keyScopes)[number];

export const keyIdBytes = 8;
export const keySecretBytes = 32;

export type PresentedKey = { readonly id: string; readonly secret: string };

const shape = /^ltk_(?<id>[0-9a-f]{16})_(?<secret>[A-Za-z0-9_-]{43})$/u;

export const keyText = ({ id, secret }: PresentedKey): string => `ltk_${id}_${secret}`;

/** The key in an `Authorization` header; undefined when the header has none of this shape. */
export function presentedKey(authorization: string | undefined): PresentedKey | undefined {
  const [scheme = '', text = '', ...rest] = (authorization ?? '').trim().split(/ +/u);
  const { id, secret } = shape.exec(text)?.groups ?? {};
  const isBearer = scheme.toLowerCase() === 'bearer' && rest.length === 0;
  return isBearer && id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

/** Names of keys are names of sources: they stand in commands, tables and findings. */
export const isKeyName = (name: string): boolean => /^[a-z0-9][a-z0-9-]{0,39}$/u.test(name);

/** The scopes named, each once, in the order of the list; undefined when one is not known or there is none. */
export function readScopes(names: readonly string[]): readonly KeyScope[] | undefined {
  const known: readonly string[] = keyScopes;
  if (names.length === 0 || names.some((name) => !known.includes(name))) return undefined;
  return keyScopes.filter((scope) => names.includes(scope));
}
