/**
 * The life of a record: it is active, or closed since a date (left, retired, transferred, deceased). A
 * closed one stays readable, travels, and counts nowhere.
 */
import type { NodeRule, RecordRule } from './rule.ts';
import { sources } from './sources.ts';

export const activeStatus = '1';

export const statusRules = {
  status_date_missing: {
    on: 'record',
    kind: 'person',
    ...sources.lifeOfRecord,
    severity: 'error',
    vi: 'Hồ sơ đã kết thúc công tác mà thiếu {label}: ghi ngày, tháng hoặc năm, hoặc sửa tình trạng hồ sơ.',
    en: 'The record is closed and {label} is missing: give day, month or year, or correct the status.',
    looksAt: ['employment.status', 'employment.status_date'],
    check: (record) => {
      const status = record.value('employment', 'status');
      const isClosed = status !== undefined && status !== activeStatus;
      return isClosed && record.value('employment', 'status_date') === undefined
        ? [{ section: 'employment', field: 'status_date' }]
        : [];
    },
    accepted: { sections: { employment: [{ status: '3', status_date: '2026-05' }] } },
    refused: { sections: { employment: [{ status: '3' }] } },
  },
  status_date_of_active: {
    on: 'record',
    kind: 'person',
    ...sources.lifeOfRecord,
    severity: 'error',
    vi: 'Hồ sơ đang công tác mà có {label}: xóa ngày đó, hoặc sửa tình trạng hồ sơ.',
    en: 'The record is active and has a value for "{label}": clear it, or correct the status.',
    looksAt: ['employment.status', 'employment.status_date'],
    check: (record) =>
      record.value('employment', 'status') === activeStatus &&
      record.value('employment', 'status_date') !== undefined
        ? [{ section: 'employment', field: 'status_date' }]
        : [],
    accepted: { sections: { employment: [{ status: '1' }] } },
    refused: { sections: { employment: [{ status: '1', status_date: '2026-05' }] } },
  },
} as const satisfies Readonly<Record<string, RecordRule>>;

export const nodeRules = {
  record_closed: {
    on: 'node',
    ...sources.lifeOfRecord,
    severity: 'error',
    vi: 'Hồ sơ này đã kết thúc công tác, không tự trở lại do nhập dữ liệu: nếu người này trở lại làm việc thì mở lại hồ sơ (reopen) rồi kiểm tra lại dòng, nếu không thì từ chối dòng này.',
    en: 'This record is closed and does not become active by data coming in: if the person is back at work, reopen the record and check the row again; else reject the row.',
    looksAt: ['employment.status'],
    accepted: 'an active status for a record that is active or new',
    refused: 'an active status for a record that is closed at the node',
  },
  record_closed_differs: {
    on: 'node',
    ...sources.lifeOfRecord,
    severity: 'warning',
    vi: 'Hồ sơ này đã kết thúc công tác mà dữ liệu có điểm khác: nếu là sửa sai thì duyệt dòng với --correct-closed, nếu không thì từ chối dòng này.',
    en: 'This record is closed and the data differ from it: if that is a correction publish the row with --correct-closed; else reject the row.',
    looksAt: ['employment.status'],
    accepted: 'data that say what the closed record has already',
    refused: 'another value for a record that is closed at the node',
  },
} as const satisfies Readonly<Record<string, NodeRule>>;
