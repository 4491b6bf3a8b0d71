/** Where the rules come from, and whether the content was read in the text or is known from practice. */
import type { Source } from './rule.ts';

const read = (source: string): Source => ({ source, verified: true });
const known = (source: string): Source => ({ source, verified: false });

export const sources = {
  review: read('Decree 27/2026/NĐ-CP art. 30: the unit checks and verifies before sending'),
  managing: read('Decree 27/2026/NĐ-CP art. 18: the managing agency creates and updates'),
  recordCode: read(
    'Decree 27/2026/NĐ-CP art. 16(3): one record a person, its code the personal number',
  ),
  declaration: known(
    'Decree 27/2026/NĐ-CP art. 18–19: what creation and first declaration fill in',
  ),
  packet: known('Decision 356/QĐ-BNV: fields of the packets, as public programs fill them'),
  format: known('Field catalogue, types of the 109-field list (Dispatch 639/BNV-VP)'),
  unicode: read('Unicode NFC, TCVN 6909:2001'),
  codeLists: known('Decision 356/QĐ-BNV: code lists, as public programs check them'),
  validity: read('Code lists with validity intervals'),
  pin: known(
    'Decree 137/2015/NĐ-CP art. 13: structure of the personal number; a mismatch is never refused',
  ),
  unitCode: read('Decision 20/2020/QĐ-TTg: identifiers of agencies'),
  unitTree: read('Dispatch 5034/BNV-CCVC: unit tree first, profiles after'),
  civilServants: known(
    'Law on Cadres and Civil Servants 2025 (80/2025/QH15): conditions of recruitment',
  ),
  retirement: known('Labour Code 2019 art. 169 and Decree 135/2020/NĐ-CP: retirement ages'),
  partyCharter: known(
    'Charter of the Communist Party of Vietnam art. 5: probation before full membership',
  ),
  militaryService: known('Law on Military Service 2015'),
  appointment: known('Law on Cadres and Civil Servants 2025: terms of appointment'),
  salaryScale: read('Decree 204/2004/NĐ-CP, tables 2 and 3'),
  overScale: known(
    'Decree 204/2004/NĐ-CP and Circular 04/2005/TT-BNV: seniority beyond the last step',
  ),
  probation: known('Decree 204/2004/NĐ-CP and the decrees on recruitment: 85 % during probation'),
  discipline: read('Decree 172/2025/NĐ-CP: forms of discipline of cadres and of civil servants'),
  evaluation: known('Decree 335/2025/NĐ-CP: one evaluation a year'),
  insurance: known('Vietnam Social Security: the insurance number has 10 digits'),
  lifeOfRecord: known(
    'Circular 06/2023/TT-BNV art. 4: data of each person from recruitment until leaving',
  ),
  protocol: read('Protocol: later changes of a record that is held back wait for a whole one'),
} as const satisfies Readonly<Record<string, Source>>;
