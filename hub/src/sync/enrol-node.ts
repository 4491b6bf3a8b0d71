/**
 * Enrolment: invite → request → approve. The token is used once; the same request may be repeated to
 * learn its state, another request under the same token is refused. A person approves.
 */
import { randomBytes } from 'node:crypto';
import { createPublicKey, type KeyObject } from 'node:crypto';

import { isValidAsOf } from '@lienthong/shared-schema/code-lists/code-book.ts';
import { writeInvitation } from '@lienthong/shared-schema/enrolment/invitation.ts';
import type {
  EnrolmentAnswer,
  EnrolmentRequest,
} from '@lienthong/shared-schema/enrolment/request.ts';
import { enrolmentStatement } from '@lienthong/shared-schema/enrolment/statement.ts';
import { type Db, transaction } from '@lienthong/shared-schema/runtime/database.ts';
import { loadCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import {
  publicKeyFromPem,
  publicKeyId,
  publicKeyToPem,
  sha256,
  verifyBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';

import { tellCodeLists } from '../db/code-lists.ts';
import {
  activateUnit,
  activeFingerprints,
  addEnrolment,
  addInvitation,
  countUnits,
  enrolmentOf,
  lockEnrolment,
  lockInvitation,
  markRevoked,
  registerUnit,
  revokeCertificates,
} from '../db/enrolment.ts';
import { tellPolicy } from '../db/policy.ts';
import { HubError } from '../errors.ts';
import { appendRevocations, type Revocation } from '../outside/revocation-file.ts';
import { type Authority, issueNodeCertificate } from '../pki/authority.ts';
import { judgeSigningRequest } from '../pki/signing-request.ts';
import { nightSlot } from '../protocol/night-slot.ts';
import type { HubContext } from './context.ts';

const invitationDays = 14;
const dayMs = 86_400_000;

export type InviteOptions = {
  readonly agency: string;
  /** Where nodes reach the hub. */
  readonly host: string;
  readonly port: number;
};

/** Returns the invitation as one line. */
export async function inviteUnit(
  hub: Pick<HubContext, 'database' | 'now' | 'audience'>,
  { agency, host, port }: InviteOptions,
): Promise<string> {
  const now = hub.now();
  const today = now.toISOString().slice(0, 10);
  const codes = await loadCodeBook(hub.database.db);
  const entry = codes.withCode('CO_QUAN', agency).find((one) => isValidAsOf(one, today));
  if (entry === undefined) throw new HubError('HUB_AGENCY_UNKNOWN', { detail: agency });
  const token = randomBytes(32);
  const expiresAt = new Date(now.getTime() + invitationDays * dayMs);
  await transaction(hub.database, async ({ db }) => {
    await registerUnit(db, { agency, name: entry.vi, slot: nightSlot(await countUnits(db)) });
    await addInvitation(db, { agency, tokenHash: sha256(token), expiresAt });
  });
  return writeInvitation({
    host,
    port,
    agency,
    token: token.toString('hex'),
    rootFingerprint: Buffer.from(hub.audience).toString('hex'),
    expiresAt: expiresAt.toISOString(),
  });
}

export async function requestEnrolment(
  hub: HubContext,
  request: EnrolmentRequest,
): Promise<EnrolmentAnswer> {
  const requestHash = sha256(enrolmentStatement(request));
  return transaction(hub.database, async ({ db }) => {
    const invitation = await lockInvitation(db, sha256(Buffer.from(request.token, 'hex')));
    if (invitation?.agency !== request.agency) throw new HubError('HUB_INVITATION_INVALID');
    const known = await enrolmentOf(db, invitation.id);
    if (known !== undefined) {
      // the same request again asks how far it is; any other finds the token used
      if (!known.requestHash.equals(requestHash)) throw new HubError('HUB_INVITATION_INVALID');
      return answer(hub, known);
    }
    if (invitation.expiresAt <= hub.now()) throw new HubError('HUB_INVITATION_INVALID');
    const tlsKeyId = judgeRequest(request);
    const id = await addEnrolment(db, {
      invitationId: invitation.id,
      agency: request.agency,
      requestHash,
      signingRequest: request.signingRequest,
      signingKey: request.signingKey,
      tlsKeyId,
    });
    hub.log.info({ agency: request.agency, enrolment: id.toString() }, 'enrolment requested');
    return answer(hub, { id, status: 'pending', certificate: null });
  });
}

/**
 * Both proofs of possession. Returns the id of the TLS key, for the operator to compare; throws
 * HUB_ENROLMENT_INVALID.
 */
export function judgeRequest(request: EnrolmentRequest): string {
  const verdict = judgeSigningRequest({ csrPem: request.signingRequest, agency: request.agency });
  if (verdict.kind === 'refused')
    throw new HubError('HUB_ENROLMENT_INVALID', { detail: verdict.reason });
  const signingKey = readSigningKey(request.signingKey);
  const proof = Buffer.from(request.signature, 'base64');
  // Buffer skips what is no base64 and ignores the last bits: other text for the same bytes
  const exact = proof.toString('base64') === request.signature;
  if (!exact || !verifyBytes(signingKey, domains.enrolment, enrolmentStatement(request), proof)) {
    throw new HubError('HUB_ENROLMENT_INVALID', { detail: 'signing key' });
  }
  return publicKeyId(verdict.publicKey);
}

function readSigningKey(pem: string): KeyObject {
  try {
    return publicKeyFromPem(pem);
  } catch (cause) {
    throw new HubError('HUB_ENROLMENT_INVALID', { cause, detail: 'signing key' });
  }
}

function answer(
  hub: HubContext,
  enrolment: {
    readonly id: bigint;
    readonly status: EnrolmentAnswer['status'];
    readonly certificate: string | null;
  },
): EnrolmentAnswer {
  return {
    enrolment: enrolment.id.toString(),
    status: enrolment.status,
    certificate: enrolment.certificate,
    hubSigningKey: publicKeyToPem(createPublicKey(hub.signingKey)),
  };
}

/** A person approves: the certificate is issued and the unit may speak. */
export async function approveEnrolment(
  hub: Pick<HubContext, 'database' | 'dataDirectory' | 'now' | 'log'>,
  authority: Authority,
  id: bigint,
): Promise<{ readonly agency: string; readonly fingerprint: string }> {
  return transaction(hub.database, async ({ db }) => {
    const enrolment = await lockEnrolment(db, id);
    if (enrolment === undefined)
      throw new HubError('HUB_ENROLMENT_UNKNOWN', { detail: String(id) });
    if (enrolment.status !== 'pending') {
      throw new HubError('HUB_ENROLMENT_DECIDED', { detail: enrolment.status });
    }
    const issued = issueNodeCertificate(authority, {
      agency: enrolment.agency,
      csrPem: enrolment.signingRequest,
      now: hub.now(),
    });
    if (issued.kind === 'refused')
      throw new HubError('HUB_ENROLMENT_INVALID', { detail: issued.reason });
    await noteRevocations(hub, db, enrolment.agency, 'certificate');
    await activateUnit(db, {
      enrolmentId: id,
      agency: enrolment.agency,
      signingKey: enrolment.signingKey,
      certificate: issued.certificate.certificatePem,
      fingerprint: issued.certificate.fingerprint,
      notAfter: issued.certificate.notAfter,
    });
    await tellPolicy(db, enrolment.agency);
    await tellCodeLists(db, enrolment.agency);
    return { agency: enrolment.agency, fingerprint: issued.certificate.fingerprint };
  });
}

/** From the next request on nothing of this unit is heard. Returns the certificates revoked. */
export async function revokeUnit(
  hub: Pick<HubContext, 'database' | 'dataDirectory'>,
  agency: string,
): Promise<number> {
  return transaction(hub.database, async ({ db }) => {
    await noteRevocations(hub, db, agency, 'unit');
    const revoked = await revokeCertificates(db, agency);
    if (!(await markRevoked(db, agency)))
      throw new HubError('HUB_AGENCY_UNKNOWN', { detail: agency });
    return revoked;
  });
}

/** Outside the database and before it commits: no restore brings these certificates back. */
async function noteRevocations(
  hub: Pick<HubContext, 'dataDirectory'>,
  db: Db,
  agency: string,
  what: Revocation['what'],
): Promise<void> {
  const active = await activeFingerprints(db, agency);
  await appendRevocations(
    hub.dataDirectory,
    active.map((fingerprint) => ({ fingerprint, agency, what })),
  );
}
