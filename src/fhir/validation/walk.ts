import type { JsonObject, JsonValue } from '../fhir-json.ts';
import { writtenNumber } from '../written-numbers.ts';
import { checkBinding } from './binding.ts';
import { checkIdentifier } from './identifier-rules.ts';
import { checkInvariants } from './invariant.ts';
import { isIntegerText } from './primitive-rules.ts';
import { checkReference, noteLocalReference } from './reference-rules.ts';
import { isFull, isObject, quote, type Run, report, type Scope } from './run.ts';
import type { Slot, TypeNode } from './type-table.ts';

/** One walk over one resource, and what it hands out. */
export type Walk = {
  readonly run: Run;
  readonly scope: Scope;
  readonly onResource: (walk: Walk, resource: JsonObject, slot: Slot) => void;
  readonly onExtension: (walk: Walk, extension: JsonObject, holder: Holder) => void;
};

/** An object in the resource: its type, and the element that it is the value of. */
export type Holder = {
  readonly node: TypeNode;
  readonly slot: Slot | undefined;
  /** It stands beside the value of a primitive. */
  readonly hasValue?: boolean;
};

/** Checks what the values mean, element by element. The structure is known to be right. */
export function walkObject(walk: Walk, value: JsonObject, holder: Holder): void {
  const { run, scope } = walk;
  const { node } = holder;
  const place: Place = { holder, parent: value, siblings: value };
  for (const key in value) {
    const slot = node.slots.get(key);
    const held = value[key];
    if (slot === undefined || held === undefined) continue;
    run.path.push(slot.step);
    if (Array.isArray(held)) walkList(walk, held, slot, place);
    else walkValue(walk, held, slot, place, key);
    run.path.pop();
    if (isFull(run)) return;
  }
  if (node.kind !== 'resource' && !holder.hasValue && hasOnlyId(value)) {
    const text = 'An element must have a value or children, not an id alone (ele-1)';
    report(run, { severity: 'error', code: 'invariant', text });
  }
  checkInvariants(run, value, node.invariants, scope);
}

function hasOnlyId(value: JsonObject): boolean {
  for (const key in value) if (key !== 'id') return false;
  return true;
}

function walkList(walk: Walk, list: readonly JsonValue[], slot: Slot, around: Place): void {
  const { run } = walk;
  const beside = besideOf(around, slot, slot.other);
  const others = Array.isArray(beside) ? beside : undefined;
  if (slot.shape === 'primitive' && others && others.length !== list.length) {
    const text = `${slot.key} has ${list.length} entries and _${slot.key} has ${others.length}: null must fill the gaps`;
    report(run, { severity: 'error', code: 'structure', text });
  }
  const place: Place = { holder: around.holder, parent: list, siblings: others };
  for (let index = 0; index < list.length; index++) {
    run.path.push(index);
    walkValue(walk, list[index] ?? null, slot, place, index);
    run.path.pop();
  }
}

/** null holds a place in a list of primitives, or of their siblings, but not in both. */
function gapText({ shape, key }: Slot): string {
  return shape === 'sibling'
    ? `null in _${key} must have a value in ${key}`
    : `null in ${key} must have extensions in _${key}`;
}

/** Where values stand: one for all of an object or list, since there are many. */
type Place = {
  readonly holder: Holder;
  /** The object or list. */
  readonly parent: object;
  /** Where the siblings of its primitives stand: the object itself, or the other list. */
  readonly siblings: JsonObject | readonly JsonValue[] | undefined;
};

/** Of a primitive, its sibling; of a sibling, the primitive. */
function besideOf({ siblings }: Place, { other }: Slot, key: string | number): JsonValue | undefined {
  const name = typeof key === 'number' ? key : other;
  return siblings && (siblings as Readonly<Record<string | number, JsonValue | undefined>>)[name];
}

function isThere(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function walkValue(walk: Walk, value: JsonValue, slot: Slot, place: Place, key: string | number): void {
  const { run, scope } = walk;
  if (value === null) {
    const beside = besideOf(place, slot, key);
    const filled = slot.shape === 'sibling' ? isThere(beside) : isObject(beside);
    if (!filled) report(run, { severity: 'error', code: 'structure', text: gapText(slot) });
    return;
  }
  if (slot.shape === 'primitive') {
    walkPrimitive(walk, value, slot);
    checkText(run, value, slot, place, key);
  } else if (isObject(value)) walkComplex(walk, value, slot, place, key);
  if (slot.invariants.length > 0 && slot.shape !== 'sibling')
    checkInvariants(run, value, slot.invariants, scope);
}

function walkComplex(walk: Walk, value: JsonObject, slot: Slot, place: Place, key: string | number): void {
  if (slot.shape === 'resource') {
    walk.onResource(walk, value, slot);
    return;
  }
  if (!slot.node) return;
  const hasValue = slot.shape === 'sibling' && isThere(besideOf(place, slot, key));
  walkObject(walk, value, { node: slot.node, slot, hasValue });
  if (slot.type === 'Reference') checkReference(walk.run, walk.scope, value, slot.facts.targets);
  else if (slot.type === 'Identifier') checkIdentifier(walk.run, value);
  else if (slot.type === 'Extension') walk.onExtension(walk, value, place.holder);
  if (slot.binding && slot.shape === 'complex') checkBinding(walk.run, value, slot.type, slot.binding);
}

function walkPrimitive(walk: Walk, value: JsonValue, slot: Slot): void {
  const { run, scope } = walk;
  const rule = slot.primitive;
  if (rule && !rule.allows(value)) {
    const fault = rule.explain?.(value);
    report(run, {
      severity: 'error',
      code: 'value',
      text: fault ? `The narrative ${fault}` : `${quote(value)} is not ${rule.expected}`,
    });
  }
  if (slot.facts.attribute && slot.element === 'id') checkElementId(walk, value, slot);
  if (slot.isLink && typeof value === 'string' && value.startsWith('#')) noteLocalReference(scope, value);
  if (slot.binding) checkBinding(run, value, slot.type, slot.binding);
}

/** What JSON can write and the type, or XML, cannot. */
function checkText(run: Run, value: JsonValue, slot: Slot, { parent }: Place, key: string | number): void {
  if (typeof value === 'string' && /[\ufffe\uffff]/.test(value)) {
    const text = 'U+FFFE and U+FFFF are no characters, and XML cannot hold them';
    report(run, { severity: 'error', code: 'value', text });
  } else if (typeof value === 'number' && slot.type !== 'decimal') {
    const written = writtenNumber(parent, key, value);
    if (isIntegerText(written)) return;
    report(run, { severity: 'error', code: 'value', text: `${written} is not written as an integer` });
  }
}

/** The same element definition stands in snapshot and differential, so those ids are left alone. */
function checkElementId({ run, scope }: Walk, id: JsonValue, { path }: Slot): void {
  if (typeof id !== 'string') return;
  if (/\s/.test(id)) {
    const text = `The element id ${quote(id)} must have no spaces`;
    report(run, { severity: 'error', code: 'value', text });
  }
  if (path === 'ElementDefinition.id') return;
  if (scope.elementIds.has(id)) {
    const text = `The element id ${quote(id)} stands twice in the resource`;
    report(run, { severity: 'error', code: 'duplicate', text });
  }
  scope.elementIds.add(id);
}
