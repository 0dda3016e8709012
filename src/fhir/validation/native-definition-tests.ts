import type { JsonObject } from '../fhir-json.ts';
import { areDistinct, has, objectsAt } from './element-presence.ts';
import type { InvariantTest } from './invariant-test.ts';
import { onObject } from './native-focus.ts';

/** Of the rules `…-0`: a name that a machine can use. A missing one is no fault. */
const usableName = onObject(
  ({ name }) => typeof name !== 'string' || /^[A-Z][A-Za-z0-9_]{0,254}$/.test(name),
);
const definitionPrefixes =
  'adf cid cmd cpb cpd csd ees esc evd evi evv gdf ig lib mea msd nsd opd pdf que red rsd rvs sdf smp spd tcp tst vsd';
const nameRules = definitionPrefixes
  .split(' ')
  .map((key): [string, InvariantTest] => [`${key}-0`, usableName]);

export const definitionTests: Readonly<Record<string, InvariantTest>> = {
  ...Object.fromEntries(nameRules),
  'csd-1': onObject((node) => areDistinct(codesBelow(node))),
  'vsd-1': onObject((node) => has(node, 'valueSet') || has(node, 'system')),
  'vsd-2': onObject((node) => !(has(node, 'concept') || has(node, 'filter')) || has(node, 'system')),
  'vsd-3': onObject((node) => !has(node, 'concept') || !has(node, 'filter')),
  'vsd-6': onObject((node) => has(node, 'code') || has(node, 'display')),
  'vsd-9': onObject((node) => has(node, 'code') || node['abstract'] === true),
  'vsd-10': onObject((node) => !has(node, 'code') || has(node, 'system')),
};

function codesBelow(node: JsonObject): readonly JsonObject[string][] {
  return objectsAt(node, 'concept').flatMap((concept) => [concept['code'], ...codesBelow(concept)]);
}
