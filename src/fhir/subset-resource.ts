import type { JsonObject, JsonValue } from './fhir-json.ts';
import type { Resource } from './resource.ts';
import type { ElementTable } from './validation/element-table.ts';

/** What of a resource is answered (R4 search.html#summary, #elements). */
export type Subset =
  | { readonly kind: 'summary'; readonly mode: 'true' | 'text' | 'data' }
  | { readonly kind: 'elements'; readonly elements: readonly string[] };

export type ElementTables = (type: string) => ElementTable | undefined;

const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
};

/** A copy with a part of the elements, tagged SUBSETTED so that nobody writes it back as the whole. */
export function subsetResource(resource: Resource, subset: Subset, tables: ElementTables): Resource {
  const kept = keep(resource, subset, tables);
  const meta = resource.meta ?? {};
  const tags = Array.isArray(meta['tag']) ? meta['tag'] : [];
  const { resourceType, id, ...rest } = kept;
  return {
    resourceType,
    ...(id !== undefined && { id }),
    ...rest,
    meta: { ...meta, tag: [...tags, subsetted] },
  } as Resource;
}

function keep(resource: Resource, subset: Subset, tables: ElementTables): Resource {
  const always = (name: string) => name === 'resourceType' || name === 'id' || name === 'meta';
  const table = tables(resource.resourceType);
  if (subset.kind === 'elements') {
    const wanted = new Set(subset.elements.map((path) => toTopElement(path, resource.resourceType)));
    const isKept = (name: string) => always(name) || isWanted(name, wanted) || isMandatory(name, table);
    return pick(resource, isKept);
  }
  switch (subset.mode) {
    case 'true':
      return (table ? summarized(resource, table, tables, always) : resource) as Resource;
    case 'text':
      return pick(resource, (name) => always(name) || name === 'text' || isMandatory(name, table));
    case 'data':
      return pick(resource, (name) => name !== 'text');
  }
}

/** `Patient.name` and `name.family` both mean the top element. */
function toTopElement(path: string, type: string): string {
  const steps = path.split('.');
  return (steps[0] === type ? steps[1] : steps[0]) ?? '';
}

function isWanted(name: string, wanted: ReadonlySet<string>): boolean {
  const bare = name.replace(/^_/, '');
  if (wanted.has(bare)) return true;
  // A choice is asked for by its name without the type: `value` brings valueQuantity.
  for (const element of wanted) {
    if (element !== '' && bare.startsWith(element) && /^[A-Z]/.test(bare.slice(element.length))) return true;
  }
  return false;
}

function isMandatory(name: string, table: ElementTable | undefined): boolean {
  return table?.mandatory.has(name) === true || table?.modifier.has(name) === true;
}

function pick(resource: Resource, isKept: (name: string) => boolean): Resource {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => isKept(name))) as Resource;
}

/** The elements that the definitions mark as summary, on every level. */
function summarized(
  object: JsonObject,
  table: ElementTable,
  tables: ElementTables,
  always: (name: string) => boolean,
): JsonObject {
  const kept = Object.entries(object).filter(
    ([name]) =>
      always(name) || table.summary.has(name) || table.modifier.has(name) || table.mandatory.has(name),
  );
  return Object.fromEntries(
    kept.map(([name, value]) => {
      const type = table.typeOf(name);
      const inner = type?.includes('.') ? tables(type) : undefined;
      return [name, value !== undefined && inner ? deep(value, inner, tables) : value];
    }),
  );
}

function deep(value: JsonValue, table: ElementTable, tables: ElementTables): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => deep(item, table, tables));
  if (typeof value !== 'object' || value === null) return value;
  return summarized(value as JsonObject, table, tables, (name) => name === 'id' || name === 'extension');
}
