import { copyJson, type JsonObject, type JsonValue, type MutableJson } from './fhir-json.ts';
import { PatchFault } from './json-patch.ts';
import { patchFault } from './patch-bounds.ts';
import { isObject, type Located, locate, type MutableObject, PathFault, valueAt } from './patch-path.ts';
import type { ElementTables } from './subset-resource.ts';
import type { ElementTable } from './validation/element-table.ts';

/** Applies the operations of a Parameters resource (R4 fhirpatch.html) to a copy; all of them or none. */
export function applyFhirPathPatch(
  target: JsonObject,
  parameters: JsonObject,
  tables: ElementTables,
): JsonObject {
  const asked = listOf(parameters['parameter']);
  const fault = patchFault(asked.length, target);
  if (fault !== undefined) throw new PatchFault(fault, 0);
  const resource = copyJson(target) as MutableObject;
  for (const [place, parameter] of asked.entries()) {
    try {
      applyOperation(resource, readOperation(parameter), tables);
    } catch (thrown) {
      if (thrown instanceof PathFault) throw new PatchFault(thrown.message, place);
      throw thrown;
    }
  }
  return resource as JsonObject;
}

/** A value and the type that its `value[x]` names; a value made of parts has none. */
type Value = { readonly json: MutableJson; readonly suffix: string | undefined };

type Operation = {
  readonly type: string;
  readonly path: string;
  readonly name?: string;
  readonly value?: Value;
  readonly index?: number;
  readonly source?: number;
  readonly destination?: number;
};

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function readOperation(parameter: JsonValue): Operation {
  const parts = typeof parameter === 'object' && parameter !== null ? (parameter as JsonObject) : {};
  if (parts['name'] !== 'operation') throw new PathFault('each parameter must be named "operation"');
  const read: Record<string, unknown> = {};
  for (const part of listOf(parts['part'])) {
    const object = part as JsonObject;
    const name = String(object['name']);
    const value = readValue(object);
    read[name] = name === 'value' ? value : value.json;
  }
  if (typeof read['type'] !== 'string' || typeof read['path'] !== 'string') {
    throw new PathFault('the operation needs a type and a path');
  }
  return read as Operation;
}

function readValue(part: JsonObject): Value {
  const member = Object.entries(part).find(([name]) => /^value[A-Z]/.test(name));
  if (member) return { json: copyJson(member[1]), suffix: member[0].slice('value'.length) };
  const parts = listOf(part['part']).map((each) => each as JsonObject);
  const object: MutableObject = {};
  for (const each of parts) {
    const name = String(each['name']);
    const { json } = readValue(each);
    const known = object[name];
    if (known === undefined) object[name] = json;
    else object[name] = Array.isArray(known) ? [...known, json] : [known, json];
  }
  return { json: object, suffix: undefined };
}

const operations: ReadonlyMap<string, typeof add> = new Map([
  ['add', add],
  ['insert', insert],
  ['delete', remove],
  ['replace', replace],
  ['move', move],
]);

function applyOperation(resource: MutableObject, operation: Operation, tables: ElementTables): void {
  const apply = operations.get(operation.type);
  if (!apply) throw new PathFault(`"${operation.type}" is none of ${[...operations.keys()].join(', ')}`);
  apply(resource, operation, tables);
}

function required<Kind>(value: Kind | undefined, what: string): Kind {
  if (value === undefined) throw new PathFault(`the operation needs a ${what}`);
  return value;
}

function add(resource: MutableObject, { path, name, value }: Operation, tables: ElementTables): void {
  const { parent, table } = addTarget(resource, path, tables);
  const { json, suffix } = required(value, 'value');
  const asked = required(name, 'name');
  const member = memberName(asked, suffix, table);
  const known = Object.hasOwn(parent, member) ? parent[member] : undefined;
  if (table?.repeats.has(member) || Array.isArray(known)) {
    parent[member] = Array.isArray(known) ? [...known, json] : [json];
  } else if (known === undefined) {
    parent[member] = json;
  } else {
    throw new PathFault(`${path}.${asked} is there already and does not repeat; replace it`);
  }
}

