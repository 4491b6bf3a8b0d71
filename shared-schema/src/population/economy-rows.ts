/** Group G of the record: salary and allowance history, income and assets. */
import type { DraftRow } from '../catalogue/draft.ts';
import { addDays } from '../text/hanoi-day.ts';
import { later } from './dates.ts';
import type { Life } from './life.ts';
import { leadershipAllowance } from './post-rows.ts';
import { chance, integerIn, oneOf } from './random.ts';
import { hundredths, rowOf } from './rows.ts';

export function salaryHistoryRows(life: Life): readonly DraftRow[] {
  return life.career.stages.map((stage) =>
    rowOf({
      from_date: stage.from,
      to_date: stage.until === undefined ? undefined : addDays(stage.until, -1),
      rank_code: stage.rank,
      step: String(stage.step),
      coefficient: stage.coefficient,
      percent_paid: stage.percent,
    }),
  );
}

/** The public-duty allowance began on 1 May 2012 (Decree 34/2012/NĐ-CP). */
const publicDutySince = '2012-05-01';

/** Codes of LOAI_PHU_CAP: 1 leadership, 5 regional, 6 professional, 7 responsibility, 8 public duty. */
export function allowanceHistoryRows(life: Life): readonly DraftRow[] {
  const { random, unit, recruitedOn, appointedOn, track, objectClass } = life;
  const rows: DraftRow[] = [];
  if (appointedOn !== undefined) {
    rows.push(
      rowOf({
        from_date: appointedOn,
        allowance_kind: '1',
        coefficient: hundredths(leadershipAllowance(life)),
        payment_form: '1',
      }),
    );
  }
  if (track.job === 'Giáo viên' || track.job === 'Bác sĩ' || track.job === 'Điều dưỡng') {
    rows.push(...professionalRows(life));
  }
  if (unit.type !== '3' && objectClass !== '4') {
    rows.push(
      rowOf({
        from_date: later(recruitedOn, publicDutySince),
        allowance_kind: '8',
        percent: '25.00',
        payment_form: '2',
      }),
    );
  }
  if (highland.has(life.homeProvince)) {
    rows.push(
      rowOf({
        from_date: recruitedOn,
        allowance_kind: '5',
        coefficient: oneOf(random, ['0.20', '0.30', '0.50', '0.70']),
        payment_form: '1',
      }),
    );
  }
  if (track.job === 'Kế toán' && chance(random, 0.3)) {
    rows.push(
      rowOf({
        from_date: recruitedOn,
        allowance_kind: '7',
        amount: String(integerIn(random, { min: 2, max: 8 }) * 100_000),
        payment_form: '3',
      }),
    );
  }
  return rows;
}

/** The percentage changes with the school or hospital. */
function professionalRows({ random, recruitedOn, joinedOn }: Life): readonly DraftRow[] {
  const row = (from: string, until?: string): DraftRow =>
    rowOf({
      from_date: from,
      to_date: until,
      allowance_kind: '6',
      percent: oneOf(random, ['30.00', '35.00', '40.00', '50.00']),
      payment_form: '2',
    });
  return joinedOn > recruitedOn
    ? [row(recruitedOn, addDays(joinedOn, -1)), row(joinedOn)]
    : [row(recruitedOn)];
}

/** Provinces since the merger, where the regional allowance is usual. */
const highland = new Set(['04', '08', '11', '12', '14', '15', '20', '51', '52', '66', '68']);

/** Base pay of a month for coefficient 1.00, in VND (Decree 73/2024/NĐ-CP). */
const basePay = 2_340_000;

export function incomeAssetsRow(life: Life): DraftRow {
  const { random, career } = life;
  const salary = Number(career.current.coefficient) * basePay * 12;
  const other = integerIn(random, { min: 0, max: 60 }) * 1_000_000;
  return rowOf({
    yearly_income: String(Math.round(salary * 1.15 + other)),
    property: `Nhà ở ${integerIn(random, { min: 40, max: 160 })} m², đất ở ${integerIn(random, { min: 60, max: 300 })} m²`,
  });
}
