/** What the intake makes of a row: its values, what is to be said about it, and the cells as written. */
import type { DraftRow, RecordDraft } from '@lienthong/shared-schema/catalogue/draft.ts';
import { type Finding, severityOf } from '@lienthong/shared-schema/rules/findings.ts';

export type Verdict = 'ok' | 'warning' | 'error';

type ItemBase = {
  readonly sheet: string;
  readonly row: number;
  /** The office's own running number. */
  readonly stt: number | null;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Heading → the cell as written, of every cell that is not empty: nothing of a row is lost. */
  readonly source: Readonly<Record<string, string>>;
  /** What kind of cell each column had, a letter each. */
  readonly cellKinds: string;
};

export type UnitItem = ItemBase & {
  readonly kind: 'unit';
  readonly code: string | null;
  readonly draft: RecordDraft;
};

export type PersonItem = ItemBase & {
  readonly kind: 'person';
  /** Null when the row has none that is good. */
  readonly pin: string | null;
  readonly draft: RecordDraft;
};

/** One row of a list section. It never changes the verdict of its person. */
export type ListItem = ItemBase & {
  readonly kind: 'list-row';
  readonly section: string;
  readonly pin: string | null;
  readonly values: DraftRow;
};

/** A title in the middle, a total, a signature: a row that is no record. */
export type IgnoredItem = {
  readonly kind: 'ignored';
  readonly sheet: string;
  readonly row: number;
};

export type IntakeItem = UnitItem | PersonItem | ListItem | IgnoredItem;

export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some((finding) => severityOf(finding.code) === 'error')) return 'error';
  return findings.length > 0 ? 'warning' : 'ok';
}
