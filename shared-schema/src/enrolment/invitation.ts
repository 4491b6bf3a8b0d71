/**
 * The invitation: one line that the hub's operator hands to the unit by a trusted way. It holds the
 * hub's address, the agency, a one-time token, the fingerprint of the hub's root and the expiry.
 */
export type InvitationText = {
  readonly host: string;
  readonly port: number;
  readonly agency: string;
  /** 32 random bytes, hex. */
  readonly token: string;
  /** SHA-256 of the root certificate's DER, hex. */
  readonly rootFingerprint: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
};

const prefix = 'lienthong1.';

export function writeInvitation(invitation: InvitationText): string {
  const { host, port, agency, token, rootFingerprint, expiresAt } = invitation;
  const text = [host, String(port), agency, token, rootFingerprint, expiresAt].join(' ');
  return prefix + btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/u, '');
}

const shape =
  /^(?<host>[a-zA-Z0-9.:-]{1,253}) (?<port>[0-9]{1,5}) (?<agency>[A-Z][0-9]{2}) (?<token>[0-9a-f]{64}) (?<root>[0-9a-f]{64}) (?<expires>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z)$/u;

/** Undefined when the text is no invitation; a line break or space from an e-mail does no harm. */
export function readInvitation(text: string): InvitationText | undefined {
  const line = text.replaceAll(/\s+/gu, '');
  if (!line.startsWith(prefix)) return undefined;
  const encoded = line.slice(prefix.length).replaceAll('-', '+').replaceAll('_', '/');
  const groups = shape.exec(decode(encoded) ?? '')?.groups;
  if (groups === undefined) return undefined;
  const port = Number(groups['port']);
  if (port < 1 || port > 65_535) return undefined;
  return {
    host: groups['host'] ?? '',
    port,
    agency: groups['agency'] ?? '',
    token: groups['token'] ?? '',
    rootFingerprint: groups['root'] ?? '',
    expiresAt: groups['expires'] ?? '',
  };
}

function decode(base64: string): string | undefined {
  try {
    return atob(base64);
  } catch {
    return undefined;
  }
}
