import { copyJson, type JsonObject, type JsonValue, type MutableJson } from './fhir-json.ts';
import { costOfCopy, maxCopied, patchFault } from './patch-bounds.ts';
import { isSameJson } from './same-json.ts';

/** Why a patch cannot be applied; `place` is the operation, counted from 0. */
export class PatchFault extends Error {
  readonly place: number;

  constructor(message: string, place: number) {
    super(message);
    this.place = place;
  }
}

type Container = MutableJson[] | { [name: string]: MutableJson };

/** Applies an RFC 6902 patch to a copy. Throws a PatchFault at the first operation that fails: nothing is half done. */
export function applyJsonPatch(target: JsonObject, patch: readonly JsonValue[]): JsonObject {
  const fault = patchFault(patch.length, target);
  if (fault !== undefined) throw new PatchFault(fault, 0);
  const root: { [name: string]: MutableJson } = { resource: copyJson(target) };
  const budget = { left: maxCopied };
  for (const [place, operation] of patch.entries()) {
    try {
      applyOperation(root, operation, budget);
    } catch (thrown) {
      if (thrown instanceof OperationFault) throw new PatchFault(thrown.message, place);
      throw thrown;
    }
  }
  return root['resource'] as JsonObject;
}

class OperationFault extends Error {}

/** What a `copy` may still copy: a list that is copied into itself doubles each time. */
type Budget = { left: number };

function applyOperation(root: Container, operation: JsonValue, budget: Budget): unknown {
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
    throw new OperationFault('an operation must be an object');
  }
  const { op, path, from, value } = operation as JsonObject;
  const target = parsePointer(path, 'path');
  switch (op) {
    case 'add':
      return add(root, target, required(value));
    case 'remove':
      return void remove(root, target);
    case 'replace':
      return replace(root, target, required(value));
    case 'move': {
      const source = parsePointer(from, 'from');
      if (isWithin(target, source)) throw new OperationFault('a value cannot be moved into itself');
      return add(root, target, remove(root, source));
    }
    case 'copy':
      return add(root, target, copyWithin(find(root, parsePointer(from, 'from')) as JsonValue, budget));
    case 'test':
      return test(find(root, target), value);
    default:
      throw new OperationFault(`op ${show(op)} is none of add, remove, replace, move, copy, test`);
  }
}

function copyWithin(value: JsonValue, budget: Budget): MutableJson {
  budget.left -= costOfCopy(value, budget.left);
  if (budget.left < 0)
    throw new OperationFault(`the patch copies more than ${maxCopied} elements, or texts as long`);
  return copyJson(value);
}

function required(value: JsonValue | undefined): MutableJson {
  if (value === undefined) throw new OperationFault('the operation has no value');
  return copyJson(value);
}

/** RFC 6901; the steps begin with the member that holds the resource. */
function parsePointer(text: JsonValue | undefined, name: string): readonly string[] {
  if (typeof text !== 'string' || !text.startsWith('/')) {
    throw new OperationFault(`${name} ${show(text)} is not a JSON pointer such as /name/0/family`);
  }
  const steps = text.split('/').slice(1);
  return ['resource', ...steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))];
}

function isWithin(steps: readonly string[], outer: readonly string[]): boolean {
  return steps.length > outer.length && outer.every((step, i) => steps[i] === step);
}

function show(value: unknown): string {
  return value === undefined ? 'is missing and' : JSON.stringify(value).slice(0, 80);
}

function parentOf(
  root: Container,
  steps: readonly string[],
): { readonly parent: Container; readonly last: string } {
  const parent = find(root, steps.slice(0, -1));
  if (typeof parent !== 'object' || parent === null)
    throw new OperationFault(`${pointer(steps)} is not there`);
  return { parent, last: steps[steps.length - 1] ?? '' };
}

function find(root: Container, steps: readonly string[]): MutableJson {
  let value: MutableJson = root;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null)
      throw new OperationFault(`${pointer(steps)} is not there`);
    value = Array.isArray(value) ? value[toIndex(step, value.length - 1)] : own(value, step);
    if (value === undefined) throw new OperationFault(`${pointer(steps)} is not there`);
  }
  return value;
}

function own(object: { readonly [name: string]: MutableJson }, name: string): MutableJson {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function pointer(steps: readonly string[]): string {
  return `/${steps.slice(1).join('/')}`.slice(0, 120);
}

function toIndex(step: string, most: number): number {
  if (!/^(?:0|[1-9][0-9]{0,8})$/.test(step) || Number(step) > most) {
    throw new OperationFault(`"${step.slice(0, 40)}" is no place in an array whose last is ${most}`);
  }
  return Number(step);
}

function add(root: Container, steps: readonly string[], value: MutableJson): void {
  const { parent, last } = parentOf(root, steps);
  if (!Array.isArray(parent)) {
    if (last === '__proto__') throw new OperationFault('"__proto__" is not a FHIR element');
    parent[last] = value;
  } else if (last === '-') {
    parent.push(value);
  } else {
    parent.splice(toIndex(last, parent.length), 0, value);
  }
}

/** In place, so that the members keep their order. */
function replace(root: Container, steps: readonly string[], value: MutableJson): void {
  find(root, steps);
  const { parent, last } = parentOf(root, steps);
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else parent[last] = value;
}

function remove(root: Container, steps: readonly string[]): MutableJson {
  const removed = find(root, steps);
  const { parent, last } = parentOf(root, steps);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return removed;
}

function test(found: MutableJson, expected: JsonValue | undefined): void {
  if (!isSameJson(found, required(expected))) {
    throw new OperationFault(`the test failed: the value there is not ${show(expected)}`);
  }
}
