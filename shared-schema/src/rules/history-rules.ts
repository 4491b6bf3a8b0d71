/** Rules on periods, on what the years say, and on the levels that training leads to. */
import { sections } from '../catalogue/catalogue.ts';
import type { DraftRow } from '../catalogue/draft.ts';
import type { CodeBook } from '../code-lists/code-book.ts';
import { isBefore } from '../text/partial-date.ts';
import type { RecordRule, Spot } from './rule.ts';
import { sources } from './sources.ts';

const periodSections = sections
  .filter((section) => section.kind === 'person')
  .filter((section) =>
    ['from_date', 'to_date'].every((name) => section.fields.some((field) => field.name === name)),
  )
  .map((section) => section.name);

const periodPaths = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [`${name}.from_date`, `${name}.to_date`]);

/** One thing at a time: one post, one salary. Training and allowances may well run side by side. */
const successive = ['work_history', 'salary_history'] as const;

const noEnd = '9999';

/**
 * Rows that begin before an earlier one has ended. Periods that touch at a day, or at a month or year
 * where that is all one knows, do not overlap.
 */
function overlaps(section: string, rows: readonly DraftRow[]): readonly Spot[] {
  const dated = rows
    .map((row, i) => ({ from: row['from_date'], to: row['to_date'] ?? noEnd, ordinal: i + 1 }))
    .filter((row): row is typeof row & { from: string } => row.from !== undefined)
    .toSorted((a, b) => (a.from === b.from ? a.ordinal - b.ordinal : a.from < b.from ? -1 : 1));
  const spots: Spot[] = [];
  let longest = dated[0];
  for (const row of dated.slice(1)) {
    if (longest !== undefined && isBefore(row.from, longest.to)) {
      // told at the row that stands below the other
      const [above = 0, below = 0] = [longest.ordinal, row.ordinal].toSorted((a, b) => a - b);
      spots.push({ section, ordinal: below, field: 'from_date', limit: String(above) });
    }
    if (longest === undefined || longest.to < row.to) longest = row;
  }
  return spots;
}

/** Rows whose year an earlier row has already. */
function repeatedYears(section: string, rows: readonly DraftRow[]): readonly Spot[] {
  const seen = new Set<string>();
  return rows.flatMap((row, i): readonly Spot[] => {
    const year = row['year'];
    if (year === undefined) return [];
    const isRepeated = seen.has(year);
    seen.add(year);
    return isRepeated ? [{ section, ordinal: i + 1, field: 'year' }] : [];
  });
}

/** The highest level of these rows of training; undefined where none has one of the list. */
export function highestLevel(codes: CodeBook, training: readonly DraftRow[]): string | undefined {
  // the list is in rising order
  const order = codes.entries('TRINH_DO_DAO_TAO').map((entry) => entry.code);
  const reached = training.map(({ level = '' }) => order.indexOf(level));
  return order[Math.max(-1, ...reached)];
}

const cadre = '1';
const removalByVote = '7';
const dismissal = '6';
const decree172 = '2025-07-01';

const father = '1';
const mother = '2';
const child = '5';

const worked = (...rows: readonly DraftRow[]): RecordRule['accepted'] => ({
  sections: { work_history: rows },
});

