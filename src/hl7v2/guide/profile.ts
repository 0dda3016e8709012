import { type Assertion, compileAssertion, type ScopePath } from './assertion.ts';
import type {
  ComponentRow,
  FieldRow,
  GuideDocument,
  ProfileDocument,
  SegmentDocument,
  StructureNode,
  Usage,
} from './guide-document.ts';
import type { KnownCode } from './known-code.ts';
import { compileTables, type Tables } from './tables.ts';

/** Where the target of a rule stands: components below a field, or in the rules of a group the segment too. */
export type Target = { readonly segment: string | undefined; readonly places: readonly number[] };

export type Condition = {
  readonly target: Target;
  readonly holds: Assertion;
  readonly then: Usage;
  readonly else: Usage;
};
export type Statement = { readonly id: string; readonly target: Target; readonly holds: Assertion };

/** A field or a component: what may stand there. */
export type Element = {
  readonly name: string;
  readonly usage: Usage;
  readonly max: number;
  readonly type: string;
  readonly minLength: number;
  readonly maxLength: number;
  readonly table: string | undefined;
  /** Which components may hold the code of the table; none: the element itself. */
  readonly codeAt: readonly number[];
  readonly condition: Condition | undefined;
};

export type TypeDefinition = {
  readonly name: string;
  readonly components: readonly Element[];
  readonly statements: readonly Statement[];
};

/** A field whose type hangs on what stands elsewhere in the segment. */
export type Varies = Omit<NonNullable<SegmentDocument['varies']>, 'by'> & {
  readonly by: readonly ScopePath[];
};

export type SegmentDefinition = {
  readonly name: string;
  readonly title: string;
  readonly fields: readonly Element[];
  readonly statements: readonly Statement[];
  readonly varies?: Varies;
};

export type StructureElement =
  | { readonly kind: 'segment'; readonly name: string; readonly usage: Usage; readonly max: number }
  | {
      readonly kind: 'group';
      readonly name: string;
      readonly usage: Usage;
      readonly max: number;
      readonly of: readonly StructureElement[];
      /** The segments that may stand in it, at any depth. */
      readonly names: ReadonlySet<string>;
      /** Those that open one: what it must have. A stray OBX opens no order. */
      readonly starters: ReadonlySet<string>;
      readonly conditions: readonly Condition[];
      readonly statements: readonly Statement[];
    };

/** A message of the guide: what may stand in it, and what must. */
export type Profile = {
  readonly id: string;
  readonly structure: readonly StructureElement[];
  readonly names: ReadonlySet<string>;
  readonly statements: readonly Statement[];
  readonly segments: ReadonlyMap<string, SegmentDefinition>;
  readonly types: ReadonlyMap<string, TypeDefinition>;
  readonly tables: Tables;
};

/** The profiles of the guide, by their ids (Z22), compiled once. */
export function compileGuide(document: GuideDocument, known: KnownCode): ReadonlyMap<string, Profile> {
  const tables = compileTables(document.tables, known);
  return new Map(document.profiles.map((profile) => [profile.id, compileProfile(profile, tables)]));
}

function compileProfile(document: ProfileDocument, tables: Tables): Profile {
  const structure = document.structure.map(compileNode);
  return {
    id: document.id,
    structure,
    names: new Set(structure.flatMap(namesIn)),
    statements: (document.statements ?? []).map(compileStatement),
    segments: new Map(
      Object.entries(document.segments).map(([name, segment]) => [name, compileSegment(name, segment)]),
    ),
    types: new Map(Object.entries(document.types).map(([id, type]) => [id, compileType(type)])),
    tables,
  };
}

function compileNode(node: StructureNode): StructureElement {
  const max = node.max ?? Number.POSITIVE_INFINITY;
  if ('segment' in node) return { kind: 'segment', name: node.segment, usage: node.usage, max };
  const of = node.of.map(compileNode);
  return {
    kind: 'group',
    name: node.group,
    usage: node.usage,
    max,
    of,
    names: new Set(of.flatMap(namesIn)),
    starters: new Set(of.flatMap((one, at) => (one.usage === 'R' || at === 0 ? startersOf(one) : []))),
    conditions: (node.conditions ?? []).map(compileCondition),
    statements: (node.statements ?? []).map(compileStatement),
  };
}

const namesIn = (element: StructureElement): readonly string[] =>
  element.kind === 'segment' ? [element.name] : [...element.names];

const startersOf = (element: StructureElement): readonly string[] =>
  element.kind === 'segment' ? [element.name] : [...element.starters];

function compileSegment(name: string, document: SegmentDocument): SegmentDefinition {
  const conditions = (document.conditions ?? []).map(compileCondition);
  return {
    name,
    title: document.title,
    fields: document.fields.map((row, at) => fieldElement(row, conditionOf(conditions, at + 1))),
    statements: (document.statements ?? []).map(compileStatement),
    ...(document.varies && { varies: { ...document.varies, by: document.varies.by.map(pathOf) } }),
  };
}

const pathOf = (path: string): ScopePath => ({
  segment: undefined,
  any: false,
  places: path.split('.').map(Number),
});

function compileType(document: ProfileDocument['types'][string]): TypeDefinition {
  const conditions = (document.conditions ?? []).map(compileCondition);
  return {
    name: document.name,
    components: document.components.map((row, at) => componentElement(row, conditionOf(conditions, at + 1))),
    statements: (document.statements ?? []).map(compileStatement),
  };
}

const conditionOf = (conditions: readonly Condition[], place: number): Condition | undefined =>
  conditions.find(({ target }) => target.places.length === 1 && target.places[0] === place);

function fieldElement(row: FieldRow, condition?: Condition): Element {
  const [name, usage, , max, ...rest] = row;
  return elementOf([name, usage, ...rest], max ?? Number.POSITIVE_INFINITY, condition);
}

function componentElement(row: ComponentRow, condition?: Condition): Element {
  return elementOf(row, 1, condition);
}

/** Of one hidden class all of them: each message is held to hundreds. */
function elementOf(row: ComponentRow, max: number, condition: Condition | undefined): Element {
  const [name, usage, type, minLength, maxLength, table, place] = row;
  return {
    name,
    usage,
    max,
    type,
    minLength,
    maxLength: maxLength ?? Number.POSITIVE_INFINITY,
    table,
    codeAt: place === undefined ? [] : [place].flat(),
    condition,
  };
}

function compileCondition([target, then, otherwise, assertion]: NonNullable<
  SegmentDocument['conditions']
>[number]): Condition {
  return { target: parseTarget(target), holds: compileAssertion(assertion), then, else: otherwise };
}

function compileStatement([id, target, assertion]: NonNullable<
  SegmentDocument['statements']
>[number]): Statement {
  return { id, target: parseTarget(target), holds: compileAssertion(assertion) };
}

/** `ORC-3.1`, `3.1`, or `OBX` alone. */
export function parseTarget(path: string): Target {
  const [, segment, places = ''] = /^([A-Z][A-Z\d]{2})?(?:\*?-?)([\d.]*)$/.exec(path) ?? [];
  const numbers = places === '' ? [] : places.split('.').map(Number);
  return { segment, places: numbers };
}
