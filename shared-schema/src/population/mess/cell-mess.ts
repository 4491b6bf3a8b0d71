/**
 * Mess in how a cell is written: what Excel, other fonts and hurried hands make of a good value. Much
 * of it must be read as what it means, without a word; the rest has one finding.
 */
import { chance, oneOf } from '../random.ts';
import type { CellMess, Planted } from './mess.ts';
import { shownFromTcvn3 } from './tcvn3.ts';
import type { Written, WrittenPerson } from './written-person.ts';

type Facts = Parameters<CellMess['spoil']>[1];
type Make<T extends Written> = (value: T, facts: Facts) => Written | undefined;

function rewritten(
  at: string,
  code: Planted['code'] | null,
  make: (value: Written, facts: Facts) => Written | undefined,
): CellMess {
  return {
    on: 'cell',
    spoil: (written, facts) => {
      const value = written.cells[at];
      const made = value === undefined ? undefined : make(value, facts);
      if (made === undefined || made === value) return undefined;
      const changed = { ...written, cells: { ...written.cells, [at]: made } };
      return code === null
        ? { written: changed, planted: [] }
        : { written: changed, planted: [{ code, at }] };
    },
  };
}

const text =
  (make: Make<string>) =>
  (value: Written, facts: Facts): Written | undefined =>
    typeof value === 'string' ? make(value, facts) : undefined;
const number =
  (make: Make<number>) =>
  (value: Written, facts: Facts): Written | undefined =>
    typeof value === 'number' ? make(value, facts) : undefined;

/** The day of a date of birth that is known to the day, `YYYY-MM-DD`. */
const birthDay =
  (make: Make<string>) =>
  (_: Written, facts: Facts): Written | undefined => {
    const born = facts.draft.sections['identity']?.[0]?.['birth_date'];
    return born?.length === 10 ? make(born, facts) : undefined;
  };

/** A number that is none leads to nobody, so the person comes without lists. */
function brokenPin(code: Planted['code'], make: Make<string>): CellMess {
  const cell = rewritten('identity.pin', code, text(make));
  return {
    on: 'cell',
    spoil: (written: WrittenPerson, facts) => {
      const spoilt = cell.spoil(written, facts);
      return spoilt === undefined
        ? undefined
        : { ...spoilt, written: { ...spoilt.written, lists: {} } };
    },
  };
}

const name = 'identity.full_name';
const pin = 'identity.pin';
const birth = 'identity.birth_date';
const dayMs = 86_400_000;
const unixEpochSerial = 25_569;

export const cellMess = {
  name_decomposed: rewritten(
    name,
    null,
    text((value) => value.normalize('NFD')),
  ),
  name_spaced: rewritten(
    name,
    null,
    text((value) => `  ${value.replaceAll(' ', '  ').replace('  ', ' \u00a0')} `),
  ),
  name_in_tcvn3: rewritten(
    name,
    'legacy_font',
    text((value) =>
      /^(?:Nguyễn|Trần|Phạm|Đặng|Đỗ) /u.test(value) && !/[’'-]/u.test(value)
        ? shownFromTcvn3(value)
        : undefined,
    ),
  ),
  pin_as_number: rewritten(
    pin,
    'pin_zero_restored',
    text((value) => (value.startsWith('0') ? Number(value) : undefined)),
  ),
  pin_spaced: rewritten(
    pin,
    null,
    text((value) => value.replaceAll(/(\d{3})(?=\d)/gu, '$1 ')),
  ),
  pin_of_nine_digits: brokenPin('pin_old_id', (value) => value.slice(-9)),
  pin_with_letter: brokenPin('pin_format', (value) => `${value.slice(0, 11)}O`),
  pin_digit_lost: brokenPin('pin_format', (value) => value.slice(0, 11)),
  birth_as_date_cell: rewritten(
    birth,
    null,
    birthDay((date) => ({ date })),
  ),
  birth_as_day_number: rewritten(
    birth,
    null,
    birthDay((date) => Date.parse(date) / dayMs + unixEpochSerial),
  ),
  birth_year_only: rewritten(
    birth,
    null,
    birthDay((date, { random }) =>
      chance(random, 0.5) ? date.slice(0, 4) : Number(date.slice(0, 4)),
    ),
  ),
  birth_month_only: rewritten(
    birth,
    null,
    birthDay((date) => `${Number(date.slice(5, 7))}/${date.slice(0, 4)}`),
  ),
  birth_short: rewritten(
    birth,
    null,
    birthDay((date, { random }) =>
      [Number(date.slice(8)), Number(date.slice(5, 7)), date.slice(0, 4)].join(
        oneOf(random, ['/', '-', '.']),
      ),
    ),
  ),
  birth_impossible: rewritten(
    birth,
    'date_format',
    birthDay((date, { random }) =>
      chance(random, 0.5) ? `31/02/${date.slice(0, 4)}` : `${date.slice(8)}/13/${date.slice(0, 4)}`,
    ),
  ),
  coefficient_with_comma: rewritten(
    'salary.coefficient',
    null,
    number((value) => value.toFixed(2).replace('.', ',')),
  ),
  step_as_text: rewritten(
    'salary.step',
    null,
    number((value) => `0${value}`),
  ),
  rank_as_number: rewritten(
    'salary.rank_code',
    'rank_as_number',
    text((value) => (/^\d{2}\.\d{3}$/u.test(value) ? Number(value) : undefined)),
  ),
  town_of_old_province: rewritten(
    'identity.home_town',
    null,
    text((_, { random }) => {
      const province = oneOf(random, ['tỉnh Bình Dương', 'Tỉnh Hà Giang', 'tỉnh Quảng Nam']);
      return `Xã cũ, ${province}`;
    }),
  ),
  ethnic_group_in_capitals: rewritten(
    'identity.ethnic_group',
    null,
    text((value) => `${value.toUpperCase()} `),
  ),
  ethnic_group_mistyped: rewritten(
    'identity.ethnic_group',
    'code_unknown',
    text((value) => (value === 'Kinh' ? 'Kihn' : undefined)),
  ),
  object_class_error: rewritten('employment.object_class', 'cell_error', () => ({
    error: '#N/A',
  })),
  phone_as_number: rewritten(
    'contact.phone',
    'phone_format',
    text((value) => Number(value)),
  ),
  unit_in_old_order: rewritten(
    'employment.employing_unit',
    null,
    text((value) =>
      value.includes('.') ? `000.${value.split('.').toReversed().join('.')}` : undefined,
    ),
  ),
  text_like_formula: rewritten('position.title', null, () => '=HYPERLINK("http://127.0.0.1","x")'),
} as const satisfies Readonly<Record<string, CellMess>>;
