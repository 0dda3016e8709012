import type { MutableJson } from './fhir-json.ts';
import { keepWritten } from './written-numbers.ts';

export type MutableObject = { [name: string]: MutableJson };

/** An element in JSON: its value, and what stands beside the value of a primitive under the name with '_'. */
export type PatchItem = {
  readonly value?: MutableJson;
  readonly beside?: MutableJson;
  /** The digits of a number, where they are known. */
  readonly written?: string;
};

export function isObject(value: MutableJson): value is MutableObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The elements under a name, in their order; one where it does not repeat. */
export function itemsOf(parent: MutableObject, name: string): readonly PatchItem[] {
  const [value, beside] = [memberOf(parent, name), memberOf(parent, `_${name}`)];
  if (!Array.isArray(value) && !Array.isArray(beside)) {
    return value === undefined && beside === undefined ? [] : [{ value, beside }];
  }
  const [values, others] = [listOf(value), listOf(beside)];
  const length = Math.max(values.length, others.length);
  return Array.from({ length }, (_, at) => ({
    value: values[at] ?? undefined,
    beside: others[at] ?? undefined,
  }));
}

/** Puts these elements under a name that repeats, and takes it away where there are none. */
export function putList(parent: MutableObject, name: string, items: readonly PatchItem[]): void {
  putOrDelete(parent, name, toList(items.map(({ value }) => value)));
  putOrDelete(parent, `_${name}`, toList(items.map(({ beside }) => beside)));
}

/** Puts the element under a name that does not repeat. */
export function putOne(parent: MutableObject, name: string, { value, beside, written }: PatchItem): void {
  putOrDelete(parent, name, value);
  putOrDelete(parent, `_${name}`, beside);
  if (typeof value === 'number' && written !== undefined) keepWritten(parent, name, value, written);
}

export function isThere(parent: MutableObject, name: string): boolean {
  return Object.hasOwn(parent, name) || Object.hasOwn(parent, `_${name}`);
}

export function memberOf(parent: MutableObject, name: string): MutableJson {
  return Object.hasOwn(parent, name) ? parent[name] : undefined;
}

/** R4 json.html#primitive: null holds the place of what only the other list has. */
function toList(values: readonly MutableJson[]): MutableJson {
  return values.some((value) => value !== undefined) ? values.map((value) => value ?? null) : undefined;
}

function putOrDelete(parent: MutableObject, name: string, value: MutableJson): void {
  if (value === undefined) delete parent[name];
  else parent[name] = value;
}

function listOf(value: MutableJson): readonly MutableJson[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
