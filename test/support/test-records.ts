/**
 * Synthetic records as a unit would send them, and the blocks they make: manifest and rows in COPY
 * text, columns by tag, as `sync.proto` says. No person in here exists.
 */
import {
  catalogueVersion,
  nationalSections,
  sectionNamed,
} from '@lienthong/shared-schema/catalogue/catalogue.ts';
import type { DraftRow } from '@lienthong/shared-schema/catalogue/draft.ts';
import { copyLine } from '@lienthong/shared-schema/sql/copy-text.ts';
import { wireColumns } from '@lienthong/shared-schema/wire/blocks.ts';
import type { Block } from '@lienthong/shared-schema/wire/messages.ts';

export type TestRecord = {
  readonly id: string;
  /** 1 a unit of the tree, 2 (the default) a person. */
  readonly kind?: 1 | 2;
  readonly version?: number;
  readonly op?: 'U' | 'D';
  /** A whole record; where false, only the sections named in `rows` change. Default true. */
  readonly whole?: boolean;
  /** Rows by name of section; an empty list empties the section. */
  readonly rows?: Readonly<Record<string, readonly DraftRow[]>>;
};

/** The nth record identifier of a test: `recordId(1)` sorts before `recordId(2)`. */
export const recordId = (n: number): string =>
  `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** The PIN of the nth person of a test. */
export const pinOf = (n: number): string => `001080${String(n).padStart(6, '0')}`;

/** A unit of the tree, whole. */
export function orgUnit(
  n: number,
  code: string,
  options: { readonly parent?: string; readonly version?: number; readonly name?: string } = {},
): TestRecord {
  const { parent, version = 1, name = `Unit ${code}` } = options;
  return {
    id: recordId(n),
    kind: 1,
    version,
    rows: { org_unit: [{ code, name, ...(parent === undefined ? {} : { parent_code: parent }) }] },
  };
}

/** A person, whole, in the unit `H52.01` unless told otherwise; `fields` go to the identity. */
export function person(
  n: number,
  pin: string,
  options: {
    readonly version?: number;
    readonly unit?: string;
    readonly status?: string;
    readonly fields?: DraftRow;
    readonly more?: Readonly<Record<string, readonly DraftRow[]>>;
  } = {},
): TestRecord {
  const { version = 1, unit = 'H52.01', status = '1', fields = {}, more = {} } = options;
  return {
    id: recordId(n),
    kind: 2,
    version,
    rows: {
      identity: [
        {
          pin,
          full_name: `Người Thử ${n}`,
          birth_date: '1980-05',
          sex: '1',
          ethnic_group: '01',
          ...fields,
        },
      ],
      employment: [{ object_class: '2', employing_unit: unit, managing_unit: unit, status }],
      ...more,
    },
  };
}

/** A change of the given sections only. */
export function change(n: number, version: number, rows: TestRecord['rows'] = {}): TestRecord {
  return { id: recordId(n), kind: 'org_unit' in rows ? 1 : 2, version, whole: false, rows };
}

export function gone(n: number, version: number, kind: 1 | 2 = 2): TestRecord {
  return { id: recordId(n), kind, version, op: 'D', whole: false };
}

/** The blocks of a batch: the manifest first, then each section that has rows. */
export function blocksOf(records: readonly TestRecord[]): readonly Block[] {
  const manifest = records.map((record) => {
    const tags = Object.keys(record.rows ?? {}).map((name) => sectionNamed(name).tag);
    const { id, kind = 2, version = 1, op = 'U', whole = true } = record;
    const sections = `{${tags.join(',')}}`;
    return copyLine([id, String(kind), String(version), op, whole ? 't' : 'f', sections]);
  });
  const sections = nationalSections.flatMap((section) => {
    const columns = wireColumns(section);
    const lines = records.flatMap((record) =>
      (record.rows?.[section.name] ?? []).map((row, i) =>
        copyLine(
          columns.map(({ name }) => {
            if (name === 'record_id') return record.id;
            return name === 'ordinal' ? String(i + 1) : (row[name] ?? null);
          }),
        ),
      ),
    );
    return lines.length === 0 ? [] : [block(section.tag, tagsOf(columns), lines)];
  });
  return [block(0, [1, 2, 3, 4, 5, 6], manifest), ...sections];
}

const tagsOf = (columns: readonly { readonly tag: number }[]): readonly number[] =>
  columns.map((column) => column.tag);

/** A block from its lines of COPY text, each with its newline. */
export function block(
  section: number,
  columns: readonly number[],
  lines: readonly string[],
): Block {
  return {
    section,
    catalogueVersion,
    columns,
    rowCount: lines.length,
    rows: Buffer.from(lines.join('')),
  };
}
