/** The record of one life: every section of the catalogue that has something to say, in its order. */
import type { DraftRow, RecordDraft } from '../catalogue/draft.ts';
import { allowanceHistoryRows, incomeAssetsRow, salaryHistoryRows } from './economy-rows.ts';
import { familyOwnRows, familySpouseRows, personalHistoryRow } from './family-rows.ts';
import { disciplineRows, evaluationRows, rewardRows, workHistoryRows } from './history-rows.ts';
import type { Life } from './life.ts';
import { familyName } from './names.ts';
import {
  associationRow,
  contactRow,
  healthRow,
  idPaperRow,
  identityRow,
  insuranceRow,
  militaryRow,
  originRow,
  partyRow,
} from './personal-rows.ts';
import {
  educationRow,
  employmentRow,
  levelsOf,
  planningRow,
  positionRow,
  recruitmentRow,
  salaryRow,
} from './post-rows.ts';
import { chance } from './random.ts';
import {
  defenceTrainingRows,
  itTrainingRows,
  languageTrainingRows,
  politicalTrainingRows,
  stateManagementRows,
  trainingRows,
} from './training-rows.ts';

/** Share of people whose record already holds the section; the others have yet to declare it. */
const declared = {
  id_paper: 0.9,
  contact: 0.95,
  health: 0.6,
  personal_history: 0.8,
  family: 0.75,
  income_assets: 0.45,
} as const;

export function personDraft(life: Life): RecordDraft {
  const { random } = life;
  const levels = levelsOf(life);
  const family = chance(random, declared.family);
  const spouseFamily = familyName(random, {
    ethnicGroup: life.ethnicGroup,
    oldProvince: life.birthProvince.code,
  });
  const written: Readonly<Record<string, readonly (DraftRow | undefined)[]>> = {
    identity: [identityRow(life)],
    employment: [employmentRow(life)],
    id_paper: chance(random, declared.id_paper) ? [idPaperRow(life)] : [],
    contact: chance(random, declared.contact) ? [contactRow(life)] : [],
    insurance: [insuranceRow(life)],
    origin: [originRow(life)],
    recruitment: [recruitmentRow(life)],
    party: [partyRow(life)],
    association: [associationRow(life)],
    military: [militaryRow(life)],
    education: [educationRow(life, levels)],
    position: [positionRow(life)],
    planning: [planningRow(life)],
    salary: [salaryRow(life)],
    health: chance(random, declared.health) ? [healthRow(life)] : [],
    training: trainingRows(life),
    political_training: politicalTrainingRows(life, levels),
    state_management_training: stateManagementRows(life, levels),
    defence_training: defenceTrainingRows(life),
    it_training: itTrainingRows(life),
    language_training: languageTrainingRows(life),
    work_history: workHistoryRows(life),
    personal_history: chance(random, declared.personal_history) ? [personalHistoryRow(life)] : [],
    reward: rewardRows(life),
    discipline: disciplineRows(life),
    family_own: family ? familyOwnRows(life, spouseFamily) : [],
    family_spouse: family ? familySpouseRows(life, spouseFamily) : [],
    salary_history: salaryHistoryRows(life),
    allowance_history: allowanceHistoryRows(life),
    income_assets: chance(random, declared.income_assets) ? [incomeAssetsRow(life)] : [],
    evaluation: evaluationRows(life),
  };
  const sections: Record<string, readonly DraftRow[]> = {};
  for (const [name, rows] of Object.entries(written)) {
    const filled = rows.filter((row) => row !== undefined);
    if (filled.length > 0) sections[name] = filled;
  }
  const trained = { defence_security: sections['defence_training'] === undefined ? '0' : '1' };
  const education = (sections['education'] ?? []).map((row) => ({ ...row, ...trained }));
  // pay ends with the service
  const ended = sections['employment']?.[0]?.['status_date'];
  const until = ended === undefined ? {} : { step_until: ended };
  const salary = (sections['salary'] ?? []).map((row) => ({ ...row, ...until }));
  return { kind: 'person', sections: { ...sections, education, salary } };
}
