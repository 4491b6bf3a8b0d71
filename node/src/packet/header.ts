/** `Data.Header`: who sends, what is wanted, and which state of the record the program had seen. */
import { isWithinAgency } from '@lienthong/shared-schema/rules/unit-rules.ts';
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import { isPartialDate } from '@lienthong/shared-schema/text/partial-date.ts';

import { readUnitCode } from '../intake/read-unit-code.ts';
import type { PacketFinding } from './envelope.ts';
import { memberOf } from './members.ts';
import { type JsonObject, storable } from './parse-json.ts';
import { atPath, type Gathered, tellRepeated } from './read-block.ts';

export type Header = {
  /** As sent; empty where it is missing. */
  readonly action: string;
  /** The program's own name of the packet. */
  readonly transactionId: string | null;
  /** An etag that an earlier reply gave. */
  readonly versionSeen: string | null;
  /** When the packet was made: ISO 8601 with its offset. */
  readonly createdAt: string | null;
};

export const idMax = 100;
export const idShape = '"…" ≤ 100';
const instantShape = '2026-11-21T08:30:00+07:00';

/** Members of the header that are not in the codes seen: ours. */
export function readHeader(content: JsonObject, agency: string, gathered: Gathered): Header {
  tellRepeated(content, '', gathered);
  const data = memberOf(content, 'Data');
  if (data?.kind === 'object') tellRepeated(data, 'Data', gathered);
  const header = data?.kind === 'object' ? memberOf(data, 'Header') : undefined;
  if (header?.kind !== 'object') {
    gathered.findings.push(
      atPath('packet_member_missing', 'Data.Header', { limit: 'Data.Header' }),
    );
    return { action: '', transactionId: null, versionSeen: null, createdAt: null };
  }
  tellRepeated(header, 'Data.Header', gathered);
  const text = (name: string): string => {
    const json = memberOf(header, name);
    return json?.kind === 'text' || json?.kind === 'number' ? tidyText(storable(json.text)) : '';
  };
  const sender = readUnitCode(text('Sender_Code'));
  if (sender !== '' && !isWithinAgency(sender, agency)) {
    gathered.findings.push(outside('Data.Header.Sender_Code', sender, agency));
  }
  const id = text('Transaction_ID');
  if (id.length > idMax) {
    gathered.findings.push(
      atPath('packet_shape', 'Data.Header.Transaction_ID', { limit: idShape }),
    );
  }
  const made = text('Created_At');
  const createdAt = readInstant(made);
  if (made !== '' && createdAt === null) {
    gathered.findings.push(
      atPath('packet_shape', 'Data.Header.Created_At', { limit: instantShape }),
    );
  }
  const version = text('Version_Seen').toLowerCase();
  return {
    action: text('Action_Type'),
    transactionId: id === '' || id.length > idMax ? null : id,
    versionSeen: version === '' ? null : version,
    createdAt,
  };
}

export const bodyPath = 'Data.Body';

/** What the packet is about; `readHeader` tells of what is around it. */
export function bodyOf(content: JsonObject, gathered: Gathered): JsonObject | undefined {
  const data = memberOf(content, 'Data');
  const body = data?.kind === 'object' ? memberOf(data, 'Body') : undefined;
  if (body?.kind !== 'object') return undefined;
  tellRepeated(body, bodyPath, gathered);
  return body;
}

/** A code of another agency: a program sends the data of its own. */
export const outside = (path: string, value: string, agency: string): PacketFinding =>
  atPath('unit_outside_agency', path, {
    label: { vi: 'Mã đơn vị', en: 'Code of the unit' },
    value,
    limit: agency,
  });

/** `2026-11-21T08:30:00+07:00`, or as offices write it, `21/11/2026 08:30:00`, in Hanoi's time. */
export function readInstant(text: string): string | null {
  const local = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/u.exec(text);
  if (local === null) {
    const isWhole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/u;
    return isWhole.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
  }
  const [, day = '', month = '', year = '', hour = '0', minute = '00', second = '00'] = local;
  const date = `${year}-${two(month)}-${two(day)}`;
  const iso = `${date}T${two(hour)}:${minute}:${second}+07:00`;
  return isPartialDate(date) && !Number.isNaN(Date.parse(iso)) ? iso : null;
}

const two = (digits: string): string => digits.padStart(2, '0');
