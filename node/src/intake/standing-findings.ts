/**
 * What rows that come in may not do to a record that the node has: make a closed one active, or go on
 * with a personal number that another active record has. Told when a row is judged, so that its report is
 * true; the guard of the publication (`db/publish-guard.ts`) asks the same again in SQL, since records
 * change in between.
 */
import { fieldNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { type Finding, makeFinding } from '@lienthong/shared-schema/rules/findings.ts';

import { activeStatus } from '../protocol/record-life.ts';
import type { CarriedFields } from './sheet-plan.ts';

type Sections = RecordDraft['sections'];

export const recordClosed: Finding = {
  ...makeFinding('record_closed', 'status'),
  section: employment.name,
};

const { vi, en } = fieldNamed(identity, 'pin');

export const pinHeldElsewhere: Finding = {
  ...makeFinding('pin_held_elsewhere', 'pin', { label: { vi, en } }),
  section: identity.name,
};

const statusOf = (sections: Sections): string | undefined =>
  sections[employment.name]?.[0]?.['status'];

export function standingFindings(
  { sections, carries }: { readonly sections: Sections; readonly carries: CarriedFields },
  /** What the node has of the record, and whether another active record has its number too. */
  stored: { readonly sections: Sections; readonly pinIsShared: boolean },
): readonly Finding[] {
  const isClosed = (statusOf(stored.sections) ?? activeStatus) !== activeStatus;
  if (!isClosed) {
    const carriesPin = carries[identity.name]?.includes('pin') === true;
    return stored.pinIsShared && carriesPin ? [pinHeldElsewhere] : [];
  }
  const saysStatus = carries[employment.name]?.includes('status') === true;
  return saysStatus && statusOf(sections) === activeStatus ? [recordClosed] : [];
}