/** The one element that gets a member. */
function addTarget(resource: MutableObject, path: string, tables: ElementTables) {
  const found = locate(resource, path, tables);
  if (found === 'root') return { parent: resource, table: tables(String(resource['resourceType'])) };
  const [only, ...others] = found;
  if (!only || others.length > 0) throw new PathFault(`"${path}" must mean one element`);
  const parent = valueAt(only);
  if (!isObject(parent)) throw new PathFault(`"${path}" has no elements to add to`);
  return { parent, table: only.type === undefined ? undefined : tables(only.type) };
}

/** A choice is named without its type: `value` with a valueQuantity is the member valueQuantity. */
function memberName(asked: string, suffix: string | undefined, table: ElementTable | undefined): string {
  if (suffix === undefined || !table || table.typeOf(asked) !== undefined) return asked;
  return table.typeOf(asked + suffix) === undefined ? asked : asked + suffix;
}

/** The array that a path means as a whole. */
function listAt(resource: MutableObject, path: string, tables: ElementTables): MutableJson[] {
  const found = locate(resource, path, tables);
  const [first] = found === 'root' ? [] : found;
  const list = first?.parent[first.name];
  const isWhole = found !== 'root' && Array.isArray(list) && found.length === list.length;
  if (!isWhole || !Array.isArray(list)) throw new PathFault(`"${path}" must mean a whole list`);
  return list;
}

function insert(resource: MutableObject, { path, index, value }: Operation, tables: ElementTables): void {
  const list = listAt(resource, path, tables);
  list.splice(placeIn(required(index, 'index'), list.length), 0, required(value, 'value').json);
}

function move(
  resource: MutableObject,
  { path, source, destination }: Operation,
  tables: ElementTables,
): void {
  const list = listAt(resource, path, tables);
  const [moved] = list.splice(placeIn(required(source, 'source'), list.length - 1), 1);
  list.splice(placeIn(required(destination, 'destination'), list.length), 0, moved);
}

function placeIn(index: number, most: number): number {
  if (Number.isInteger(index) && index >= 0 && index <= most) return index;
  throw new PathFault(`${index} is no place in the list; 0 to ${most} are`);
}

function one(resource: MutableObject, path: string, tables: ElementTables): Located | undefined {
  const found = locate(resource, path, tables);
  if (found === 'root') throw new PathFault(`"${path}" means the resource itself`);
  if (found.length > 1) throw new PathFault(`"${path}" means ${found.length} elements; it must mean one`);
  return found[0];
}

/** R4 fhirpatch.html: deleting what is not there is no error. */
function remove(resource: MutableObject, { path }: Operation, tables: ElementTables): void {
  const found = one(resource, path, tables);
  if (!found) return;
  const list = found.parent[found.name];
  if (found.index === undefined || !Array.isArray(list) || list.length === 1) delete found.parent[found.name];
  else list.splice(found.index, 1);
}

function replace(resource: MutableObject, { path, value }: Operation, tables: ElementTables): void {
  const found = one(resource, path, tables);
  if (!found) throw new PathFault(`"${path}" means nothing that is there`);
  const { json, suffix } = required(value, 'value');
  const list = found.parent[found.name];
  if (found.index !== undefined && Array.isArray(list)) {
    list[found.index] = json;
    return;
  }
  const renamed = suffix === undefined ? undefined : choiceName(found, path, suffix);
  if (renamed !== undefined && renamed !== found.name) delete found.parent[found.name];
  found.parent[renamed ?? found.name] = json;
}

/** A choice that is replaced by a value of another type changes its member: valueString to valueQuantity. */
function choiceName({ name }: Located, path: string, suffix: string): string | undefined {
  const asked = /([A-Za-z]+)$/.exec(path)?.[1];
  return asked !== undefined && asked !== name && name.startsWith(asked) ? asked + suffix : undefined;
}
