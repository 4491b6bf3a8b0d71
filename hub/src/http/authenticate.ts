/**
 * Who is calling: the client certificate of the connection, looked up in the registry on every
 * request. A certificate that still chains may have been revoked a second ago.
 */

import { TLSSocket } from 'node:tls';

import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import type { FastifyRequest } from 'fastify';

import { findCertificate } from '../db/enrolment.ts';
import { HubError } from '../errors.ts';
import { clientIdentity } from '../pki/tls.ts';
import type { Caller } from '../sync/context.ts';

/** Throws HubError where the connection has no registered, valid certificate of an active unit. */
export async function authenticate(db: Db, request: FastifyRequest): Promise<Caller> {
  const { socket } = request.raw;
  const identity = socket instanceof TLSSocket ? clientIdentity(socket) : undefined;
  if (identity === undefined) throw new HubError('HUB_CERTIFICATE_REQUIRED');
  if (!identity.authorized) throw new HubError('HUB_CERTIFICATE_UNKNOWN');
  const certificate = await findCertificate(db, identity.fingerprint);
  const valid =
    certificate?.status === 'active' &&
    !certificate.expired &&
    certificate.signingKey !== null &&
    certificate.agency === identity.subjectCn;
  if (!valid) throw new HubError('HUB_CERTIFICATE_UNKNOWN');
  if (certificate.unitStatus === 'frozen') throw new HubError('HUB_UNIT_FROZEN');
  if (certificate.unitStatus !== 'active') throw new HubError('HUB_CERTIFICATE_UNKNOWN');
  return { agency: certificate.agency, signingKeyPem: certificate.signingKey };
}
