/** What the REST API says of the form of a body, before its values are judged: `node/src/intake/read-json-section.ts`. */
import type { NodeRule } from './rule.ts';
import { sources } from './sources.ts';

const error = { on: 'node', ...sources.review, severity: 'error', looksAt: [] } as const;

export const apiRules = {
  json_shape: {
    ...error,
    vi: '{label} phải là {limit}: gửi đúng kiểu dữ liệu của JSON, không có giá trị thì gửi null.',
    en: '{label} must be {limit}: send it as that type of JSON, and null where there is no value.',
    accepted: 'a text as "…", an integer as a number, a list as […]',
    refused: 'a number for a text, an object for a list',
  },
  json_member_unknown: {
    ...error,
    vi: 'Danh mục trường không có tên này: sửa tên theo /api/v1/catalogue hoặc bỏ đi.',
    en: 'The catalogue has no such name: correct it by /api/v1/catalogue, or leave it out.',
    accepted: 'members named as in the catalogue',
    refused: 'a member that no field of the section has',
  },
} as const satisfies Readonly<Record<string, NodeRule>>;
