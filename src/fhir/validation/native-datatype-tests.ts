import { parseMsRange } from '../../values/instant.ts';
import type { JsonObject } from '../fhir-json.ts';
import { has, hasChoice, objectsAt } from './element-presence.ts';
import type { InvariantTest } from './invariant-test.ts';
import { onObject } from './native-focus.ts';
import type { Scope } from './run.ts';

const ucum = 'http://unitsofmeasure.org';
const isAbsentOr = (node: JsonObject, name: string, value: string) =>
  !has(node, name) || node[name] === value;
const codeIfValue = (node: JsonObject) => has(node, 'code') || !has(node, 'value');
const ifHas = (name: string, needed: string) => onObject((node) => !has(node, name) || has(node, needed));

export const datatypeTests: Readonly<Record<string, InvariantTest>> = {
  'per-1': onObject((node) => startsBeforeEnd(node)),
  'rng-2': onObject((node) => isLowBelowHigh(node)),
  'rat-1': onObject(
    (node) =>
      has(node, 'numerator') === has(node, 'denominator') &&
      (has(node, 'numerator') || has(node, 'extension')),
  ),
  'qty-3': ifHas('code', 'system'),
  'sqty-1': onObject((node) => !has(node, 'comparator')),
  'age-1': onObject((node) => codeIfValue(node) && isAbsentOr(node, 'system', ucum) && isPositive(node)),
  'dis-1': onObject((node) => codeIfValue(node) && isAbsentOr(node, 'system', ucum)),
  'cnt-3': onObject(
    (node) =>
      codeIfValue(node) &&
      isAbsentOr(node, 'system', ucum) &&
      isAbsentOr(node, 'code', '1') &&
      (typeof node['value'] !== 'number' || Number.isInteger(node['value'])),
  ),
  'drt-1': onObject((node) => !has(node, 'code') || (node['system'] === ucum && has(node, 'value'))),
  'att-1': ifHas('data', 'contentType'),
  'cpt-2': ifHas('value', 'system'),
  'exp-1': onObject((node) => has(node, 'expression') || has(node, 'reference')),
  'ref-1': onObject((node, scope) => isContainedThere(node, scope)),
  'tim-1': ifHas('duration', 'durationUnit'),
  'tim-2': ifHas('period', 'periodUnit'),
  'tim-4': onObject((node) => isNotNegative(node, 'duration')),
  'tim-5': onObject((node) => isNotNegative(node, 'period')),
  'tim-6': ifHas('periodMax', 'period'),
  'tim-7': ifHas('durationMax', 'duration'),
  'tim-8': ifHas('countMax', 'count'),
  'tim-10': onObject((node) => !has(node, 'timeOfDay') || !has(node, 'when')),
  'inv-1': onObject(holdsOne),
};

/** Of partial dates, only what cannot be is refused: 2020 to 2020-05 may well be. */
function startsBeforeEnd({ start, end }: JsonObject): boolean {
  const first = typeof start === 'string' ? parseMsRange(start) : undefined;
  const last = typeof end === 'string' ? parseMsRange(end) : undefined;
  return !first || !last || first.first <= last.last;
}

/** Quantities of different units are not compared. */
function isLowBelowHigh(node: JsonObject): boolean {
  const [low] = objectsAt(node, 'low');
  const [high] = objectsAt(node, 'high');
  const [from, to] = [low?.['value'], high?.['value']];
  if (typeof from !== 'number' || typeof to !== 'number') return true;
  const sameUnit = ['system', 'code', 'unit'].every((name) => low?.[name] === high?.[name]);
  return !sameUnit || from <= to;
}

function isPositive({ value }: JsonObject): boolean {
  return typeof value !== 'number' || value > 0;
}

function isNotNegative(node: JsonObject, name: string): boolean {
  const value = node[name];
  return typeof value !== 'number' || value >= 0;
}

function isContainedThere({ reference }: JsonObject, { root, resource, contained }: Scope): boolean {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return true;
  // A contained resource points with '#' at the one that holds it.
  if (reference === '#') return root !== resource;
  return contained.has(reference.slice(1));
}

/** A parameter is of parts, or of a value, or of a resource. */
function holdsOne(node: JsonObject): boolean {
  const [part, value, resource] = [has(node, 'part'), hasChoice(node, 'value'), has(node, 'resource')];
  return part ? !value && !resource : value !== resource;
}
