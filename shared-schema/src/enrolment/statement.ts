import type { EnrolmentRequest } from './request.ts';

/** What the signing key signs, domain `lienthong.enrolment`. */
export function enrolmentStatement(request: Omit<EnrolmentRequest, 'signature'>): Uint8Array {
  const { token, agency, signingRequest, signingKey } = request;
  return new TextEncoder().encode([token, agency, signingRequest, signingKey].join('\0'));
}
