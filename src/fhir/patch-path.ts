import type { MutableJson } from './fhir-json.ts';
import { isObject, itemsOf, type MutableObject, memberOf, type PatchItem } from './patch-items.ts';
import type { ElementTables } from './subset-resource.ts';

/** An element of the resource that is patched: where it hangs, and of which type it is. */
export type Located = {
  readonly parent: MutableObject;
  /** Member of the parent. */
  readonly name: string;
  /** Place in the member, where it is an array. */
  readonly index?: number;
  readonly type: string | undefined;
};

/** A path that FHIRPath Patch cannot follow; the message says what was expected. */
export class PathFault extends Error {}

const stepShape =
  /\.?(?:(where)\(\s*([A-Za-z.]+)\s*=\s*'((?:[^'\\]|\\.)*)'\s*\)|(first|last)\(\)|ofType\(([A-Za-z]+)\)|([A-Za-z]+)|\[([0-9]{1,9})\])/y;

/**
 * The elements that a path means, in the FHIRPath subset that R4 fhirpatch.html allows: members, an index, where() with an
 * equality, first(), last(), ofType(). The first step is the type of the resource.
 */
export function locate(
  resource: MutableObject,
  path: string,
  tables: ElementTables,
): readonly Located[] | 'root' {
  const type = String(resource['resourceType']);
  const text = path.trim();
  const root = /^[A-Za-z]+/.exec(text)?.[0];
  if (root !== type) throw new PathFault(`"${path}" must begin with ${type}`);
  if (text === root) return 'root';
  let found: readonly Located[] | undefined;
  let at = root.length;
  while (at < text.length) {
    stepShape.lastIndex = at;
    const step = stepShape.exec(text);
    if (!step) throw new PathFault(`"${path}" cannot be followed from "${text.slice(at, at + 40)}" on`);
    found = take(found ?? { resource, type }, step, tables, path);
    at = stepShape.lastIndex;
  }
  return found ?? 'root';
}

type Start = { readonly resource: MutableObject; readonly type: string };

function take(
  from: Start | readonly Located[],
  step: RegExpExecArray,
  tables: ElementTables,
  path: string,
): readonly Located[] {
  const [, where, key = '', wanted = '', end, ofType, member, index] = step;
  if (member !== undefined) return takeMember(from, member, tables, path);
  if (!isLocated(from)) throw new PathFault(`"${path}" selects of the resource itself`);
  if (where) return from.filter((each) => valuesAt(valueAt(each), key.split('.')).includes(unquoted(wanted)));
  if (end === 'first') return from.slice(0, 1);
  if (end === 'last') return from.slice(-1);
  if (ofType !== undefined)
    return from.filter(({ name }) => name.toLowerCase().endsWith(ofType.toLowerCase()));
  return from.slice(Number(index), Number(index) + 1);
}

function isLocated(from: Start | readonly Located[]): from is readonly Located[] {
  return Array.isArray(from);
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function takeMember(
  from: Start | readonly Located[],
  member: string,
  tables: ElementTables,
  path: string,
): readonly Located[] {
  const parents = isLocated(from)
    ? from.map((each) => elementAt(each))
    : [{ object: from.resource as MutableJson, type: from.type }];
  return parents.flatMap(({ object, type }) => {
    if (object === undefined && isPrimitiveMember(member)) return [];
    if (!isObject(object))
      throw new PathFault(`"${path}" asks for ${member} of a value that has no elements`);
    return membersOf(object, nameOf(object, member, type, tables), type, tables);
  });
}

/** What a primitive may have beside its value. */
function isPrimitiveMember(member: string): boolean {
  return member === 'id' || member === 'extension';
}

/** A choice is named without its type: `value` is whichever valueX is there. */
function nameOf(
  object: MutableObject,
  member: string,
  type: string | undefined,
  tables: ElementTables,
): string {
  const table = type === undefined ? undefined : tables(type);
  if (Object.hasOwn(object, member) || table?.typeOf(member) !== undefined) return member;
  const isChoice = (name: string) =>
    name.startsWith(member) && /^[A-Z]/.test(name.slice(member.length)) && table?.typeOf(name) !== undefined;
  return Object.keys(object).find(isChoice) ?? member;
}

function membersOf(
  parent: MutableObject,
  name: string,
  type: string | undefined,
  tables: ElementTables,
): readonly Located[] {
  const inner = type === undefined ? undefined : tables(type)?.typeOf(name);
  const isList = Array.isArray(memberOf(parent, name)) || Array.isArray(memberOf(parent, `_${name}`));
  return itemsOf(parent, name).map(({ value }, index) => ({
    parent,
    name,
    ...(isList && { index }),
    type: inner === 'Resource' ? typeOfResource(value) : inner,
  }));
}

function typeOfResource(value: MutableJson): string {
  return String(isObject(value) ? value['resourceType'] : undefined);
}

export function itemAt({ parent, name, index }: Located): PatchItem {
  const [value, beside] = [memberOf(parent, name), memberOf(parent, `_${name}`)];
  if (index === undefined) return { value, beside };
  const at = (list: MutableJson) => (Array.isArray(list) ? (list[index] ?? undefined) : undefined);
  return { value: at(value), beside: at(beside) };
}

function valueAt(located: Located): MutableJson {
  return itemAt(located).value;
}

/** What holds the elements below: of a primitive, what stands beside its value. */
export function elementAt(located: Located): {
  readonly object: MutableJson;
  readonly type: string | undefined;
} {
  const { value, beside } = itemAt(located);
  if (isObject(value)) return { object: value, type: located.type };
  return { object: beside, type: 'Element' };
}

/** The primitive values at the end of a member path, as text. */
function valuesAt(value: MutableJson, steps: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, steps));
  const [step, ...rest] = steps;
  if (step === undefined) return isObject(value) ? [] : [String(value)];
  return isObject(value) && Object.hasOwn(value, step) ? valuesAt(value[step], rest) : [];
}
