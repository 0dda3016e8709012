import type { JsonObject } from '../fhir/fhir-json.ts';
import { isPrimitiveType } from './column-kind.ts';
import { columnsOf, type ViewColumn, type ViewDefinition, type ViewSelect } from './view-definition.ts';

/** What SQL on FHIR 2.1 has for views that every runner can run, and beside them what its tests have. */
const sharedFunctions: ReadonlySet<string> = new Set([
  'empty',
  'exists',
  'extension',
  'first',
  'getReferenceKey',
  'getResourceKey',
  'highBoundary',
  'join',
  'lowBoundary',
  'not',
  'ofType',
  'where',
]);

/** Why other runners may not run it: what ShareableViewDefinition asks for and it does not have; empty where it has all. */
export function shareableNotes(definition: JsonObject, view: ViewDefinition): readonly string[] {
  const missing = ['url', 'name', 'fhirVersion'].filter((name) => definition[name] === undefined);
  const untyped = columnsOf(view.select).filter(({ type }) => type === undefined);
  const functions = new Set([...view.where, ...view.select.flatMap(pathsOf)].flatMap(functionsIn));
  const others = [...functions].filter((name) => !sharedFunctions.has(name));
  return [
    ...missing.map((name) => `it has no ${name}`),
    ...untyped.map(({ name }) => `the column ${name} has no type`),
    ...others.map((name) => `it uses ${name}()`),
  ];
}

/** Why it is not flat: what TabularViewDefinition asks for and it does not have. */
export function tabularNotes(view: ViewDefinition): readonly string[] {
  return columnsOf(view.select).flatMap(notFlat);
}

function notFlat({ name, type, isCollection }: ViewColumn): readonly string[] {
  if (isCollection) return [`the column ${name} is a collection`];
  return type === undefined || isPrimitiveType(type) ? [] : [`the column ${name} is a ${type}`];
}

function pathsOf({ columns, select, unionAll, each }: ViewSelect): readonly string[] {
  const own = columns.map(({ path }) => path);
  const foci = each === undefined ? [] : each.kind === 'repeat' ? each.paths : [each.path];
  return [...own, ...foci, ...[...select, ...unionAll].flatMap(pathsOf)];
}

/** Outside texts. */
function functionsIn(path: string): readonly string[] {
  const outside = path.replaceAll(/'(?:\\.|[^'\\])*'/g, "''");
  return [...outside.matchAll(/([A-Za-z]\w*)\s*\(/g)].flatMap(([, name]) => name ?? []).filter(isFunction);
}

/** `and (…)` is none. */
function isFunction(name: string): boolean {
  return !['and', 'or', 'xor', 'implies', 'in', 'contains', 'div', 'mod', 'is', 'as'].includes(name);
}
