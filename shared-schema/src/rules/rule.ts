/**
 * What a rule is: one code, one sentence in Vietnamese and one in English that tell a clerk what to
 * do, where the rule comes from, what it looks at, and the function that checks it, together. Each
 * carries an example that it accepts and one that it finds fault with; a test runs them all.
 *
 * A sentence names a field, never a person: `{label}` is the field, `{value}` is filled for codes and
 * unit codes only, `{limit}` is what the rule holds the value against.
 */
import type { DraftRow, RecordDraft } from '../catalogue/draft.ts';
import type { Field, FieldType, RecordKind } from '../catalogue/types.ts';
import type { CodeBook } from '../code-lists/code-book.ts';

/** An error keeps a record from being published or applied; a warning goes along with it. */
export type Severity = 'error' | 'warning';

export type Source = {
  /** The law, or what stands in for it. */
  readonly source: string;
  /** False where the content comes from practice or memory and awaits the legal text. */
  readonly verified: boolean;
};

type Common = Source & {
  readonly severity: Severity;
  readonly vi: string;
  readonly en: string;
};

/** How codes are checked: by which lists, and as of which (partial) date. */
export type CodeContext = {
  readonly codes: CodeBook;
  /** Null, and what is no date (its own fault tells), mean any time. */
  readonly event: string | null;
};

/** A fault of a value, with what it was held against. */
export type ValueFault = { readonly limit?: string };

export type ValueExample = {
  /** `section.field` */
  readonly field: string;
  /** Canonical text; null where there is none. */
  readonly value: string | null;
  readonly event?: string;
};

/** On one value alone, by the type of its field. The hub runs the same in SQL. */
export type ValueRule = Common & {
  readonly on: 'value';
  readonly types: readonly FieldType['kind'][];
  readonly check: (field: Field, value: string, context: CodeContext) => ValueFault | undefined;
  readonly accepted: ValueExample;
  readonly refused: ValueExample;
};

/** Code of each unit of the agency → the day on which it was closed, or null. */
export type UnitTree = ReadonlyMap<string, string | null>;

export type RuleContext = {
  /** `YYYY-MM-DD` */
  readonly today: string;
  readonly codes: CodeBook;
  /** Level-1 code of the agency whose records these are; null where nobody said. */
  readonly agency: string | null;
  /** Undefined when no tree is known: then units are not looked up. */
  readonly units: UnitTree | undefined;
};

/** The sections of one record as a rule sees them: values in canonical text, none of them empty. */
export type RecordView = {
  readonly kind: RecordKind;
  /** A value of a section that has one row. */
  readonly value: (section: string, field: string) => string | undefined;
  /** The rows of a section, also of one that has one row; none when the record lacks it. */
  readonly rows: (section: string) => readonly DraftRow[];
  /** Whether somebody speaks of the field: only then may it be called missing. */
  readonly asks: (section: string, field: string) => boolean;
};

/** Where in a record a rule found fault. */
export type Spot = {
  readonly section: string;
  /** Row of a list section, from 1. */
  readonly ordinal?: number;
  /** Null where the section as a whole is meant. */
  readonly field: string | null;
  readonly value?: string;
  readonly limit?: string;
};

export type RecordExample = Pick<RecordDraft, 'sections'>;

/** On the values of one record together. */
export type RecordRule = Common & {
  readonly on: 'record';
  readonly kind: RecordKind;
  /** `section.field` of every value that decides. A rule runs where a change touches one of its sections. */
  readonly looksAt: readonly string[];
  readonly check: (record: RecordView, context: RuleContext) => readonly Spot[];
  /** Whether the hub refuses the same, by SQL. */
  readonly alsoAtHub?: true;
  readonly accepted: RecordExample;
  readonly refused: RecordExample;
};

/** As a cell of a workbook holds it: text, a number, or an error of the spreadsheet. */
export type CellExample = {
  readonly field: string;
  readonly written: string | number | { readonly error: string };
};

/** On a cell as it is read, before it is a value: `node/src/intake` checks it. */
export type CellRule = Common & {
  readonly on: 'cell';
  readonly looksAt: readonly string[];
  readonly accepted: CellExample;
  readonly refused: CellExample;
};

/** Sheets by name: rows of cells, the header first. */
export type FileExample = Readonly<Record<string, readonly (readonly string[])[]>>;

/** On a row against the other rows of its file and what the node has: `node/src/intake` checks it. */
export type FileRule = Common & {
  readonly on: 'file';
  readonly looksAt: readonly string[];
  readonly alsoAtHub?: true;
  readonly accepted: FileExample;
  readonly refused: FileExample;
};

/**
 * On a record against what the hub holds: `hub/src/db/judge-staged.ts` checks it. The examples say
 * what the hub has and what comes; `hub/src/sync/hub-rules.pg.test.ts` sets them up.
 */
export type HubRule = Common & {
  readonly on: 'hub';
  readonly looksAt: readonly string[];
  /** Whether the node refuses the same of its own records, when it publishes. */
  readonly alsoAtNode?: true;
  readonly accepted: string;
  readonly refused: string;
};

/** On a record against what the node holds of it when it is published: `node/src/db/publish-guard.ts`. */
export type NodeRule = Common & {
  readonly on: 'node';
  readonly looksAt: readonly string[];
  readonly accepted: string;
  readonly refused: string;
};

export type Rule = ValueRule | RecordRule | CellRule | FileRule | HubRule | NodeRule;
