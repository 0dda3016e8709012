import { ruleFormats } from './formats.ts';
import type { AssertionRow, RulePath } from './guide-document.ts';
import type { Tables } from './tables.ts';

/** A path, once it is read: `OBX*-3.1` is any OBX of a group, component 1 of field 3. */
export type ScopePath = {
  readonly segment: string | undefined;
  readonly any: boolean;
  readonly places: readonly number[];
};

/** What a rule looks at: a composite value, a segment, or a group of segments. */
export type Scope = {
  /** The texts at a path as sent, those that are not empty; of first repetitions. */
  readonly textsAt: (path: ScopePath) => readonly string[];
  /** The sub-ids and codes of the OBX of a group; of nothing else. */
  readonly observations: () => readonly { readonly code: string; readonly subId: string }[];
  readonly tables: Tables;
  /** What parts the components of a text. */
  readonly component: string;
};

export type Assertion = (scope: Scope) => boolean;

export function compileAssertion(row: AssertionRow): Assertion {
  switch (row[0]) {
    case 'and':
    case 'or':
    case 'not':
    case 'if':
      return compileLogic(row);
    case 'vis-documented':
      return ({ observations }) => areVisDocumented(observations());
    case 'counted':
    case 'counted-in-message-or-group':
      // What counts over many segments is judged where all of them are seen (walk-profile.ts).
      return () => true;
    case 'valued': {
      const path = parsePath(row[1]);
      return (scope) => scope.textsAt(path).length > 0;
    }
    default:
      return compileComparison(row);
  }
}

function compileLogic([operator, ...rows]: Extract<
  AssertionRow,
  readonly ['and' | 'or' | 'not' | 'if', ...AssertionRow[]]
>): Assertion {
  const parts = rows.map(compileAssertion);
  switch (operator) {
    case 'and':
      return (scope) => parts.every((holds) => holds(scope));
    case 'or':
      return (scope) => parts.some((holds) => holds(scope));
    case 'not':
      return (scope) => !parts[0]?.(scope);
    case 'if':
      return (scope) => !parts[0]?.(scope) || parts[1]?.(scope) === true;
  }
}

type ComparisonRow = Extract<
  AssertionRow,
  readonly ['is' | 'same' | 'format' | 'table' | 'in' | 'above', ...unknown[]]
>;

/** NIST's engine takes what is said of an empty element as so; the rules say "and is valued" where they mean it. */
function compileComparison(row: ComparisonRow): Assertion {
  const path = parsePath(row[1]);
  if (row[0] === 'same') {
    const other = parsePath(row[2]);
    return (scope) => scope.textsAt(path)[0] === scope.textsAt(other)[0];
  }
  if (row[0] === 'table') return (scope) => isInTable(scope, scope.textsAt(path)[0], row[2]);
  const fits = comparisonOf(row);
  if (path.any) return (scope) => scope.textsAt(path).some(fits);
  return (scope) => {
    const [text] = scope.textsAt(path);
    return text === undefined || fits(text);
  };
}

function comparisonOf(
  row: Exclude<ComparisonRow, readonly ['same' | 'table', ...unknown[]]>,
): (text: string) => boolean {
  switch (row[0]) {
    case 'is':
      return (text) => text === row[2];
    case 'in':
      return (text) => row[2].includes(text);
    case 'above':
      return (text) => Number(text) > row[2];
    case 'format':
      return (text) => ruleFormats[row[2]]?.test(text) ?? true;
    default:
      return () => true;
  }
}

function isInTable({ tables, component }: Scope, text: string | undefined, id: string): boolean {
  if (text === undefined) return true;
  const [code = '', , system = ''] = text.split(component);
  const table = tables.get(id);
  if (table === undefined || table.takesAll) return true;
  const systems = table.systemsOf(code);
  return systems.length > 0 && (system === '' || systems.includes(system));
}

/** IZ-24: for one sub-id a document and the day it was given, or a vaccine type, an edition and the day it was given. */
function areVisDocumented(observations: ReturnType<Scope['observations']>): boolean {
  const bySubId = new Map<string, Set<string>>();
  for (const { code, subId } of observations) {
    bySubId.set(subId, (bySubId.get(subId) ?? new Set()).add(code));
  }
  const has = (codes: Set<string>, ...wanted: string[]) => wanted.every((code) => codes.has(code));
  return [...bySubId.values()].some(
    (codes) => has(codes, '69764-9', '29769-7') || has(codes, '30956-7', '29768-9', '29769-7'),
  );
}

function parsePath(path: RulePath): ScopePath {
  const [, segment, any, places = ''] = /^([A-Z][A-Z\d]{2})?(\*)?-?([\d.]*)$/.exec(path) ?? [];
  const numbers = places === '' ? [] : places.split('.').map(Number);
  return { segment, any: any === '*', places: numbers };
}
