/**
 * The enrolment call, `POST /enrol/v1/requests`, and its answer. The same request may be sent again
 * and again: the answer tells how far it is. `statement.ts` has what is signed, which proves possession
 * of the signing key; the CSR proves possession of the TLS key.
 */
import { type Static, Type } from 'typebox';

/** PEM is printable ASCII and line breaks; U+0000 above all is no text that could be stored. */
const pemCharacters = '^[\\t\\r\\n\\x20-\\x7e]+$';

export const EnrolmentRequest = Type.Object(
  {
    token: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    agency: Type.String({ pattern: '^[A-Z][0-9]{2}$' }),
    signingRequest: Type.String({ minLength: 1, maxLength: 8192, pattern: pemCharacters }),
    signingKey: Type.String({ minLength: 1, maxLength: 1024, pattern: pemCharacters }),
    /** Base64 of the signature over `enrolmentStatement`. */
    signature: Type.String({ pattern: '^[A-Za-z0-9+/=]{1,128}$' }),
  },
  { additionalProperties: false },
);
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;

export const EnrolmentAnswer = Type.Object({
  enrolment: Type.String(),
  status: Type.Union([Type.Literal('pending'), Type.Literal('approved'), Type.Literal('rejected')]),
  /** PEM, once approved. */
  certificate: Type.Union([Type.String(), Type.Null()]),
  /** PEM of the key that signs the hub's receipts, pages and hellos. */
  hubSigningKey: Type.String(),
});
export type EnrolmentAnswer = Static<typeof EnrolmentAnswer>;
