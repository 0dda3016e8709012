import { copyJson, type JsonObject, type JsonValue } from './fhir-json.ts';
import { isThere, itemsOf, type MutableObject, type PatchItem, putList, putOne } from './patch-items.ts';
import { PathFault } from './patch-path.ts';
import type { ElementTables } from './subset-resource.ts';
import type { ElementTable } from './validation/element-table.ts';
import { writtenNumber } from './written-numbers.ts';

/**
 * A value in a FHIRPath Patch: whole, with the type that its `value[x]` names, or made of parts (R4 fhirpatch.html); what
 * these become depends on the element that they are for.
 */
export type PatchValue =
  | { readonly kind: 'whole'; readonly item: PatchItem; readonly suffix: string | undefined }
  | { readonly kind: 'parts'; readonly parts: readonly NamedValue[] };
type NamedValue = { readonly name: string; readonly value: PatchValue };

/** Reads the value of a parameter or part. */
export function readPatchValue(part: JsonObject): PatchValue {
  if (part['resource'] !== undefined) {
    return { kind: 'whole', item: { value: copyJson(part['resource']) }, suffix: undefined };
  }
  const key = Object.keys(part).find((name) => /^_?value[A-Z]/.test(name));
  if (key !== undefined) return wholeValue(part, key.replace('_', ''));
  const parts = partsOf(part).map((each) => ({ name: String(each['name']), value: readPatchValue(each) }));
  return { kind: 'parts', parts };
}

function wholeValue(part: JsonObject, key: string): PatchValue {
  const value = part[key];
  const written = typeof value === 'number' ? writtenNumber(part, key, value) : undefined;
  const item = { value: copyJson(value), beside: copyJson(part[`_${key}`]) };
  return {
    kind: 'whole',
    item: written === undefined ? item : { ...item, written },
    suffix: key.slice('value'.length),
  };
}

export function partsOf(part: JsonObject): readonly JsonObject[] {
  const list: JsonValue | undefined = part['part'];
  return Array.isArray(list) ? list : [];
}

/** The value as an element of that type; a type that is not known takes the parts as they are named. */
export function toItem(value: PatchValue, type: string | undefined, tables: ElementTables): PatchItem {
  if (value.kind === 'whole') return value.item;
  const object: MutableObject = {};
  const lists = new Map<string, PatchItem[]>();
  for (const part of value.parts) addPart(object, lists, part, { type, tables });
  for (const [name, items] of lists) putList(object, name, items);
  return { value: object };
}

type Where = { readonly type: string | undefined; readonly tables: ElementTables };

function addPart(
  object: MutableObject,
  lists: Map<string, PatchItem[]>,
  { name, value }: NamedValue,
  { type, tables }: Where,
): void {
  const { member, inner, repeats } = memberFor(name, value, type, tables);
  const item = toItem(value, inner, tables);
  const list = lists.get(member);
  if (list) list.push(item);
  else if (repeats) lists.set(member, [item]);
  else if (isThere(object, member))
    throw new PathFault(`"${name}" stands twice in the value, and does not repeat`);
  else putOne(object, member, item);
}

/** Adds one element to an object: to the end of a list, or where none is yet. */
export function addElement(
  parent: MutableObject,
  name: string,
  value: PatchValue,
  { type, tables }: Where,
): void {
  const { member, inner, repeats } = memberFor(name, value, type, tables);
  const item = toItem(value, inner, tables);
  if (repeats) putList(parent, member, [...itemsOf(parent, member), item]);
  else if (!isThere(parent, member)) putOne(parent, member, item);
  else throw new PathFault(`${name} is there already and does not repeat; replace it`);
}

function memberFor(name: string, value: PatchValue, type: string | undefined, tables: ElementTables) {
  const table = type === undefined ? undefined : tables(type);
  if (!table) throw new PathFault(`"${name}" cannot be put into an element of no known type`);
  const member = memberName(name, value.kind === 'whole' ? value.suffix : undefined, table);
  const inner = table.typeOf(member);
  if (inner === undefined) throw new PathFault(`${type} has no element "${name}"`);
  return { member, inner, repeats: table.repeats.has(member) };
}

/** A choice is named without its type: `value` with a valueQuantity is the member valueQuantity. */
function memberName(asked: string, suffix: string | undefined, table: ElementTable): string {
  if (suffix === undefined || table.typeOf(asked) !== undefined) return asked;
  return table.typeOf(asked + suffix) === undefined ? asked : asked + suffix;
}
