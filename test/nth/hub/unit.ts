/** The unit of these tests, as the hub has it before anything fails. */
import type { TestHub } from '../../support/test-hub.ts';
import { orgUnit, person, pinOf } from '../../support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../support/test-unit.ts';

/** Its tree, two people with lists and one with a PIN that is none, which is held back. */
export async function openUnit(hub: TestHub, agency = 'H52'): Promise<TestUnit> {
  const unit = await enrolTestUnit(hub, agency);
  await unit.send(
    [
      orgUnit(1, 'H52'),
      orgUnit(2, 'H52.01', { parent: 'H52' }),
      person(17, pinOf(17), { more: { training: [{ institution: 'Trường một' }] } }),
      person(18, pinOf(18), { more: { salary: [{ step: '2', coefficient: '4.40' }] } }),
      person(19, pinOf(19), { fields: { sex: '7' } }),
    ],
    { marker: 'first' },
  );
  return unit;
}
