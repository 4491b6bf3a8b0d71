/** The hello of a node: load the unit, decide, store the answer with what it changed. */
import { randomBytes } from 'node:crypto';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { type Db, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { rawPublicKeyOf } from '@lienthong/shared-schema/runtime/sealing.ts';
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchContentBytesMax, batchRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  helloBody,
  helloReply,
  helloRequest,
  type HelloRequest,
} from '@lienthong/shared-schema/wire/messages.ts';

import { archivedHash } from '../db/inbox.ts';
import { freezeUnit, isSpentHello, lockUnit, recordHello, type UnitChannel } from '../db/units.ts';
import { HubError } from '../errors.ts';
import { decideHello, type HelloDecision, isReleased } from '../protocol/hello.ts';
import { requireActive } from './active-unit.ts';
import { checkIncarnation } from './check-incarnation.ts';
import type { Caller, HubContext } from './context.ts';
import { checkProtocol, readMessage } from './read-message.ts';

const nonceBytes = 16;
/** An X25519 public key; a node that makes no bundles tells none. */
const bundleKeyBytes = 32;
/** Catalogues are counted; a number this large is noise. */
const catalogueVersionMax = 1_000_000;

/** Returns the bytes of a HelloReply. Throws HubError where the request is not well formed. */
export async function sayHello(
  hub: HubContext,
  caller: Caller,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const request = readHello(caller, bytes);
  return transaction(hub.database, async ({ db }) => {
    const unit = requireActive(await lockUnit(db, caller.agency));
    checkIncarnation(hub, unit);
    const known = await archivedHash(db, caller.agency, request.headSeq);
    const spent = await isSpentHello(db, caller.agency, request.helloNonce);
    const greeted = { ...unit, incarnation: hub.incarnation };
    const decision = decideHello(greeted, request, known, spent);
    const welcome = decision.kind !== 'refuse';
    const now = hub.now();
    const lineageToken = decision.kind === 'welcome' ? randomBytes(32) : unit.lineageToken;
    const epoch = welcome ? decision.epoch : unit.epoch;
    const body = helloBody.encode({
      agency: caller.agency,
      helloNonce: request.helloNonce,
      hubIncarnation: hub.incarnation,
      epoch: welcome ? epoch : 0n,
      relation: decision.relation,
      headSeq: unit.headSeq,
      headHash: unit.headHash,
      lineageToken: welcome ? lineageToken : new Uint8Array(0),
      nightSlot: unit.slot,
      batchRecordsMax,
      batchBytesMax: BigInt(batchContentBytesMax),
      catalogueVersion,
      clockMs: BigInt(now.getTime()),
      appliedSeq: unit.appliedSeq,
      safeSeq: unit.safeSeq,
      feedHead: unit.feedHead,
      released: isReleased(unit),
      bundleKey: rawPublicKeyOf(hub.bundleKey),
    });
    const reply = helloReply.encode({
      body,
      signature: signBytes(hub.signingKey, domains.hello, body),
    });
    if (welcome) {
      await recordHello(db, {
        agency: caller.agency,
        epoch,
        lineageToken,
        helloNonce: request.helloNonce,
        feedAnew: request.hubIncarnation !== hub.incarnation,
        software: request.software.slice(0, 100),
        catalogueVersion: request.catalogueVersion,
        clockSkewMs: request.clockMs - BigInt(now.getTime()),
        bundleKey: request.bundleKey,
      });
    } else {
      await refuse(hub, db, unit, request, decision);
    }
    return reply;
  });
}

async function refuse(
  hub: HubContext,
  db: Db,
  { agency, headSeq }: UnitChannel,
  { receiptedSeq, hubIncarnation }: HelloRequest,
  decision: Extract<HelloDecision, { readonly kind: 'refuse' }>,
): Promise<void> {
  const { relation, freeze } = decision;
  if (relation === 'HUB_BEHIND') {
    const facts = { receipted: receiptedSeq.toString(), head: headSeq.toString() };
    hub.log.error(
      { agency, ...facts, known: hubIncarnation.toString() },
      'this hub was restored and lacks what it had receipted: run hub incarnation raise',
    );
  } else hub.log.warn({ agency, relation, freeze }, 'hello refused');
  if (freeze) await freezeUnit(db, agency, relation);
}

/** What depends on the bytes and the caller alone. Throws HubError with the reason. */
export function readHello(caller: Pick<Caller, 'agency'>, bytes: Uint8Array): HelloRequest {
  const request = readMessage(helloRequest, bytes);
  checkProtocol(request.protocol);
  if (request.agency !== caller.agency) throw new HubError('HUB_AGENCY_MISMATCH');
  if (request.helloNonce.length !== nonceBytes || request.catalogueVersion > catalogueVersionMax) {
    throw new HubError('HUB_UNREADABLE');
  }
  if (![0, bundleKeyBytes].includes(request.bundleKey.length)) throw new HubError('HUB_UNREADABLE');
  return request;
}
