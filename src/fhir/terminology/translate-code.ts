import type {
  Coding,
  ConceptMap,
  ConceptMapGroup,
  ConceptMapGroupElement,
  ConceptMapGroupElementTarget,
} from 'fhir/r4.js';
import { ndcSystem, toNdc11 } from './ndc.ts';
import { objectsIn, textOf } from './unvalidated.ts';
import type { TerminologySource } from './value-set-members.ts';

export type Equivalence = ConceptMapGroupElementTarget['equivalence'];

export type Translation = {
  readonly equivalence: Equivalence;
  readonly concept?: Coding;
  /** Canonical URL of the map. */
  readonly source?: string;
};

export type TranslationQuery = {
  readonly system: string;
  readonly code: string;
  readonly targetSystem?: string;
  /** From the targets of the map to its sources. */
  readonly reverse: boolean;
};

/** A concept map whose codes are found at once. */
export type ConceptMapIndex = {
  readonly resource: ConceptMap;
  readonly translate: (query: TranslationQuery, source: TerminologySource) => readonly Translation[];
};

type Row = { readonly equivalence: Equivalence; readonly code?: string; readonly display?: string };
type GroupIndex = {
  readonly from: string;
  readonly to: string;
  readonly toVersion?: string;
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly unmapped?: (code: string) => Row | undefined;
};

export function indexConceptMap(resource: ConceptMap): ConceptMapIndex {
  let forward: readonly GroupIndex[] | undefined;
  let backward: readonly GroupIndex[] | undefined;
  const groups = objectsIn(resource.group);
  return {
    resource,
    translate: (query, source) => {
      if (query.reverse) backward ??= groups.map(indexBackward);
      else forward ??= groups.map(indexForward);
      const indexes = (query.reverse ? backward : forward) ?? [];
      return indexes.flatMap((group) => translateIn(group, query, resource.url, source));
    },
  };
}

function translateIn(
  group: GroupIndex,
  { system, code, targetSystem }: TranslationQuery,
  map: string | undefined,
  source: TerminologySource,
): readonly Translation[] {
  if (group.from !== system || (targetSystem !== undefined && group.to !== targetSystem)) return [];
  const key = system === ndcSystem ? toNdc11(code) : code;
  const unmapped = group.unmapped?.(key);
  const rows = group.rows.get(key) ?? (unmapped ? [unmapped] : []);
  return rows.map((row) => {
    const concept = row.code === undefined ? undefined : toCoding(group, row.code, row.display, source);
    return {
      equivalence: row.equivalence,
      ...(concept && { concept }),
      ...(map !== undefined && { source: map }),
    };
  });
}

function toCoding(
  { to, toVersion }: GroupIndex,
  code: string,
  given: string | undefined,
  source: TerminologySource,
): Coding {
  const display = given ?? source.codeSystem(to)?.find(code)?.display;
  return {
    system: to,
    ...(toVersion !== undefined && { version: toVersion }),
    code,
    ...(display !== undefined && { display }),
    userSelected: false,
  };
}

function indexForward(group: ConceptMapGroup): GroupIndex {
  const rows = new Map<string, Row[]>();
  for (const { code, target } of elementsOf(group)) {
    for (const { display, equivalence, ...one } of objectsIn(target)) {
      const targetCode = textOf(one.code);
      addRow(rows, code, {
        equivalence,
        ...(targetCode !== undefined && { code: targetCode }),
        ...(display !== undefined && { display }),
      });
    }
  }
  const { targetVersion } = group;
  const source = textOf(group.source) ?? '';
  const target = textOf(group.target) ?? '';
  const toVersion = targetVersion === undefined ? {} : { toVersion: targetVersion };
  return { from: source, to: target, ...toVersion, rows, unmapped: (code) => unmappedRow(group, code) };
}

/** R4 ConceptMap.group.unmapped; another map is not followed. */
function unmappedRow({ unmapped }: ConceptMapGroup, code: string): Row | undefined {
  if (unmapped?.mode === 'provided') return { equivalence: 'equal', code };
  if (unmapped?.mode !== 'fixed') return undefined;
  const fixed = textOf(unmapped.code);
  if (fixed === undefined) return undefined;
  const { display } = unmapped;
  return { equivalence: 'inexact', code: fixed, ...(display !== undefined && { display }) };
}

function indexBackward(group: ConceptMapGroup): GroupIndex {
  const rows = new Map<string, Row[]>();
  for (const { code, display, target } of elementsOf(group)) {
    for (const { equivalence, ...one } of objectsIn(target)) {
      const targetCode = textOf(one.code);
      if (targetCode === undefined) continue;
      const named = display === undefined ? {} : { display };
      addRow(rows, targetCode, { equivalence: reversed(equivalence), code, ...named });
    }
  }
  const { sourceVersion } = group;
  const source = textOf(group.source) ?? '';
  const target = textOf(group.target) ?? '';
  const toVersion = sourceVersion === undefined ? {} : { toVersion: sourceVersion };
  return { from: target, to: source, ...toVersion, rows };
}

function elementsOf(group: ConceptMapGroup): readonly (ConceptMapGroupElement & { readonly code: string })[] {
  return objectsIn(group.element).filter(
    (element): element is ConceptMapGroupElement & { code: string } => typeof element.code === 'string',
  );
}

function addRow(rows: Map<string, Row[]>, code: string, row: Row): void {
  const known = rows.get(code);
  if (known) known.push(row);
  else rows.set(code, [row]);
}

const opposites: ReadonlyMap<Equivalence, Equivalence> = new Map([
  ['wider', 'narrower'],
  ['narrower', 'wider'],
  ['subsumes', 'specializes'],
  ['specializes', 'subsumes'],
]);

function reversed(equivalence: Equivalence): Equivalence {
  return opposites.get(equivalence) ?? equivalence;
}

/** R4 $translate: matches that say "there is none" are no translation. */
export function isTranslation({ equivalence }: Translation): boolean {
  return equivalence !== 'unmatched' && equivalence !== 'disjoint';
}
