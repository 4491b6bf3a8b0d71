/**
 * The six words by which the data of a unit is measured, each as one share: of what is counted, how much
 * is as it ought to be. The page `docs/quality.md` is made from this table.
 */
export type QualityMeasure = {
  readonly vi: string;
  readonly en: string;
  /** What is counted, and what of it is good. */
  readonly of: string;
  readonly good: string;
  /** Which tables say so at the node, and what the hub sees of it in its own. */
  readonly atNode: string;
  readonly atHub: string;
};

export const qualityMeasures = {
  correct: {
    vi: 'Đúng',
    en: 'Correct',
    of: 'people who were compared with a reference source, as their record is now',
    good: 'those who differ from none of the sources',
    atNode: '`reference.comparison`, `reference.correction`: as the hub told',
    atHub: '`reference.comparison`, `reference.correction`',
  },
  sufficient: {
    vi: 'Đủ',
    en: 'Sufficient',
    of: 'people',
    good: 'those with every field and list that their object class needs ([rules](rules.md#what-a-class-of-record-needs))',
    atNode: '`profile`',
    atHub: '`national`; a section that a policy narrows looks empty',
  },
  clean: {
    vi: 'Sạch',
    en: 'Clean',
    of: 'people',
    good: 'those whose personal number, and whose name with full date of birth, nobody else of the unit has, and whose codes were in force at the date of their event, in sections that travel in plain text',
    atNode: '`profile`',
    atHub: '`national`; two with one personal number are never both there',
  },
  live: {
    vi: 'Sống',
    en: 'Live',
    of: 'changes of the last 365 days, by the day of their event, that have arrived or are overdue',
    good: 'those that arrived by their due day',
    atNode: '`sync.change`, and what waits to be sealed',
    atHub: '`sync.change`; what was never sent is not known',
  },
  unified: {
    vi: 'Thống nhất',
    en: 'Unified',
    of: 'people whose digests were made for the last verification',
    good: "those whose digest in the unit's tables and in the mirror is the same",
    atNode: '`sync.own_digest`, `sync.mirror_digest`',
    atHub: 'not by record: the last verification that it confirmed is beside it in `nodes`',
  },
  shared: {
    vi: 'Dùng chung',
    en: 'Shared',
    of: 'people',
    good: 'those whom the unit has back from the hub in their current version',
    atNode: '`national.record` at the version of `sync.record`, nothing in `sync.change_log`',
    atHub: '`sync.feed_entry` up to the position that the unit has acknowledged',
  },
} as const satisfies Readonly<Record<string, QualityMeasure>>;

export type QualityMeasureName = keyof typeof qualityMeasures;

const isMeasure = (name: string): name is QualityMeasureName => name in qualityMeasures;

export const qualityMeasureNames = Object.keys(qualityMeasures).filter(isMeasure);

/** Under this measure the figures of a unit stand in its report of totals; keys `NAME.good`, `NAME.of`. */
export const qualityFigure = 'quality';
