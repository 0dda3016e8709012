import type { JsonObject, JsonValue } from '../../fhir/fhir-json.ts';
import type { Resource } from '../../fhir/resource.ts';
import { isSameJson } from '../../fhir/same-json.ts';
import { personNumbers } from './authority.ts';
import { unknownValue } from './extensions.ts';

/** What a message says a resource is, and the elements that it says are to be deleted: `lotNumber`, `performer:AP`. */
export type Built<Kind> = { readonly resource: Kind; readonly deletes: readonly string[] };

type Element = Readonly<Record<string, JsonValue>>;

/** Lists of which an item replaces the one with its key, and the others stay. */
const keys: Readonly<Record<string, (item: Element) => string>> = {
  contained: (item) => String(item['id']),
  extension: (item) => String(item['url']),
  identifier: keyOfNumber,
  performer: (item) => codeIn(item['function']),
};

/** Of the numbers of a dose, and of those that say who somebody is, there is one of a kind; a record may have several. */
function keyOfNumber({ type, system, value }: Element): string {
  const code = codeIn(type);
  const isOne = code === 'FILL' || code === 'PLAC' || personNumbers.has(code);
  return isOne ? `${code}|${system}` : `${code}|${system}|${value}`;
}

function codeIn(concept: JsonValue | undefined): string {
  const coding = (concept as Element | undefined)?.['coding'] as readonly Element[] | undefined;
  return String(coding?.[0]?.['code'] ?? '');
}

/**
 * The next version of what is kept, by what a message says: what is sent replaces, what was left empty stays, what is
 * `""` goes (guide, 5.3: RE fields). A message is no snapshot.
 */
export function mergeBuilt(stored: Resource, { resource, deletes }: Built<object>): Resource {
  const sent = resource as JsonObject;
  const merged: Record<string, JsonValue | undefined> = { ...stored };
  for (const name of deletes) deleteNamed(merged, name);
  for (const name in sent) {
    const value = sent[name];
    if (value !== undefined) merged[name] = mergeElement(name, merged[name], value);
  }
  dropUnknown(merged);
  dropUnreferred(merged);
  return merged as Resource;
}

/** Elements that go with another one: where that stays as it is, they do. */
const dependent: ReadonlySet<string> = new Set([
  'statusReason',
  'isSubpotent',
  'subpotentReason',
  'doseQuantity',
  'reportOrigin',
]);

/** R4 has one of several types: what is said by one of them is said. */
const choices = ['deceased', 'multipleBirth'];

/**
 * What is kept, with what a message says beside it: of one that was sent before what is kept was. It replaces and deletes
 * nothing.
 */
export function fillIn(stored: Resource, { resource }: Built<object>): Resource {
  const sent = resource as JsonObject;
  const filled: Record<string, JsonValue | undefined> = { ...stored };
  const isSaid = (name: string) =>
    filled[name] !== undefined ||
    dependent.has(name) ||
    choices.some((one) => name.startsWith(one) && Object.keys(stored).some((key) => key.startsWith(one)));
  for (const name in sent) {
    const [value, kept] = [sent[name], filled[name]];
    if (value === undefined) continue;
    if (kept !== undefined && keys[name]) filled[name] = mergeElement(name, value, kept);
    else if (!isSaid(name)) filled[name] = value;
  }
  dropUnknown(filled);
  dropUnreferred(filled);
  return filled as Resource;
}

function mergeElement(name: string, stored: JsonValue | undefined, sent: JsonValue): JsonValue {
  const key = keys[name];
  if (!key || !Array.isArray(stored) || !Array.isArray(sent)) return sent;
  const items = new Map((stored as readonly Element[]).map((item) => [key(item), item]));
  for (const item of sent as readonly Element[]) items.set(key(item), item);
  return [...items.values()] as JsonValue;
}

function deleteNamed(merged: Record<string, JsonValue | undefined>, named: string): void {
  const [name = '', ...rest] = named.split(':');
  const wanted = rest.join(':');
  const list = merged[name];
  const key = keys[name];
  if (wanted === '' || !key || !Array.isArray(list)) {
    if (wanted === '') delete merged[name];
    return;
  }
  const left = (list as readonly Element[]).filter((item) => key(item) !== wanted);
  if (left.length > 0) merged[name] = left as JsonValue;
  else delete merged[name];
}

/** That a value is not known gives way to the value, whichever of the two was said later. */
function dropUnknown(merged: Record<string, JsonValue | undefined>): void {
  for (const name in merged) {
    if (!name.startsWith('_') || merged[name.slice(1)] === undefined) continue;
    if (isSameJson(merged[name], unknownValue)) delete merged[name];
  }
}

/** R4 dom-3: what is contained and referred to by nothing must not stand there. */
function dropUnreferred(merged: Record<string, JsonValue | undefined>): void {
  const contained = merged['contained'];
  if (!Array.isArray(contained)) return;
  const { contained: _, ...rest } = merged;
  const text = JSON.stringify(rest);
  const left = (contained as readonly Element[]).filter((item) =>
    text.includes(`"reference":"#${item['id']}"`),
  );
  if (left.length > 0) merged['contained'] = left as JsonValue;
  else delete merged['contained'];
}

/** Whether a message leaves a resource as it is kept, but for what the server sets. */
export function isSameContent(stored: Resource, next: Resource): boolean {
  return isSameJson(withoutStamp(stored), withoutStamp(next));
}

function withoutStamp({ meta, ...rest }: Resource): object {
  const { versionId: _, lastUpdated: __, ...said } = (meta ?? {}) as JsonObject;
  return { ...rest, meta: said };
}
