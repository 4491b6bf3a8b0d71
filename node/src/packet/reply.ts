/**
 * The reply in the form that programs know (`message`, `err_code`, `transaction_id`), with every fault
 * and its path beside it. It holds names of fields, codes and unit codes, and no data of a person.
 */
import { severityOf } from '@lienthong/shared-schema/rules/findings.ts';

import type { PacketFinding } from './envelope.ts';
import { pathOf } from './structure.ts';

export type ReplyState = 'published' | 'unchanged' | 'waiting' | 'refused';

/** `field` is a path in the packet, such as `THONGTINCHUNG.DanToc`. */
export type ReplyFault = {
  readonly field: string;
  readonly code: string;
  readonly vi: string;
  readonly en: string;
};

export type PacketReply = {
  readonly message: string;
  readonly err_code: 0 | 1;
  readonly transaction_id: string;
  /** Written, nothing to write, waiting for a reviewer, or refused. */
  readonly state: ReplyState;
  /** The record as it is now: to be sent as Version_Seen. Null where it was not written. */
  readonly etag: string | null;
  readonly errors: readonly ReplyFault[];
  readonly warnings: readonly ReplyFault[];
};

const messages: Readonly<Record<Exclude<ReplyState, 'refused'>, string>> = {
  published: 'Đã ghi vào hồ sơ.',
  unchanged: 'Hồ sơ đã có đúng dữ liệu này, không có gì thay đổi.',
  waiting: 'Đã tiếp nhận, chờ người duyệt ở đơn vị.',
};

export type ReplyFacts = {
  readonly transactionId: string;
  readonly state: ReplyState;
  readonly etag: string | null;
  readonly findings: readonly PacketFinding[];
};

export function replyOf({ transactionId, state, etag, findings }: ReplyFacts): PacketReply {
  const errors = findings.filter((one) => severityOf(one.code) === 'error').map(faultIn);
  const warnings = findings.filter((one) => severityOf(one.code) === 'warning').map(faultIn);
  return {
    message: state === 'refused' ? refusal(errors) : messages[state],
    err_code: state === 'refused' ? 1 : 0,
    transaction_id: transactionId,
    state,
    etag,
    errors,
    warnings,
  };
}

function refusal([first, ...others]: readonly ReplyFault[]): string {
  const count = others.length + 1;
  const where = first === undefined || first.field === '' ? '' : `${first.field}: `;
  const more = others.length === 0 ? '' : ` (và ${others.length} lỗi khác)`;
  return `Bị từ chối, ${count} lỗi. ${where}${first?.vi ?? ''}${more}`;
}

/** Of one packet; more of them help nobody, and a large packet may have a hundred thousand. */
const toldMax = 1000;

/** The first of them, errors before warnings. */
export const mostTelling = (findings: readonly PacketFinding[]): readonly PacketFinding[] =>
  findings.length <= toldMax
    ? findings
    : [
        ...findings.filter((one) => severityOf(one.code) === 'error'),
        ...findings.filter((one) => severityOf(one.code) === 'warning'),
      ].slice(0, toldMax);

const faultIn = ({ path, code, vi, en }: PacketFinding): ReplyFault => ({
  field: path,
  code,
  vi,
  en,
});

/** A finding of the record as a finding of the packet: where its value stands. */
export const inPacket = (finding: Omit<PacketFinding, 'path'>): PacketFinding => ({
  ...finding,
  path:
    finding.section === undefined ? '' : pathOf(finding.section, finding.field, finding.ordinal),
});
