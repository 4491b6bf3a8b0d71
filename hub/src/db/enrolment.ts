/** Queries on invitations, enrolments and certificates. */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';
import { sql } from 'kysely';

import type { UnitStatus } from './units.ts';

export type NewUnit = { readonly agency: string; readonly name: string; readonly slot: string };

/** Registers the unit where it is new; an existing one keeps its history and slot. */
export async function registerUnit(db: Db, unit: NewUnit): Promise<void> {
  await sql`insert into registry.unit (agency, name, slot)
    values (${unit.agency}, ${unit.name}, ${unit.slot}) on conflict (agency) do nothing`.execute(
    db,
  );
}

export async function countUnits(db: Db): Promise<number> {
  const { rows } = await sql<{ units: number }>`
    select count(*)::integer as units from registry.unit`.execute(db);
  return rows[0]?.units ?? 0;
}

export async function addInvitation(
  db: Db,
  invitation: {
    readonly agency: string;
    readonly tokenHash: Uint8Array;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await sql`insert into registry.invitation (agency, token_hash, expires_at)
    values (${invitation.agency}, ${Buffer.from(invitation.tokenHash)}, ${invitation.expiresAt})`.execute(
    db,
  );
}

export type Invitation = {
  readonly id: bigint;
  readonly agency: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
};

export async function lockInvitation(
  db: Db,
  tokenHash: Uint8Array,
): Promise<Invitation | undefined> {
  const { rows } = await sql<Invitation>`
    select id, agency, expires_at, used_at from registry.invitation
    where token_hash = ${Buffer.from(tokenHash)} for update`.execute(db);
  return rows[0];
}

export type Enrolment = {
  readonly id: bigint;
  readonly agency: string;
  readonly requestHash: Buffer;
  readonly signingRequest: string;
  readonly signingKey: string;
  readonly tlsKeyId: string;
  readonly status: 'pending' | 'approved' | 'rejected';
  readonly certificate: string | null;
  readonly requestedAt: Date;
};

const enrolmentColumns = sql`id, agency, request_hash, signing_request, signing_key, tls_key_id,
  status, certificate, requested_at`;

export async function enrolmentOf(db: Db, invitationId: bigint): Promise<Enrolment | undefined> {
  const { rows } = await sql<Enrolment>`
    select ${enrolmentColumns} from registry.enrolment
    where invitation_id = ${invitationId}`.execute(db);
  return rows[0];
}

export async function addEnrolment(
  db: Db,
  enrolment: {
    readonly invitationId: bigint;
    readonly agency: string;
    readonly requestHash: Uint8Array;
    readonly signingRequest: string;
    readonly signingKey: string;
    readonly tlsKeyId: string;
  },
): Promise<bigint> {
  await sql`update registry.invitation set used_at = now()
    where id = ${enrolment.invitationId}`.execute(db);
  const { rows } = await sql<{ id: bigint }>`
    insert into registry.enrolment
      (invitation_id, agency, request_hash, signing_request, signing_key, tls_key_id)
    values (${enrolment.invitationId}, ${enrolment.agency}, ${Buffer.from(enrolment.requestHash)},
      ${enrolment.signingRequest}, ${enrolment.signingKey}, ${enrolment.tlsKeyId})
    returning id`.execute(db);
  const id = rows[0]?.id;
  if (id === undefined) throw new RangeError('the enrolment was not stored');
  return id;
}

export async function listEnrolments(db: Db): Promise<readonly Enrolment[]> {
  const { rows } = await sql<Enrolment>`
    select ${enrolmentColumns} from registry.enrolment order by id`.execute(db);
  return rows;
}

export async function lockEnrolment(db: Db, id: bigint): Promise<Enrolment | undefined> {
  const { rows } = await sql<Enrolment>`
    select ${enrolmentColumns} from registry.enrolment where id = ${id} for update`.execute(db);
  return rows[0];
}

/** The unit gets this certificate and signing key; what it had before is revoked. */
export async function activateUnit(
  db: Db,
  approval: {
    readonly enrolmentId: bigint;
    readonly agency: string;
    readonly signingKey: string;
    readonly certificate: string;
    readonly fingerprint: string;
    readonly notAfter: Date;
  },
): Promise<void> {
  await sql`update registry.enrolment set status = 'approved', certificate = ${approval.certificate},
      decided_at = now() where id = ${approval.enrolmentId}`.execute(db);
  await revokeCertificates(db, approval.agency);
  await sql`insert into registry.certificate (fingerprint, agency, pem, not_after)
    values (${approval.fingerprint}, ${approval.agency}, ${approval.certificate},
      ${approval.notAfter})`.execute(db);
  await sql`update registry.unit set signing_key = ${approval.signingKey},
      status = case when status = 'frozen' then 'frozen' else 'active' end
    where agency = ${approval.agency}`.execute(db);
}

/** Locks the unit's active certificates. Returns their fingerprints. */
export async function activeFingerprints(db: Db, agency: string): Promise<readonly string[]> {
  const { rows } = await sql<{ fingerprint: string }>`
    select fingerprint from registry.certificate
    where agency = ${agency} and status = 'active' for update`.execute(db);
  return rows.map((row) => row.fingerprint);
}

export async function revokeCertificates(db: Db, agency: string): Promise<number> {
  const { numAffectedRows } = await sql`update registry.certificate
    set status = 'revoked', revoked_at = now()
    where agency = ${agency} and status = 'active'`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export async function markRevoked(db: Db, agency: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update registry.unit set status = 'revoked'
    where agency = ${agency}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

export type RegisteredCertificate = {
  readonly agency: string;
  readonly status: 'active' | 'revoked';
  readonly expired: boolean;
  readonly unitStatus: UnitStatus;
  readonly signingKey: string | null;
};

/** Asked on every request: a certificate that still chains may have been revoked a second ago. */
export async function findCertificate(
  db: Db,
  fingerprint: string,
): Promise<RegisteredCertificate | undefined> {
  const { rows } = await sql<RegisteredCertificate>`
    select c.agency, c.status, c.not_after <= now() as expired, u.status as unit_status, u.signing_key
    from registry.certificate c join registry.unit u on u.agency = c.agency
    where c.fingerprint = ${fingerprint}`.execute(db);
  return rows[0];
}
