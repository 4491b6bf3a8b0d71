/**
 * Keys of programs: issued once and shown once, kept as a SHA-256 of a secret of 256 random bits, so
 * that whoever reads the database cannot use one. Each key is a source of its own in the intake, which
 * begins with the example of a code mapping.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { isWithinAgency } from '@lienthong/shared-schema/rules/unit-rules.ts';
import { unitCodePattern } from '@lienthong/shared-schema/rules/value-shapes.ts';
import { type Db, transaction } from '@lienthong/shared-schema/runtime/database.ts';

import { claimPacketSource, findKey, insertKey, revokeNamedKey } from '../db/keys.ts';
import { storeMappedCodes } from '../db/sources.ts';
import { NodeError } from '../errors.ts';
import { exampleMapping } from '../packet/example-mapping.ts';
import {
  isKeyName,
  keyIdBytes,
  keyScopes,
  keySecretBytes,
  keyText,
  presentedKey,
  readScopes,
} from '../protocol/access-key.ts';
import type { NodeContext } from './context.ts';

export type KeyOrder = {
  readonly name: string;
  readonly scopes: readonly string[];
  /** What it brings waits for a reviewer, even without errors. */
  readonly review: boolean;
  /** Code of a unit: the key sees and writes it and what is below it. Absent: the whole agency. */
  readonly unit?: string | undefined;
};

export type IssuedKey = {
  readonly name: string;
  readonly id: string;
  readonly scopes: readonly string[];
  readonly unit: string | null;
  readonly trusted: boolean;
  /** The key itself: it cannot be had again. */
  readonly key: string;
};

/** Throws NODE_KEY_INVALID for a name or scope that cannot be, NODE_KEY_EXISTS for a name in use. */
export async function issueKey(node: NodeContext, order: KeyOrder): Promise<IssuedKey> {
  const { name } = order;
  const scopes = readScopes(order.scopes);
  if (!isKeyName(name)) throw new NodeError('NODE_KEY_INVALID', { detail: name });
  if (scopes === undefined) {
    throw new NodeError('NODE_KEY_INVALID', { detail: `scopes are ${keyScopes.join(', ')}` });
  }
  const unit = unitOf(order, node.agency);
  const id = randomBytes(keyIdBytes).toString('hex');
  const secret = randomBytes(keySecretBytes).toString('base64url');
  const trusted = !order.review;
  await transaction(node.database, async ({ db }) => {
    const claimed = await claimPacketSource(db, { name, trusted });
    const made =
      claimed !== 'taken' &&
      (await insertKey(db, {
        id,
        name,
        agency: node.agency,
        secretSha256: sha256Of(secret),
        scopes,
        unit,
        issuedAt: node.now(),
      }));
    if (!made) throw new NodeError('NODE_KEY_EXISTS', { detail: name });
    if (claimed === 'made') await storeMappedCodes(db, name, exampleMapping);
  });
  return { name, id, scopes, unit, trusted, key: keyText({ id, secret }) };
}

/** Packets name people by their staff number, in whatever unit: a key for a part of the agency has none. */
function unitOf({ unit, scopes }: KeyOrder, agency: string): string | null {
  if (unit === undefined) return null;
  if (!new RegExp(unitCodePattern, 'u').test(unit) || !isWithinAgency(unit, agency)) {
    throw new NodeError('NODE_KEY_INVALID', { detail: `the unit is none of ${agency}` });
  }
  if (scopes.includes('packets')) {
    throw new NodeError('NODE_KEY_INVALID', { detail: 'packets and a unit exclude each other' });
  }
  return unit;
}

/** Throws NODE_KEY_NONE where no key in force has the name. */
export async function revokeKey(node: NodeContext, name: string): Promise<void> {
  const revoked = await revokeNamedKey(node.database.db, name, node.now());
  if (!revoked) throw new NodeError('NODE_KEY_NONE', { detail: name });
}

/** A program that has shown a key in force. */
export type Caller = {
  readonly keyId: string;
  /** The name of the key and of its source in the intake. */
  readonly source: string;
  readonly agency: string;
  readonly scopes: readonly string[];
  /** The part of the agency that the key is for; null: all of it. */
  readonly unit: string | null;
};

export type Recognition =
  | { readonly kind: 'recognised'; readonly caller: Caller }
  /** The key was in force once; its use is still counted. */
  | { readonly kind: 'revoked'; readonly keyId: string }
  | { readonly kind: 'unknown' };

/** Who shows the key of this `Authorization` header. Looked up on every request. */
export async function recogniseCaller(
  { database, agency }: { readonly database: { readonly db: Db }; readonly agency: string },
  authorization: string | undefined,
): Promise<Recognition> {
  const presented = presentedKey(authorization);
  if (presented === undefined) return { kind: 'unknown' };
  const key = await findKey(database.db, presented.id);
  const isRight =
    key !== undefined &&
    key.agency === agency &&
    timingSafeEqual(key.secretSha256, sha256Of(presented.secret));
  if (!isRight) return { kind: 'unknown' };
  if (key.revokedAt !== null) return { kind: 'revoked', keyId: key.id };
  const { id, name, scopes, unit } = key;
  return { kind: 'recognised', caller: { keyId: id, source: name, agency, scopes, unit } };
}

const sha256Of = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();
