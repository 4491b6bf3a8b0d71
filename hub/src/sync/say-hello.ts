/** The hello of a node: load the unit, decide, store the answer with what it changed. */
import { randomBytes } from 'node:crypto';

import { catalogueVersion } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchContentBytesMax, batchRecordsMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  helloBody,
  helloReply,
  helloRequest,
  type HelloRequest,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion, protocolVersionMin } from '@lienthong/shared-schema/wire/version.ts';

import { archivedHash } from '../db/inbox.ts';
import { freezeUnit, lockUnit, recordHello } from '../db/units.ts';
import { HubError } from '../errors.ts';
import { decideHello } from '../protocol/hello.ts';
import type { Caller, HubContext } from './context.ts';

const nonceBytes = 16;
/** Catalogues are counted; a number this large is noise. */
const catalogueVersionMax = 1_000_000;

/** Returns the bytes of a HelloReply. Throws HubError where the request is not well formed. */
export async function sayHello(
  hub: HubContext,
  caller: Caller,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const request = readRequest(bytes);
  if (request.protocol < protocolVersionMin || request.protocol > protocolVersion) {
    throw new HubError('HUB_PROTOCOL_UNSUPPORTED');
  }
  if (request.agency !== caller.agency) throw new HubError('HUB_AGENCY_MISMATCH');
  if (request.helloNonce.length !== nonceBytes || request.catalogueVersion > catalogueVersionMax) {
    throw new HubError('HUB_UNREADABLE');
  }
  return transaction(hub.database, async ({ db }) => {
    const unit = await lockUnit(db, caller.agency);
    if (unit === undefined) throw new HubError('HUB_CERTIFICATE_UNKNOWN');
    const known = await archivedHash(db, caller.agency, request.headSeq);
    const decision = decideHello(unit, request, known);
    if (decision.kind === 'repeat' && unit.helloReply !== null) return unit.helloReply;
    const welcome = decision.kind === 'welcome';
    const now = hub.now();
    const lineageToken = welcome ? randomBytes(32) : unit.lineageToken;
    const epoch = welcome ? decision.epoch : unit.epoch;
    const body = helloBody.encode({
      agency: caller.agency,
      helloNonce: request.helloNonce,
      hubIncarnation: hub.incarnation,
      epoch: welcome ? epoch : 0n,
      relation: decision.kind === 'repeat' ? 'EQUAL' : decision.relation,
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
        helloReply: reply,
        software: request.software.slice(0, 100),
        catalogueVersion: request.catalogueVersion,
        clockSkewMs: request.clockMs - BigInt(now.getTime()),
      });
    } else if (decision.kind === 'refuse') {
      hub.log.warn({ agency: caller.agency, relation: decision.relation }, 'hello refused');
      if (decision.relation === 'CLONED' || decision.relation === 'FORKED') {
        await freezeUnit(db, caller.agency, decision.relation);
      }
    }
    return reply;
  });
}

function readRequest(bytes: Uint8Array): HelloRequest {
  try {
    return helloRequest.decode(bytes);
  } catch (cause) {
    if (cause instanceof WireError) throw new HubError('HUB_UNREADABLE', { cause });
    throw cause;
  }
}
