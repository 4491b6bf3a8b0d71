/** Mess in who a person is and where: values that contradict the number, the lists, the tree, the law. */
import type { RecordDraft } from '../../catalogue/draft.ts';
import { addDays } from '../../text/hanoi-day.ts';
import { shiftYears, yearOf } from '../dates.ts';
import { chance } from '../random.ts';
import { listOf, valueAt, withValues } from './amend.ts';
import type { MessFacts, Planted, RecordMess, SpoiltRecord } from './mess.ts';

const active = '1';
const retired = '3';
/** Codes that no list has had; a label that a clerk made up looks the same to a program. */
const noSuchCode = '99';

type Values = Readonly<Record<string, string | undefined>>;

const isActive = (draft: RecordDraft): boolean => valueAt(draft, 'employment.status') === active;

/** New values of a person, with the findings at the places that are named. */
function spoilt(
  draft: RecordDraft,
  values: Values,
  planted: Readonly<Record<string, Planted['code']>>,
): SpoiltRecord {
  return {
    draft: withValues(draft, values),
    planted: Object.entries(planted).map(([at, code]) => ({ at, code })),
  };
}

/** One value replaced by another that has one fault, where the person has a value. */
function replaced(
  at: string,
  code: Planted['code'],
  make: (value: string, draft: RecordDraft, facts: MessFacts) => string | undefined,
): RecordMess {
  return {
    on: 'record',
    spoil: (draft, facts) => {
      const value = valueAt(draft, at);
      const made = value === undefined ? undefined : make(value, draft, facts);
      return made === undefined ? undefined : spoilt(draft, { [at]: made }, { [at]: code });
    },
  };
}

/** A value that is not there; `when` is what must hold of the person for that to be a fault. */
function missing(
  at: string,
  code: Planted['code'],
  when: (draft: RecordDraft) => boolean = () => true,
): RecordMess {
  return {
    on: 'record',
    spoil: (draft) =>
      valueAt(draft, at) !== undefined && when(draft)
        ? spoilt(draft, { [at]: undefined }, { [at]: code })
        : undefined,
  };
}

/** Somebody with a full date of birth, of whose relatives nothing is said. */
function bornOn(draft: RecordDraft): string | undefined {
  const born = valueAt(draft, 'identity.birth_date');
  return born?.length === 10 && listOf(draft, 'family_own').length === 0 ? born : undefined;
}

export const personMess = {
  name_missing: missing('identity.full_name', 'required'),
  unit_missing: missing('employment.employing_unit', 'required'),
  insurance_number_missing: missing('insurance.social_insurance_no', 'field_expected', isActive),
  name_with_digit: replaced('identity.full_name', 'name_characters', (name) =>
    name.includes('o') ? name.replace('o', '0') : undefined,
  ),
  phone_cut_short: replaced('contact.phone', 'phone_format', (phone) => phone.slice(0, 8)),
  email_without_at: replaced('contact.email', 'email_format', (mail) => mail.replace('@', '.')),
  insurance_zero_lost: replaced(
    'insurance.social_insurance_no',
    'social_insurance_format',
    (number) => number.slice(1),
  ),
  health_card_short: replaced('insurance.health_card_no', 'health_card_format', (number) =>
    number.slice(0, 5),
  ),
  sex_swapped: replaced('identity.sex', 'pin_sex_mismatch', (sex) => (sex === '0' ? '1' : '0')),
  birth_year_off: replaced('identity.birth_date', 'pin_birth_mismatch', (_, draft) => {
    const born = bornOn(draft);
    return born === undefined ? undefined : shiftYears(born, -1);
  }),
  birth_in_future: {
    on: 'record',
    spoil: (draft, { today }) => {
      if (bornOn(draft) === undefined) return undefined;
      const values = {
        'identity.birth_date': shiftYears(today, 4),
        // the list of provinces is that of the year of birth, which would be a second fault
        'identity.birth_place_code': undefined,
      };
      return {
        draft: withValues(draft, values),
        planted: [
          { code: 'date_future', at: 'identity.birth_date' },
          { code: 'pin_birth_mismatch', at: 'identity.birth_date' },
        ],
      };
    },
  },
  ethnic_group_unknown: replaced('identity.ethnic_group', 'code_unknown', () => noSuchCode),
  unit_unknown: replaced(
    'employment.employing_unit',
    'unit_unknown',
    (_, __, { agency }) => `${agency}.99.99`,
  ),
  unit_foreign: replaced('employment.managing_unit', 'unit_outside_agency', (_, __, { agency }) =>
    agency === 'G99' ? 'G98' : 'G99',
  ),
  unit_closed: replaced('employment.employing_unit', 'unit_closed', (_, draft, { closedUnit }) =>
    isActive(draft) ? closedUnit : undefined,
  ),
  closed_without_date: {
    on: 'record',
    spoil: (draft) =>
      isActive(draft)
        ? spoilt(
            draft,
            { 'employment.status': retired },
            { 'employment.status_date': 'status_date_missing' },
          )
        : undefined,
  },
  closed_date_of_active: {
    on: 'record',
    spoil: (draft, { today }) =>
      isActive(draft)
        ? spoilt(
            draft,
            { 'employment.status_date': addDays(today, -30) },
            { 'employment.status_date': 'status_date_of_active' },
          )
        : undefined,
  },
  recruited_before_birth: replaced('recruitment.first_recruited_on', 'before_birth', (_, draft) =>
    shiftedBirth(draft, -2),
  ),
  recruited_as_child: replaced(
    'recruitment.first_recruited_on',
    'recruited_under_18',
    (_, draft, { random }) => shiftedBirth(draft, chance(random, 0.5) ? 12 : 15),
  ),
  party_dates_swapped: {
    on: 'record',
    spoil: (draft) => {
      const admitted = valueAt(draft, 'party.admitted_on');
      const official = valueAt(draft, 'party.official_on');
      if (admitted === undefined || official === undefined) return undefined;
      return spoilt(
        draft,
        { 'party.admitted_on': official, 'party.official_on': admitted },
        { 'party.official_on': 'party_official_before_admission' },
      );
    },
  },
  joined_before_recruited: replaced(
    'recruitment.joined_agency_on',
    'joined_before_recruited',
    (_, draft) => {
      const recruited = valueAt(draft, 'recruitment.first_recruited_on');
      return recruited === undefined ? undefined : `${yearOf(recruited) - 1}-01-01`;
    },
  ),
} as const satisfies Readonly<Record<string, RecordMess>>;

function shiftedBirth(draft: RecordDraft, years: number): string | undefined {
  const born = valueAt(draft, 'identity.birth_date');
  return born?.length === 10 ? shiftYears(born, years) : undefined;
}
