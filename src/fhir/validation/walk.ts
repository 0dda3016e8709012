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
  for (const key in value) {
    const slot = node.slots.get(key);
    const held = value[key];
    if (slot === undefined || held === undefined) continue;
    run.path.push(slot.step);
    const place = { slot, holder, beside: value[slot.other], parent: value, key };
    if (Array.isArray(held)) walkList(walk, held, place);
    else walkValue(walk, held, place);
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

function walkList(walk: Walk, list: readonly JsonValue[], { slot, holder, beside }: Place): void {
  const { run } = walk;
  const others = Array.isArray(beside) ? beside : undefined;
  if (slot.shape === 'primitive' && others && others.length !== list.length) {
    const text = `${slot.key} has ${list.length} entries and _${slot.key} has ${others.length}: null must fill the gaps`;
    report(run, { severity: 'error', code: 'structure', text });
  }
  for (let index = 0; index < list.length; index++) {
    run.path.push(index);
    const place = { slot, holder, beside: others?.[index], parent: list, key: index };
    walkValue(walk, list[index] ?? null, place);
    run.path.pop();
  }
}

/** null holds a place in a list of primitives, or of their siblings, but not in both. */
function gapText({ shape, key }: Slot): string {
  return shape === 'sibling'
    ? `null in _${key} must have a value in ${key}`
    : `null in ${key} must have extensions in _${key}`;
}

type Place = {
  readonly slot: Slot;
  readonly holder: Holder;
  /** Of a primitive, its sibling; of a sibling, the primitive. */
  readonly beside: JsonValue | undefined;
  /** Where the value stands, so that its digits are found. */
  readonly parent: object;
  readonly key: string | number;
};

function walkValue(walk: Walk, value: JsonValue, place: Place): void {
  const { run, scope } = walk;
  const { slot, beside } = place;
  if (value === null) {
    const filled = slot.shape === 'sibling' ? beside !== undefined && beside !== null : isObject(beside);
    if (!filled) report(run, { severity: 'error', code: 'structure', text: gapText(slot) });
    return;
  }
  if (slot.shape === 'primitive') {
    walkPrimitive(walk, value, slot);
    checkText(run, value, place);
  } else if (isObject(value)) walkComplex(walk, value, place);
  if (slot.invariants.length > 0 && slot.shape !== 'sibling')
    checkInvariants(run, value, slot.invariants, scope);
}

function walkComplex(walk: Walk, value: JsonObject, { slot, holder, beside }: Place): void {
  if (slot.shape === 'resource') {
    walk.onResource(walk, value, slot);
    return;
  }
  if (!slot.node) return;
  const hasValue = slot.shape === 'sibling' && beside !== undefined && beside !== null;
  walkObject(walk, value, { node: slot.node, slot, hasValue });
  if (slot.type === 'Reference') checkReference(walk.run, walk.scope, value, slot.facts.targets);
  else if (slot.type === 'Identifier') checkIdentifier(walk.run, value);
  else if (slot.type === 'Extension') walk.onExtension(walk, value, holder);
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
function checkText(run: Run, value: JsonValue, { slot, parent, key }: Place): void {
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
