/**
 * Whose record a packet is about. The key is the staff number within the agency; ADD wants a new one,
 * EDIT and DEL one that is known. A person of the node keeps to one record: an ADD with the PIN of
 * another active record is refused.
 */
import type { Db } from '@lienthong/shared-schema/runtime/database.ts';

import { type KnownRecord, recordsWith } from '../db/packets.ts';
import { pinHeldElsewhere, recordClosed } from '../intake/standing-findings.ts';
import type { PacketFinding } from '../packet/envelope.ts';
import { atPath } from '../packet/read-block.ts';
import type { Packet } from '../packet/read-packet.ts';
import { inPacket } from '../packet/reply.ts';
import { keyMember } from '../packet/structure.ts';

export type Subject = {
  /** Null for a new person, and where a finding says why there is none. */
  readonly record: KnownRecord | null;
  readonly findings: readonly PacketFinding[];
};

const nobody: Subject = { record: null, findings: [] };
const at = (code: 'packet_key_taken' | 'packet_key_unknown' | 'packet_key_ambiguous'): Subject => ({
  record: null,
  findings: [atPath(code, keyMember)],
});

export async function whoseRecord(
  db: Db,
  { action, staffNumber, draft }: Pick<Packet, 'action' | 'staffNumber' | 'draft'>,
): Promise<Subject> {
  if (staffNumber === null || action === null) return nobody;
  const [first, second] = await recordsWith(db, 'staff_number', staffNumber);
  const pin = draft.sections['identity']?.[0]?.['pin'];
  if (action === 'ADD') {
    if (first !== undefined) return at('packet_key_taken');
    return pin === undefined ? nobody : await newcomer(db, pin);
  }
  if (first === undefined) return at('packet_key_unknown');
  // several who left may share a number with one who is at work now
  if (second !== undefined && second.active === first.active) return at('packet_key_ambiguous');
  if (pin === undefined || pin === first.pin) return { record: first, findings: [] };
  const holders = await recordsWith(db, 'pin', pin);
  const isHeld = holders.some((one) => one.active && one.recordId !== first.recordId);
  return { record: first, findings: isHeld ? [inPacket(pinHeldElsewhere)] : [] };
}

/** A person whom the node may have under no staff number, or as one who left. */
async function newcomer(db: Db, pin: string): Promise<Subject> {
  const [holder] = await recordsWith(db, 'pin', pin);
  if (holder === undefined) return nobody;
  if (!holder.active) {
    return { record: null, findings: [{ ...recordClosed, path: keyMember }] };
  }
  if (holder.staffNumber !== null) return { record: null, findings: [inPacket(pinHeldElsewhere)] };
  return { record: holder, findings: [atPath('packet_linked', keyMember)] };
}