export const historyRules = {
  period_backwards: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label}: thời gian kết thúc trước thời gian bắt đầu: kiểm tra lại.',
    en: '{label}: the period ends before it begins: please check.',
    looksAt: periodPaths(periodSections),
    check: (record) =>
      periodSections.flatMap((section) =>
        record
          .rows(section)
          .flatMap(({ from_date: from, to_date: to }, i): readonly Spot[] =>
            from !== undefined && to !== undefined && isBefore(to, from)
              ? [{ section, ordinal: i + 1, field: 'to_date' }]
              : [],
          ),
      ),
    accepted: worked({ from_date: '2015-03', to_date: '2015' }),
    refused: worked({ from_date: '2015-03', to_date: '2015-02-28' }),
  },
  period_overlap: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label}: trùng thời gian với dòng thứ {limit} của cùng quá trình: ghi ngày kết thúc của giai đoạn trước hoặc sửa ngày bắt đầu.',
    en: '{label}: the period overlaps with row {limit} of the same history: give the earlier period its end, or correct the beginning.',
    looksAt: periodPaths(successive),
    check: (record) => successive.flatMap((section) => overlaps(section, record.rows(section))),
    accepted: worked(
      { from_date: '2015-03', to_date: '2018-06-30' },
      { from_date: '2018-06', to_date: '2020' },
      { from_date: '2020-01-01' },
    ),
    refused: worked({ from_date: '2015-03' }, { from_date: '2018-06' }),
  },
  evaluation_repeated: {
    on: 'record',
    kind: 'person',
    ...sources.evaluation,
    severity: 'warning',
    vi: '{label} trùng với một dòng đánh giá khác: giữ một dòng cho mỗi năm.',
    en: '{label} is that of another evaluation too: keep one row a year.',
    looksAt: ['evaluation.year'],
    check: (record) => repeatedYears('evaluation', record.rows('evaluation')),
    accepted: { sections: { evaluation: [{ year: '2024' }, { year: '2025' }] } },
    refused: { sections: { evaluation: [{ year: '2025' }, { year: '2025' }] } },
  },
  evaluation_before_recruitment: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label} trước năm tuyển dụng lần đầu: kiểm tra lại.',
    en: '{label} lies before the first recruitment: please check.',
    looksAt: ['evaluation.year', 'recruitment.first_recruited_on'],
    check: (record) => {
      const recruited = record.value('recruitment', 'first_recruited_on');
      if (recruited === undefined) return [];
      return record
        .rows('evaluation')
        .flatMap(({ year }, i): readonly Spot[] =>
          year !== undefined && isBefore(year, recruited)
            ? [{ section: 'evaluation', ordinal: i + 1, field: 'year' }]
            : [],
        );
    },
    accepted: {
      sections: {
        evaluation: [{ year: '2015' }],
        recruitment: [{ first_recruited_on: '2015-11-01' }],
      },
    },
    refused: {
      sections: {
        evaluation: [{ year: '2014' }],
        recruitment: [{ first_recruited_on: '2015-11-01' }],
      },
    },
  },
  discipline_form_of_class: {
    on: 'record',
    kind: 'person',
    ...sources.discipline,
    severity: 'warning',
    vi: '{label} «{value}» không áp dụng cho loại hồ sơ này (bãi nhiệm: cán bộ; buộc thôi việc: công chức, viên chức): kiểm tra lại.',
    en: '{label} "{value}" is not for this class of record (removal by vote: cadres; dismissal: civil servants and public employees): please check.',
    looksAt: ['discipline.form', 'discipline.from_date', 'employment.object_class'],
    check: (record) => {
      const objectClass = record.value('employment', 'object_class');
      if (objectClass === undefined) return [];
      const foreign = objectClass === cadre ? dismissal : removalByVote;
      return record
        .rows('discipline')
        .flatMap(({ form, from_date: from }, i): readonly Spot[] =>
          form === foreign && from !== undefined && !isBefore(from, decree172)
            ? [{ section: 'discipline', ordinal: i + 1, field: 'form', value: form }]
            : [],
        );
    },
    accepted: {
      sections: {
        employment: [{ object_class: '1' }],
        discipline: [{ from_date: '2025-09-01', form: '7' }],
      },
    },
    refused: {
      sections: {
        employment: [{ object_class: '2' }],
        discipline: [{ from_date: '2025-09-01', form: '7' }],
      },
    },
  },
  highest_level_not_in_training: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label} khác với trình độ cao nhất của các dòng đào tạo: sửa một trong hai.',
    en: '{label} differs from the highest level of the rows of training: correct one of them.',
    looksAt: ['education.highest_level', 'training.level'],
    check: (record, { codes }) => {
      const highest = record.value('education', 'highest_level');
      const reached = highestLevel(codes, record.rows('training'));
      return highest === undefined || reached === undefined || reached === highest
        ? []
        : [{ section: 'education', field: 'highest_level' }];
    },
    accepted: {
      sections: { education: [{ highest_level: '5' }], training: [{ level: '4' }, { level: '5' }] },
    },
    refused: { sections: { education: [{ highest_level: '6' }], training: [{ level: '4' }] } },
  },
  family_birth_year: {
    on: 'record',
    kind: 'person',
    ...sources.review,
    severity: 'warning',
    vi: '{label} của cha, mẹ phải trước và của con phải sau năm sinh của bản thân: kiểm tra lại.',
    en: '{label}: parents are born before, and children after, the person: please check.',
    looksAt: ['family_own.relationship', 'family_own.birth_year', 'identity.birth_date'],
    check: (record) => {
      const born = record.value('identity', 'birth_date')?.slice(0, 4);
      if (born === undefined) return [];
      return record.rows('family_own').flatMap((row, i): readonly Spot[] => {
        const { relationship, birth_year: year } = row;
        if (year === undefined) return [];
        const isParent = relationship === father || relationship === mother;
        const isFault =
          (isParent && Number(year) >= Number(born)) ||
          (relationship === child && Number(year) <= Number(born));
        return isFault ? [{ section: 'family_own', ordinal: i + 1, field: 'birth_year' }] : [];
      });
    },
    accepted: {
      sections: {
        identity: [{ birth_date: '1985-06-01' }],
        family_own: [
          { relationship: '1', birth_year: '1955' },
          { relationship: '5', birth_year: '2012' },
        ],
      },
    },
    refused: {
      sections: {
        identity: [{ birth_date: '1985-06-01' }],
        family_own: [{ relationship: '1', birth_year: '1985' }],
      },
    },
  },
} as const satisfies Readonly<Record<string, RecordRule>>;
