/**
 * The catalogue of the node's errors: a code, what kind of exit it is, and a sentence that tells the
 * operator what to do. No message ever carries data of a person.
 */
export const errorKinds = {
  NODE_NOT_INITIALISED: [
    'refused',
    'The node is not set up: run `npm run node -- init` with NODE_AGENCY set.',
  ],
  NODE_AGENCY_INVALID: [
    'usage',
    'NODE_AGENCY must be a level-1 agency code in force, such as H52 or G09.',
  ],
  NODE_AGENCY_FIXED: [
    'usage',
    'This database belongs to another agency: use a database of its own for each node.',
  ],
  NODE_NOT_ENROLLED: [
    'refused',
    'The node is not enrolled: run `npm run node -- enrol INVITATION`.',
  ],
  NODE_INVITATION_INVALID: [
    'usage',
    'This is no invitation: copy the whole line that begins with lienthong1.',
  ],
  NODE_INVITATION_OTHER_AGENCY: ['usage', 'The invitation is for another agency than NODE_AGENCY.'],
  NODE_ENROLMENT_REJECTED: [
    'refused',
    'The hub operator rejected the enrolment: ask for the reason and a new invitation.',
  ],
  NODE_ENROLMENT_PENDING: [
    'refused',
    'The enrolment waits for approval at the hub: run the same command again afterwards.',
  ],
  NODE_HUB_UNREACHABLE: [
    'unreachable',
    'The hub does not answer: nothing is lost, try again later.',
  ],
  NODE_HUB_BUSY: ['unreachable', 'The hub is busy: nothing is lost, try again later.'],
  NODE_HUB_REFUSED: ['refused', 'The hub refused.'],
  NODE_HUB_UNTRUSTED: [
    'refused',
    'The hub sent something that it did not sign, or that is not for this node: do not go on, ask the hub operator.',
  ],
  NODE_BEHIND: [
    'refused',
    'The hub has batches that this node does not remember: it was restored from an old backup. Nothing was sent; ask the hub operator to release the unit, then run `npm run node -- rejoin`.',
  ],
  NODE_FORKED: [
    'refused',
    'The hub holds another history of this node: two machines, or an edited database. Nothing was sent. If this machine is the right one: once the hub operator has released the unit, run `npm run node -- rejoin`.',
  ],
  NODE_CLONED: [
    'refused',
    "Another machine with this node's past has spoken to the hub. Stop one of them; the unit is frozen until the hub operator has looked into it.",
  ],
  NODE_HUB_BEHIND: [
    'refused',
    'The hub lacks batches that it had receipted: it was restored from a backup. Nothing was dropped here; the hub operator must run `npm run hub -- incarnation raise`, then this goes on by itself.',
  ],
  NODE_HUB_LOST_SAFE: [
    'refused',
    'The restored hub lacks a batch that it had called safe, and its content is not here any more: the hub must restore a backup that includes this batch.',
  ],
  NODE_REJOIN_REFUSED: [
    'refused',
    'The hub operator has not released the unit for this: ask for `npm run hub -- release AGENCY`, with every other machine of the unit stopped. Nothing was changed.',
  ],
  NODE_REJOIN_CONFLICT: [
    'refused',
    'What comes back from the hub does not fit what was entered here since, such as two units with one code: change the newer one, and run rejoin again.',
  ],
  NODE_BUNDLE_INVALID: [
    'refused',
    'The file is no whole, unchanged bundle of the hub for this node: ask for it again. Nothing of it was taken.',
  ],
  NODE_BUNDLE_EXISTS: ['usage', 'There is a file of this name: give another name, or --force.'],
  NODE_BUNDLE_UNWRITTEN: [
    'failed',
    'The file could not be written, and no half one is left: make room on the medium, and export again.',
  ],
  NODE_RECORD_TOO_LARGE: [
    'refused',
    'One record alone is larger than a batch may be: look for a list with far too many rows.',
  ],
  NODE_SYNC_TIMEOUT: [
    'unreachable',
    'Everything was sent, but the proof has not come back in time: the hub has not applied it yet. Run sync again later.',
  ],
  NODE_IMPORT_UNKNOWN: [
    'usage',
    'There is no import of this number: see `npm run node -- intake imports`.',
  ],
  NODE_ROW_UNKNOWN: [
    'usage',
    'The import has no such row: give the sheet and the number of the row, such as "Danh sách:12"; see `npm run node -- intake list`.',
  ],
  NODE_SELECTION_EMPTY: [
    'usage',
    'Say which rows are meant: name them, or give --unit, --finding, --kind or --all.',
  ],
  NODE_RECHECK_PACKET: [
    'usage',
    'Only what came in a file is checked again from what is kept: let the program send its packet again.',
  ],
  NODE_RECORD_UNKNOWN: [
    'usage',
    'The unit has no such record, or it is not in the state that this needs: give its identifier or its 12-digit number.',
  ],
  NODE_RECORD_AMBIGUOUS: [
    'usage',
    'Several records have this number: give the identifier of the one that is meant.',
  ],
  NODE_RECORD_TAKEN: [
    'refused',
    'Another active record has the number or the code of this one: close or remove that one first, or leave this one as it is.',
  ],
  NODE_STATUS_INVALID: [
    'usage',
    'A record is closed with a status other than active, of the list TRANG_THAI_HO_SO: 2 left, 3 retired, 4 transferred, 5 deceased.',
  ],
  NODE_STATUS_DATE_INVALID: [
    'usage',
    'Give the day, month or year on which the person left, as YYYY-MM-DD, YYYY-MM or YYYY: after the birth, and not in the future.',
  ],
  NODE_UNREADABLE: [
    'usage',
    'The node has no answer to this request: check address, method, size, and that the body is whole JSON.',
  ],
  NODE_TOO_LARGE: ['usage', 'The request is larger than this address takes: send less at once.'],
  NODE_MEDIA_TYPE: ['usage', 'Send the body as application/json.'],
  NODE_UNAUTHORISED: [
    'refused',
    'Send `Authorization: Bearer KEY` with a key in force: `npm run node -- keys issue NAME` makes one.',
  ],
  NODE_SCOPE_MISSING: [
    'refused',
    'The key may not do this: have one issued with the scope that is named.',
  ],
  NODE_TOO_MANY: ['unreachable', 'The key asks too often: go on after Retry-After.'],
  NODE_KEY_INVALID: [
    'usage',
    'A key has a name of small letters, digits and hyphens, 40 at most, and scopes that the node knows.',
  ],
  NODE_KEY_EXISTS: [
    'refused',
    'The name is in use, by a key in force or by a source that is no program: revoke the key, or take another name.',
  ],
  NODE_KEY_NONE: ['usage', 'No key in force has this name: see `npm run node -- keys list`.'],
  NODE_SOURCE_UNKNOWN: [
    'usage',
    'There is no source of files of this name: `npm run node -- mappings source NAME` makes one.',
  ],
  NODE_SOURCE_NAME: [
    'usage',
    'A source of files has a name of small letters, digits and hyphens, 40 at most, that no program has.',
  ],
  NODE_MAPPING_INVALID: [
    'usage',
    'The mappings do not fit the catalogue, and none was taken: correct what is named and give them again.',
  ],
  NODE_MAPPING_NONE: [
    'usage',
    'Nothing of the kind is mapped: see `npm run node -- mappings show`.',
  ],
  NODE_FILE_UNWRITTEN: [
    'failed',
    'The file could not be written: a file of this name is there already, or the folder takes none.',
  ],
  NODE_REQUEST_INVALID: [
    'usage',
    'The request does not fit the contract of this address: correct what is named, see /openapi.json.',
  ],
  NODE_RECORD_FAULTY: [
    'refused',
    'The record has errors, and nothing was written: correct what is named and send it again.',
  ],
  NODE_IF_MATCH_NEEDED: [
    'usage',
    'Send If-Match with the ETag that the record had when it was read, so that no change of somebody else is lost.',
  ],
  NODE_RECORD_CHANGED: [
    'refused',
    'The record was changed since it was read, and nothing was written: read it again, then send the change with its ETag.',
  ],
  NODE_RECORD_CLOSED: [
    'refused',
    'The record is closed: reopen it, or send correction=true where what was recorded was wrong.',
  ],
  NODE_UNIT_OUTSIDE: [
    'refused',
    'The key is for a part of the agency, and this is outside of it: use a key for that unit, or for the whole agency.',
  ],
  NODE_REVIEW_NEEDED: [
    'refused',
    'What this key brings is reviewed first, and this cannot wait for a review: a person of the unit does it, or a key issued without --review.',
  ],
  NODE_REQUEST_REUSED: [
    'refused',
    'Another request had this Idempotency-Key: send each new request under a key of its own.',
  ],
  NODE_CORRECTION_UNKNOWN: [
    'usage',
    'There is no such correction, or it is settled: see `npm run node -- corrections list`.',
  ],
  NODE_CORRECTION_OVERTAKEN: [
    'refused',
    'The record was changed since it was compared: nothing was written. Once the hub has the change it compares again; then look at the correction anew.',
  ],
  NODE_CORRECTION_FAULTY: [
    'refused',
    'With this value the record would break the rules that are named: mend the rest of the record first, or contest the correction.',
  ],
  NODE_CORRECTION_REASON: [
    'usage',
    'Say in one line of 1,000 letters at most why the value of the unit stays.',
  ],
  NODE_CODE_LIST_UNKNOWN: [
    'usage',
    'There is no code list of this name: see `npm run node -- code-lists`.',
  ],
  NODE_CODE_LIST_TASK_NONE: [
    'usage',
    'There is nothing to acknowledge for this code list: see `npm run node -- status`.',
  ],
  NODE_CURSOR_INVALID: ['usage', 'The cursor is none that was given: begin at the first page.'],
  NODE_BUSY: ['unreachable', 'The node has too much to do: try again after Retry-After.'],
  NODE_INTERNAL: ['failed', 'Something broke at the node: see its log.'],
} as const satisfies Readonly<
  Record<string, readonly ['usage' | 'refused' | 'unreachable' | 'failed', string]>
>;

export type NodeErrorCode = keyof typeof errorKinds;

export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly code: NodeErrorCode;
  /** Seconds that the hub asked to wait; 0 where it did not say. */
  readonly retryAfterS: number;

  constructor(
    code: NodeErrorCode,
    options: { cause?: unknown; detail?: string; retryAfterS?: number } = {},
  ) {
    const [, sentence] = errorKinds[code];
    super(
      options.detail === undefined ? sentence : `${sentence} (${options.detail})`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.retryAfterS = options.retryAfterS ?? 0;
  }
}
