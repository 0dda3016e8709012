import { copyJson, type JsonObject, type JsonValue } from './fhir-json.ts';
import { PatchFault } from './json-patch.ts';
import { patchFault } from './patch-bounds.ts';
import { isObject, itemsOf, type MutableObject, type PatchItem, putList, putOne } from './patch-items.ts';
import { elementAt, itemAt, type Located, locate, PathFault } from './patch-path.ts';
import { addElement, type PatchValue, partsOf, readPatchValue, toItem } from './patch-value.ts';
import type { ElementTables } from './subset-resource.ts';

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

type Operation = {
  readonly type: string;
  readonly path: string;
  readonly name?: string;
  readonly value?: PatchValue;
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
  for (const part of partsOf(parts)) {
    const name = String(part['name']);
    const value = readPatchValue(part);
    read[name] = name === 'value' || value.kind === 'parts' ? value : value.item.value;
  }
  if (typeof read['type'] !== 'string' || typeof read['path'] !== 'string') {
    throw new PathFault('the operation needs a type and a path');
  }
  return read as Operation;
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
  const { parent, type } = addTarget(resource, path, tables);
  addElement(parent, required(name, 'name'), required(value, 'value'), { type, tables });
}

/** The one element that gets a member; of a primitive, what stands beside its value. */
function addTarget(resource: MutableObject, path: string, tables: ElementTables) {
  const found = locate(resource, path, tables);
  if (found === 'root') return { parent: resource, type: String(resource['resourceType']) };
  const [only, ...others] = found;
  if (!only || others.length > 0) throw new PathFault(`"${path}" must mean one element`);
  const { object, type } = elementAt(only);
  if (isObject(object)) return { parent: object, type };
  const beside: MutableObject = {};
  putAt(only, { ...itemAt(only), beside });
  return { parent: beside, type };
}

function putAt({ parent, name, index }: Located, item: PatchItem): void {
  if (index === undefined) putOne(parent, name, item);
  else
    putList(
      parent,
      name,
      itemsOf(parent, name).map((each, at) => (at === index ? item : each)),
    );
}

type List = { readonly items: PatchItem[]; readonly type: string | undefined; readonly put: () => void };

/** The elements that a path means as a whole, to be changed and put back. */
function listAt(resource: MutableObject, path: string, tables: ElementTables): List {
  const found = locate(resource, path, tables);
  const [first] = found === 'root' ? [] : found;
  const items = first?.index === undefined ? [] : [...itemsOf(first.parent, first.name)];
  if (!first || items.length === 0 || found.length !== items.length) {
    throw new PathFault(`"${path}" must mean a whole list`);
  }
  return { items, type: first.type, put: () => putList(first.parent, first.name, items) };
}

function insert(resource: MutableObject, { path, index, value }: Operation, tables: ElementTables): void {
  const { items, type, put } = listAt(resource, path, tables);
  const at = placeIn(required(index, 'index'), items.length);
  items.splice(at, 0, toItem(required(value, 'value'), type, tables));
  put();
}

function move(
  resource: MutableObject,
  { path, source, destination }: Operation,
  tables: ElementTables,
): void {
  const { items, put } = listAt(resource, path, tables);
  const [moved = {}] = items.splice(placeIn(required(source, 'source'), items.length - 1), 1);
  items.splice(placeIn(required(destination, 'destination'), items.length), 0, moved);
  put();
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
  const { parent, name, index } = found;
  if (index === undefined) putOne(parent, name, {});
  else
    putList(
      parent,
      name,
      itemsOf(parent, name).filter((_, at) => at !== index),
    );
}

function replace(resource: MutableObject, { path, value }: Operation, tables: ElementTables): void {
  const found = one(resource, path, tables);
  if (!found) throw new PathFault(`"${path}" means nothing that is there`);
  const sent = required(value, 'value');
  const renamed = sent.kind === 'whole' ? choiceName(found, path, sent.suffix) : undefined;
  const item = toItem(sent, found.type, tables);
  if (renamed === undefined || renamed === found.name) {
    putAt(found, item);
  } else {
    putOne(found.parent, found.name, {});
    putOne(found.parent, renamed, item);
  }
}

/** A choice that is replaced by a value of another type changes its member: valueString to valueQuantity. */
function choiceName({ name }: Located, path: string, suffix: string | undefined): string | undefined {
  if (suffix === undefined) return undefined;
  const asked = /([A-Za-z]+)$/.exec(path)?.[1];
  return asked !== undefined && asked !== name && name.startsWith(asked) ? asked + suffix : undefined;
}
