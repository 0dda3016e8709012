import type { JsonObject, JsonValue } from '../fhir-json.ts';
import { areDistinct, has, hasChoice, objectsAt } from './element-presence.ts';
import type { InvariantTest } from './invariant-test.ts';
import { onObject } from './native-focus.ts';
import { isObject } from './run.ts';

const pointing: readonly unknown[] = ['Reference', 'canonical'];
const part = '[^\\s.,:;\'"/|?!@#$%&*()[\\]{}]{1,64}';
const elementPath = new RegExp(`^${part}(\\.${part}(\\[x\\])?(:[^\\s.]+)?)*$`);
const plainPath = /^[A-Za-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*(\[x\])?)*$/;
const valueSetUrl = /^(?:http:|https|urn:)/;
const lacks = (node: JsonObject, ...names: readonly string[]) => !names.some((name) => has(node, name));
const lacksChoice = (node: JsonObject, ...names: readonly string[]) =>
  !names.some((name) => hasChoice(node, name));
const eachElement = (test: (element: JsonObject) => boolean) =>
  onObject((node) => objectsAt(node, 'element').every(test));

/** Rules of ElementDefinition and StructureDefinition: a snapshot has hundreds of elements, each with twenty rules. */
export const structureTests: Readonly<Record<string, InvariantTest>> = {
  'eld-1': onObject((node) => has(node, 'discriminator') || has(node, 'description')),
  'eld-2': onObject(isMinBelowMax),
  'eld-3': (focus) => focus === '*' || (typeof focus === 'string' && /^\+?[0-9]+$/.test(focus)),
  'eld-4': onObject((node) => !has(node, 'aggregation') || pointing.includes(node['code'])),
  'eld-5': onObject(
    (node) =>
      !has(node, 'contentReference') ||
      (lacks(node, 'type', 'example', 'maxLength', 'binding') &&
        lacksChoice(node, 'defaultValue', 'fixed', 'pattern', 'minValue', 'maxValue')),
  ),
  'eld-6': onObject((node) => !hasChoice(node, 'fixed') || objectsAt(node, 'type').length <= 1),
  'eld-7': onObject((node) => !hasChoice(node, 'pattern') || objectsAt(node, 'type').length <= 1),
  'eld-8': onObject((node) => !hasChoice(node, 'pattern') || !hasChoice(node, 'fixed')),
  // As it is written, any type will do.
  'eld-11': () => true,
  'eld-12': onObject(({ valueSet }) => typeof valueSet !== 'string' || valueSetUrl.test(valueSet)),
  'eld-13': onObject((node) => areDistinct(objectsAt(node, 'type').map(({ code }) => code))),
  'eld-14': onObject((node) => areDistinct(objectsAt(node, 'constraint').map(({ key }) => key))),
  'eld-15': onObject((node) => !hasChoice(node, 'defaultValue') || !has(node, 'meaningWhenMissing')),
  'eld-16': onObject(
    ({ sliceName }) => typeof sliceName !== 'string' || /^[a-zA-Z0-9/\-_[\]@]+$/.test(sliceName),
  ),
  'eld-17': onObject((node) => pointing.includes(node['code']) || !has(node, 'targetProfile')),
  'eld-18': onObject((node) => node['isModifier'] !== true || has(node, 'isModifierReason')),
  'eld-19': onObject(({ path }) => typeof path !== 'string' || elementPath.test(path)),
  'eld-20': onObject(({ path }) => typeof path !== 'string' || plainPath.test(path)),
  'eld-21': onObject((node) => has(node, 'expression')),
  'eld-22': onObject((node) => !has(node, 'sliceIsConstraining') || has(node, 'sliceName')),
  'sdf-1': onObject(
    (node) =>
      node['derivation'] === 'constraint' ||
      areDistinct(elementsOf(node, 'snapshot').map(({ path }) => path)),
  ),
  'sdf-3': eachElement((element) => has(element, 'definition') && has(element, 'min') && has(element, 'max')),
  'sdf-8': onObject(
    (node, { resource }) =>
      (resource['kind'] === 'logical' || firstPath(node) === resource['type']) &&
      isBelow(objectsAt(node, 'element'), `${firstPath(node)}.`),
  ),
  'sdf-8a': onObject(
    (node, { resource }) =>
      (resource['kind'] === 'logical' || firstPath(node).startsWith(String(resource['type']))) &&
      isBelow(objectsAt(node, 'element'), `${firstPath(node).replace(/\..*/, '')}.`),
  ),
  'sdf-8b': eachElement((element) => has(element, 'base')),
  'sdf-14': onObject((node) =>
    ['snapshot', 'differential'].every((view) =>
      elementsOf(node, view).every((element) => has(element, 'id')),
    ),
  ),
  'sdf-16': onObject((node) => hasDistinctIds(node, 'snapshot')),
  'sdf-17': onObject((node) => hasDistinctIds(node, 'differential')),
  'sdf-20': eachElement(({ path, slicing }) => String(path).includes('.') || slicing === undefined),
};

function isMinBelowMax({ min, max }: JsonObject): boolean {
  return typeof min !== 'number' || typeof max !== 'string' || max === '*' || min <= Number(max);
}

function firstPath(view: JsonObject): string {
  return String(objectsAt(view, 'element')[0]?.['path'] ?? '');
}

function isBelow(elements: readonly JsonObject[], start: string): boolean {
  return elements.slice(1).every(({ path }) => String(path).startsWith(start));
}

function elementsOf(node: JsonObject, view: string): readonly JsonObject[] {
  const held: JsonValue | undefined = node[view];
  return isObject(held) ? objectsAt(held, 'element') : [];
}

function hasDistinctIds(node: JsonObject, view: string): boolean {
  const elements = elementsOf(node, view);
  return elements.every((element) => has(element, 'id')) && areDistinct(elements.map(({ id }) => id));
}
