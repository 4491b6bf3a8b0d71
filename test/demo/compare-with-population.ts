/**
 * The hub holds a unit's people against the population database, which is a stand-in here: it knows
 * what the hub knows, but for one date of birth. The unit is told, and takes that one over.
 */
import type { Constellation, Member } from '../constellation/constellation.ts';
import { mustRun } from '../constellation/processes.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openStandIn, type StandInPerson } from '../support/stand-in-reference.ts';

export async function compareWithPopulation(
  { hub }: Constellation,
  member: Member,
  say: (line: string) => void,
): Promise<void> {
  await using standIn = await openStandIn('population');
  for (const [pin, told] of await peopleAtHub(hub.databaseUrl, member.agency)) {
    standIn.people.set(pin, told);
  }
  const env = { ...hub.env, HUB_REFERENCE_POPULATION_URL: standIn.url };
  const args = ['reference', 'run', 'population', '--agency', member.agency];
  await mustRun({ side: 'hub', args, env });
  await member.run(['sync']);
  const { records, corrections } = (await member.run(['corrections', 'list'])) as {
    readonly records: readonly { readonly state: string; readonly records: string }[];
    readonly corrections: readonly { readonly id: string }[];
  };
  const ids = corrections.map(({ id }) => id);
  if (ids.length !== 1) throw new Error(`${ids.length} corrections came, one was expected`);
  const states = records.map((one) => `${one.state} ${one.records}`).join(', ');
  await member.run(['corrections', 'accept', ...ids, '--as', 'Phòng Tổ chức cán bộ']);
  say(`  ${member.agency}: ${states}; the office accepts the correction, it travels next time`);
}

/** By PIN. One of them was born on another day of the same year than the unit says. */
async function peopleAtHub(
  databaseUrl: string,
  agency: string,
): Promise<readonly (readonly [string, StandInPerson])[]> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ pin: string; told: Readonly<Record<string, string>> }>(
      `select pin, jsonb_strip_nulls(jsonb_build_object('identity.full_name', full_name,
         'identity.birth_date', birth_date, 'identity.sex', sex,
         'identity.ethnic_group', ethnic_group)) as told
       from national.identity where agency = $1
       order by length(birth_date) = 10 desc, pin`,
      [agency],
    );
    return rows.map(({ pin, told }, n) => [pin, n === 0 ? bornAnotherDay(told) : told] as const);
  });
}

function bornAnotherDay(told: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const born = told['identity.birth_date'] ?? '';
  const day = born.endsWith('-15') ? '16' : '15';
  return { ...told, 'identity.birth_date': `${born.slice(0, 8)}${day}` };
}
