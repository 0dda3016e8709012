import type { JsonObject, JsonValue } from './fhir-json.ts';
import { keepWritten } from './written-numbers.ts';
import type { XmlElement, XmlElements } from './xml-elements.ts';

/** An element of FHIR XML that is being read. */
export type XmlFrame = {
  /** `resource`: the element named for its type. `wrapper`: what holds one, as `contained` does. */
  readonly kind: 'resource' | 'complex' | 'primitive' | 'wrapper';
  /** Undefined on a resource. */
  readonly element: XmlElement | undefined;
  readonly resourceType?: string;
  /** What may stand in it. */
  readonly elements: XmlElements;
  /** As deep as the object would lie in JSON, arrays counted. */
  readonly depth: number;
  readonly members: Map<string, XmlMember>;
  /** Of a primitive. */
  value?: XmlValue;
  /** What a wrapper was found to hold. */
  held?: JsonObject;
};

export type XmlValue = {
  readonly value: string | number | boolean;
  /** A number as it was written. */
  readonly written?: string;
};

/** An element that was read: a value, what stands beside a primitive, or both. */
export type XmlItem = {
  readonly value?: JsonValue;
  readonly written?: string;
  readonly sibling?: JsonObject;
};

export type XmlMember = { readonly repeats: boolean; readonly items: XmlItem[] };

export function addItem(frame: XmlFrame, { name, repeats }: XmlElement, item: XmlItem): void {
  const member = frame.members.get(name);
  if (member) member.items.push(item);
  else frame.members.set(name, { repeats, items: [item] });
}

/** What was read of the element, in the form of FHIR JSON; undefined where it is empty. */
export function toItem(frame: XmlFrame): { readonly item: XmlItem | undefined; readonly exact: boolean } {
  if (frame.kind === 'wrapper') return { item: frame.held && { value: frame.held }, exact: false };
  const { object, exact } = toObject(frame);
  const isEmpty = Object.keys(object).length === 0;
  if (frame.kind !== 'primitive') return { item: isEmpty ? undefined : { value: object }, exact };
  if (isEmpty && frame.value === undefined) return { item: undefined, exact };
  return { item: { ...frame.value, ...(!isEmpty && { sibling: object }) }, exact };
}

function toObject({ resourceType, members }: XmlFrame) {
  const object: Record<string, JsonValue> = resourceType === undefined ? {} : { resourceType };
  let exact = false;
  for (const [name, { repeats, items }] of members) {
    const [first] = items;
    const added = repeats
      ? addArray(object, name, items)
      : first !== undefined && addOne(object, name, first);
    exact ||= added;
  }
  return { object: object as JsonObject, exact };
}

function addOne(object: Record<string, JsonValue>, name: string, item: XmlItem): boolean {
  if (item.value !== undefined) object[name] = item.value;
  if (item.sibling) object[`_${name}`] = item.sibling;
  return keepDigits(object, name, item);
}

/** R4 json.html#primitive: null fills the place of what only the other array has. */
function addArray(object: Record<string, JsonValue>, name: string, items: readonly XmlItem[]): boolean {
  const values = items.map(({ value }) => value ?? null);
  if (items.some(({ value }) => value !== undefined)) object[name] = values;
  if (items.some(({ sibling }) => sibling)) object[`_${name}`] = items.map(({ sibling }) => sibling ?? null);
  return items.filter((item, index) => keepDigits(values, index, item)).length > 0;
}

/** True where a number would be written otherwise than it was. */
function keepDigits(parent: object, key: string | number, { value, written }: XmlItem): boolean {
  return typeof value === 'number' && written !== undefined && keepWritten(parent, key, value, written);
}
