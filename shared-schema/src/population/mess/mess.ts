/**
 * What a kind of mess is: a named way in which personnel data comes in wrong or oddly written, and the
 * truth beside it, the findings that whoever reads it must come to. A kind spoils a record (whatever
 * brings it: packet, API, workbook), the cells in which it is written, or the rows of the list.
 */
import type { RecordDraft } from '../../catalogue/draft.ts';
import type { FindingCode } from '../../rules/rules.ts';
import type { Random } from '../random.ts';
import type { WrittenPerson } from './written-person.ts';

/** A finding that the mess must give, and where. */
export type Planted = {
  readonly code: FindingCode;
  /** `section.field` */
  readonly at: string;
  /** Row of a list section, from 1. */
  readonly ordinal?: number;
  /** The list that the value does not agree with: only who has both can tell. */
  readonly against?: string;
};

export type MessFacts = {
  readonly random: Random;
  readonly agency: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
  /** Code of a unit of the tree that was closed; none in a small tree. */
  readonly closedUnit: string | undefined;
  /** Codes of open units. */
  readonly openUnits: readonly string[];
  /** The last person who came unspoilt. */
  readonly previous: RecordDraft | undefined;
};

export type SpoiltRecord = { readonly draft: RecordDraft; readonly planted: readonly Planted[] };

/** Undefined where the person has nothing that could be spoilt so: the mess waits for another. */
export type RecordMess = {
  readonly on: 'record';
  readonly spoil: (draft: RecordDraft, facts: MessFacts) => SpoiltRecord | undefined;
};

export type SpoiltCells = { readonly written: WrittenPerson; readonly planted: readonly Planted[] };

export type CellMess = {
  readonly on: 'cell';
  readonly spoil: (
    written: WrittenPerson,
    facts: MessFacts & { readonly draft: RecordDraft },
  ) => SpoiltCells | undefined;
};

/** Gives the row that comes after the person's own. */
export type RowMess = {
  readonly on: 'row';
  readonly spoil: (draft: RecordDraft, facts: MessFacts) => SpoiltRecord | undefined;
};

export type Mess = RecordMess | CellMess | RowMess;
