/**
 * The guide as it lies in hl7v2/guide/ (tools/import-v2-guide.mjs writes it): what NIST's conformance profiles say of each
 * message of CDC's IG 1.5, as rows.
 */

/** R must be there, RE and O may be, X must not; C is decided by a condition. B and W are withdrawn: as X and O. */
export type Usage = 'R' | 'RE' | 'O' | 'C' | 'X' | 'B' | 'W' | 'CE';

/** FIELD.COMPONENT.SUBCOMPONENT; in the rules of a type COMPONENT.SUBCOMPONENT, of a group or message SEGMENT-FIELD.… */
export type RulePath = string;

/** What a rule asks: an operator, and what it is said of. */
export type AssertionRow =
  | readonly ['and' | 'or' | 'not' | 'if', ...AssertionRow[]]
  | readonly ['valued' | 'counted' | 'counted-in-message-or-group', RulePath]
  | readonly ['is' | 'same' | 'format' | 'table', RulePath, string]
  | readonly ['in', RulePath, readonly string[]]
  | readonly ['above', RulePath, number]
  | readonly ['vis-documented'];

/** Target, usage where the assertion holds, usage where it does not. */
export type ConditionRow = readonly [RulePath, Usage, Usage, AssertionRow];
/** The guide's id of it (IZ-23), target, assertion. */
export type StatementRow = readonly [string, RulePath, AssertionRow];

/** Name, usage, least and most repetitions, type, least and greatest length, table, which component holds its code. */
export type FieldRow = readonly [
  name: string,
  usage: Usage,
  min: number,
  max: number | null,
  type: string,
  minLength: number,
  maxLength: number | null,
  table?: string,
  place?: number | readonly number[],
];
export type ComponentRow = readonly [
  name: string,
  usage: Usage,
  type: string,
  minLength: number,
  maxLength: number | null,
  table?: string,
  place?: number | readonly number[],
];

type Rules = { readonly conditions?: readonly ConditionRow[]; readonly statements?: readonly StatementRow[] };

export type StructureNode =
  | { readonly segment: string; readonly usage: Usage; readonly min: number; readonly max: number | null }
  | ({
      readonly group: string;
      readonly usage: Usage;
      readonly min: number;
      readonly max: number | null;
      readonly of: readonly StructureNode[];
    } & Rules);

export type SegmentDocument = Rules & {
  readonly title: string;
  readonly fields: readonly FieldRow[];
  /** A field whose type is said by others: [value, second value, type]. */
  readonly varies?: {
    readonly field: number;
    readonly by: readonly RulePath[];
    readonly cases: readonly (readonly [string, string | null, string])[];
  };
};

export type TypeDocument = Rules & { readonly name: string; readonly components: readonly ComponentRow[] };

export type ProfileDocument = {
  readonly id: string;
  readonly type: readonly string[];
  readonly structure: readonly StructureNode[];
  readonly statements?: readonly StatementRow[];
  readonly segments: Readonly<Record<string, SegmentDocument>>;
  readonly types: Readonly<Record<string, TypeDocument>>;
};

/** Codes by the name of their code system. `unchecked`: its codes say little; `open`: others may stand beside them. */
export type TableDocument = {
  readonly open?: true;
  readonly unchecked?: true;
  readonly codes: Readonly<Record<string, readonly string[]>>;
};

export type TablesDocument = Readonly<Record<string, TableDocument>>;

export type GuideDocument = {
  readonly profiles: readonly ProfileDocument[];
  readonly tables: TablesDocument;
};
