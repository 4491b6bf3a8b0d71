/**
 * What the packet gateway says of a packet as a whole: its shape, its key, its place among what other
 * sources brought. `node/src/packet` and `node/src/sync/receive-packet.ts` check it.
 */
import type { NodeRule } from './rule.ts';
import { sources } from './sources.ts';

const error = { on: 'node', ...sources.packet, severity: 'error', looksAt: [] } as const;
const warning = { ...error, severity: 'warning' } as const;

export const packetRules = {
  packet_unreadable: {
    ...error,
    vi: 'Không đọc được gói tin ({limit}): gửi lại JSON mã UTF-8, đóng gói bằng base64.',
    en: 'The packet cannot be read ({limit}): send JSON in UTF-8, packed as base64.',
    accepted: 'base64 of a JSON object in UTF-8',
    refused: 'text that is no base64, bytes that are no UTF-8, text that is no JSON',
  },
  packet_shape: {
    ...error,
    vi: 'Chỗ này của gói tin không phải là {limit}: gửi đúng cấu trúc, danh sách trống là [].',
    en: 'This place of the packet does not hold {limit}: send it in that form, an empty list as [].',
    accepted: 'a list as […], a row as {…}, a value as "…"',
    refused: 'null in place of a list, an object in place of a value',
  },
  packet_member_repeated: {
    ...error,
    vi: 'Trường này có mặt hai lần với hai giá trị khác nhau: giữ lại một giá trị.',
    en: 'This member comes twice with different values: keep one of them.',
    accepted: 'each member once, or twice with the same value',
    refused: 'two values for one member',
  },
  packet_member_missing: {
    ...error,
    vi: 'Gói tin thiếu {limit}: bổ sung rồi gửi lại.',
    en: 'The packet lacks {limit}: add it and send again.',
    accepted: 'ADD with THONGTINCHUNG, EDIT with the block of its service',
    refused: 'ADD without THONGTINCHUNG',
  },
  packet_action: {
    ...error,
    vi: 'Action_Type «{value}» không dùng cho dịch vụ này: gửi {limit}.',
    en: 'Action_Type "{value}" is none of this service: send {limit}.',
    accepted: 'EDIT to ServiceM0003',
    refused: 'ADD to ServiceM0003',
  },
  packet_key_taken: {
    ...error,
    vi: 'Số hiệu này đã có hồ sơ: gửi EDIT để cập nhật hồ sơ đó.',
    en: 'A record has this staff number already: send EDIT to change it.',
    accepted: 'ADD with a new staff number',
    refused: 'ADD with the staff number of a record of the node',
  },
  packet_key_unknown: {
    ...error,
    vi: 'Không có hồ sơ nào mang số hiệu này, hoặc hồ sơ còn chờ duyệt: kiểm tra số hiệu, hoặc gửi ADD trước.',
    en: 'No record has this staff number, or it still waits for review: check the number, or send ADD first.',
    accepted: 'EDIT of a record of the node',
    refused: 'EDIT with a staff number that no record has',
  },
  packet_key_ambiguous: {
    ...error,
    vi: 'Nhiều hồ sơ mang cùng số hiệu này: sửa số hiệu ở đơn vị rồi gửi lại.',
    en: 'Several records have this staff number: correct it at the unit and send again.',
    accepted: 'a staff number of one record',
    refused: 'a staff number that two active records have',
  },
  packet_key_differs: {
    ...error,
    vi: 'Số hiệu ở đây khác với SoHieuCBCCVC_BNDP: sửa cho giống nhau.',
    en: 'The staff number here differs from SoHieuCBCCVC_BNDP: correct one of them.',
    accepted: 'the same staff number in both places',
    refused: 'two staff numbers in one packet',
  },
  packet_transaction_reused: {
    ...error,
    vi: 'Transaction_ID này đã dùng cho một nội dung khác: gửi bằng một mã mới.',
    en: 'This Transaction_ID was used for another content: send it under a new one.',
    accepted: 'the same packet again under its id',
    refused: 'another packet under an id that was used',
  },
  NODE_PACKET_STALE: {
    ...error,
    vi: 'Hồ sơ đã được thay đổi sau đó bởi «{value}» ({limit}), không ghi đè: kiểm tra dữ liệu mới rồi gửi lại kèm Version_Seen của nó.',
    en: 'The record was changed since by "{value}" ({limit}) and is not overwritten: look at the newer data, then send again with its Version_Seen.',
    accepted: 'a packet that names the etag of the record as it is',
    refused: 'a packet made before another source changed the record',
  },
  packet_overwrites: {
    ...warning,
    vi: 'Gói tin đã ghi đè dữ liệu mới hơn của «{value}» ({limit}), giá trị cũ còn trong bộ đệm tiếp nhận: kiểm tra lại.',
    en: 'The packet overwrote newer data of "{value}" ({limit}), whose values are kept in the intake: please check.',
    accepted: 'a record that only this source has written since',
    refused: 'a record that another source has written since',
  },
  packet_member_unknown: {
    ...warning,
    vi: 'Trường này không có trong cấu trúc gói tin nên không ghi vào hồ sơ: kiểm tra lại tên trường.',
    en: 'This member is not in the structure of the packet and was not written: check its name.',
    accepted: 'the members of Decision 356',
    refused: 'a member of another name',
  },
  packet_block_foreign: {
    ...warning,
    vi: 'Dịch vụ này không nhận khối dữ liệu này nên đã bỏ qua: gửi khối tới dịch vụ {limit}.',
    en: 'This service does not take this block and left it out: send it to {limit}.',
    accepted: 'the block of the service',
    refused: 'a block of another service',
  },
  packet_row_empty: {
    ...warning,
    vi: 'Dòng này của danh sách không có giá trị nào nên đã bỏ qua: kiểm tra lại.',
    en: 'This row of the list has no value and was left out: please check.',
    accepted: 'a row with a value',
    refused: 'a row whose values are all empty',
  },
  packet_linked: {
    ...warning,
    vi: 'Người này đã có hồ sơ chưa có số hiệu, gói tin được ghi vào hồ sơ đó: kiểm tra lại.',
    en: 'The person had a record without a staff number, and the packet was written to it: please check.',
    accepted: 'ADD of a new person',
    refused: 'ADD of a person whose record has no staff number',
  },
} as const satisfies Readonly<Record<string, NodeRule>>;
