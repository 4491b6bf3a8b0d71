/** Rules that only the hub can check, since they are about what it holds of all units. */
import type { HubRule } from './rule.ts';
import { sources } from './sources.ts';

export const hubRules = {
  pin_held_elsewhere: {
    on: 'hub',
    ...sources.recordCode,
    severity: 'error',
    vi: '{label} đã thuộc một hồ sơ đang hoạt động khác: kiểm tra lại hoặc làm thủ tục chuyển hồ sơ.',
    en: '{label} already belongs to another active record: check it, or ask for a transfer.',
    looksAt: ['identity.pin', 'employment.status'],
    alsoAtNode: true,
    accepted: 'a person whose number no other active record has',
    refused: 'a person whose number an active record of another unit has',
  },
  not_owner: {
    on: 'hub',
    ...sources.managing,
    severity: 'error',
    vi: 'Hồ sơ thuộc đơn vị khác: để đơn vị đang quản lý cập nhật, hoặc làm thủ tục chuyển hồ sơ.',
    en: 'The record belongs to another unit: let its owner change it, or ask for a transfer.',
    looksAt: ['the record'],
    accepted: 'a change of a record of the unit itself',
    refused: 'a change of a record that another unit sent first',
  },
  head_missing: {
    on: 'hub',
    ...sources.format,
    severity: 'error',
    vi: 'Hồ sơ thiếu phần {label}: bổ sung rồi gửi lại.',
    en: 'The record lacks its section {label}: add it and send again.',
    looksAt: ['identity', 'org_unit'],
    accepted: 'a whole record with its first section',
    refused: 'a whole record without it',
  },
  held_back: {
    on: 'hub',
    ...sources.protocol,
    severity: 'error',
    vi: 'Thay đổi được giữ lại vì lần trước của hồ sơ này bị từ chối: sửa lỗi của lần trước, hệ thống sẽ tự gửi lại toàn bộ hồ sơ.',
    en: 'Held back because an earlier change of this record was refused: mend that one, and the whole record is sent again by itself.',
    looksAt: ['the record'],
    accepted: 'a part of a record that the hub has',
    refused: 'a part of a record of which an earlier change is held back',
  },
} as const satisfies Readonly<Record<string, HubRule>>;
