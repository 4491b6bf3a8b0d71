/**
 * The catalogue of the hub's errors: a code, an HTTP status and a sentence that tells the operator
 * what to do. No message ever carries data of a person.
 */
export const errorKinds = {
  HUB_NOT_INITIALISED: [
    503,
    'The hub has no authority or database yet: run `npm run hub -- init`.',
  ],
  HUB_RESTORED: [
    503,
    'This database is older than what this hub has signed: it was restored from a backup. Nothing is served before its incarnation is raised: run `npm run hub -- incarnation raise --dry-run`.',
  ],
  HUB_UNREADABLE: [400, 'The message is not of the protocol: check the version of the node.'],
  HUB_TOO_LARGE: [
    413,
    'The message is larger than the hub accepts: check the limits in the hello.',
  ],
  HUB_UNKNOWN_ROUTE: [404, 'There is nothing at this address: check the hub address and version.'],
  HUB_CERTIFICATE_REQUIRED: [
    401,
    'Show the client certificate that the hub issued: enrol first, or check NODE_DATA_DIR.',
  ],
  HUB_CERTIFICATE_UNKNOWN: [
    403,
    'This client certificate is not registered: it is revoked, expired or of another hub. Ask the hub operator for a new invitation.',
  ],
  HUB_UNIT_FROZEN: [
    403,
    'The unit is frozen until the hub operator has looked into it: two histories or two machines were seen.',
  ],
  HUB_AGENCY_MISMATCH: [
    403,
    'The message names another agency than the certificate: a unit sends and reads its own data only.',
  ],
  HUB_SIGNATURE_INVALID: [
    400,
    'The signature does not fit the bytes or the key registered for this unit: send the stored bytes unchanged.',
  ],
  HUB_CONTENT_CORRUPT: [
    400,
    'The content does not have the hash and size that its header states: send the stored bytes again.',
  ],
  HUB_PROTOCOL_UNSUPPORTED: [
    400,
    'This protocol version is not served here: upgrade the node or the hub.',
  ],
  HUB_AUDIENCE_MISMATCH: [
    400,
    'The message was made for another hub: check HUB address and enrolment.',
  ],
  HUB_CURSOR_INVALID: [
    400,
    'The feed has no such position: the hub was restored or the cursor is of another hub. Say hello again.',
  ],
  HUB_BUSY: [503, 'The hub has too much waiting: try again after Retry-After.'],
  HUB_QUOTA: [
    429,
    'The unit asks for more than its share: go on after Retry-After. If it does so again and again, a program at the unit is at fault.',
  ],
  HUB_TOO_SLOW: [
    408,
    'The message came too slowly and was cut: check the line, and send it again.',
  ],
  HUB_INVITATION_INVALID: [
    403,
    'The invitation is unknown, used or expired: ask the hub operator for a new one.',
  ],
  HUB_ENROLMENT_INVALID: [
    400,
    'The enrolment request is not valid: run `npm run node -- enrol` of this version again.',
  ],
  HUB_ENROLMENT_UNKNOWN: [
    404,
    'There is no such enrolment: list them with `npm run hub -- enrolments`.',
  ],
  HUB_BATCH_UNKNOWN: [404, "The unit's archive has no batch of this number: say hello again."],
  HUB_UNIT_INACTIVE: [
    409,
    'The unit is neither active nor frozen: list the units with `npm run hub -- nodes`.',
  ],
  HUB_COPY_UNUSABLE: [
    409,
    'The database at this address is no copy of this hub, or is this very database: give the URL of a restored backup or of a replica.',
  ],
  HUB_ENROLMENT_DECIDED: [
    409,
    'This enrolment was decided before: list them with `npm run hub -- enrolments`.',
  ],
  HUB_AGENCY_UNKNOWN: [
    404,
    'The agency code is not in the code list or is closed: use a level-1 code such as H52 or G09.',
  ],
  HUB_BUNDLE_INVALID: [
    400,
    'The file is no whole, unchanged bundle of a unit of this hub: have the unit export it again. Nothing of it was taken.',
  ],
  HUB_BUNDLE_UNANSWERABLE: [409, 'There is no bundle of this unit to answer: import one first.'],
  HUB_BUNDLE_EXISTS: [409, 'There is a file of this name: give another name, or --force.'],
  HUB_BUNDLE_UNWRITTEN: [
    507,
    'The file could not be written, and no half one is left: make room on the medium, and export again.',
  ],
  HUB_POLICY_INVALID: [
    400,
    'The file cannot be the policy: mend it as said and set it again. Nothing was changed.',
  ],
  HUB_CODE_LIST_INVALID: [
    400,
    'The file cannot be the next version of the code list: mend it as said and publish it again. Nothing was changed.',
  ],
  HUB_CODE_LIST_UNKNOWN: [
    404,
    'There is no code list of this name: see `npm run hub -- code-lists`.',
  ],
  HUB_CORRECTION_UNKNOWN: [
    404,
    'No correction of this id is open: see `npm run hub -- corrections`.',
  ],
  HUB_REFERENCE_UNKNOWN: [
    404,
    'There is no such reference source: population, social-insurance and party are known.',
  ],
  HUB_REFERENCE_NOT_SET: [
    409,
    'The reference source is not set up: give its HUB_REFERENCE_… settings. Nothing was asked.',
  ],
  HUB_REFERENCE_KEY: [
    409,
    'The key of the reference source cannot be read, or is not one word in plain ASCII: see HUB_REFERENCE_…_KEY_FILE.',
  ],
  HUB_REFERENCE_DENIED: [
    409,
    'The reference source does not take our key: ask its operator for one in force. What was compared stays.',
  ],
  HUB_REFERENCE_AWAY: [
    503,
    'The reference source does not answer, or not in the form agreed: run the command again later, it goes on where it stopped.',
  ],
  HUB_STORAGE: [
    503,
    'The database did not take the data (full disk, shutdown, lost connection): nothing was acknowledged, try again later.',
  ],
  HUB_INTERNAL: [500, 'Something broke at the hub: see its log under the request id.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type HubErrorCode = keyof typeof errorKinds;

export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: HubErrorCode;
  readonly status: number;
  /** Seconds to wait where something passing is the reason; undefined: nothing is known of it. */
  readonly retryAfterS: number | undefined;

  constructor(
    code: HubErrorCode,
    options: { cause?: unknown; detail?: string; retryAfterS?: number } = {},
  ) {
    const [status, sentence] = errorKinds[code];
    super(
      options.detail === undefined ? sentence : `${sentence} (${options.detail})`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.status = status;
    this.retryAfterS = options.retryAfterS;
  }
}
