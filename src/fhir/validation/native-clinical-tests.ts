import type { JsonObject } from '../fhir-json.ts';
import { has, hasChoice, hasCoding, objectsAt } from './element-presence.ts';
import type { InvariantTest } from './invariant-test.ts';
import { onObject } from './native-focus.ts';
import type { Scope } from './run.ts';

const terminology = 'http://terminology.hl7.org/CodeSystem/';
const oneOf = (...names: readonly string[]) => onObject((node) => names.some((name) => has(node, name)));
const notBoth = (one: string, other: string) => onObject((node) => !has(node, one) || !has(node, other));
/** The published rules name their system so. */
const withPatient = (code: string) =>
  onObject((node) => has(node, 'patient') || !hasCoding(node['scope'], 'something', [code]));
const notAtHome = onObject((node) => node['use'] !== 'home');

export const clinicalTests: Readonly<Record<string, InvariantTest>> = {
  'pat-1': oneOf('name', 'telecom', 'address', 'organization'),
  'imm-1': oneOf('documentType', 'reference'),
  'imr-1': oneOf('vaccineCode', 'targetDisease'),
  'obs-3': oneOf('low', 'high', 'text'),
  'obs-6': onObject((node) => !has(node, 'dataAbsentReason') || !hasChoice(node, 'value')),
  'obs-7': onObject(hasNoComponentOfOwnCode),
  'con-1': oneOf('summary', 'assessment'),
  'con-2': oneOf('code', 'detail'),
  'con-3': onObject(
    (node) => has(node, 'clinicalStatus') || isConditionError(node) || !isOnProblemList(node),
  ),
  'con-4': onObject(
    (node) =>
      !hasChoice(node, 'abatement') ||
      hasCoding(node['clinicalStatus'], `${terminology}condition-clinical`, [
        'resolved',
        'remission',
        'inactive',
      ]),
  ),
  'con-5': onObject((node) => !isConditionError(node) || !has(node, 'clinicalStatus')),
  'ait-1': onObject((node) => isAllergyError(node) || has(node, 'clinicalStatus')),
  'ait-2': onObject((node) => !isAllergyError(node) || !has(node, 'clinicalStatus')),
  'org-1': oneOf('identifier', 'name'),
  'org-2': notAtHome,
  'org-3': notAtHome,
  'grp-1': onObject((node) => !has(node, 'member') || node['actual'] === true),
  'lst-1': notBoth('emptyReason', 'entry'),
  'lst-2': onObject((node) => node['mode'] === 'changes' || !someEntryHas(node, 'deleted')),
  'lst-3': onObject((node) => node['mode'] === 'working' || !someEntryHas(node, 'date')),
  'lnk-1': onObject((node) => objectsAt(node, 'item').length > 1),
  'ppc-1': oneOf('policy', 'policyRule'),
  'ppc-2': withPatient('patient-privacy'),
  'ppc-3': withPatient('research'),
  'ppc-4': withPatient('adr'),
  'ppc-5': withPatient('treatment'),
  // It asks for the target of a reference, which is not fetched.
  'ctm-1': () => true,
  'ras-2': onObject(
    ({ probabilityDecimal }) => typeof probabilityDecimal !== 'number' || probabilityDecimal <= 100,
  ),
  'sev-1': notBoth('name', 'query'),
  'qrs-1': notBoth('answer', 'item'),
};

function isConditionError(node: JsonObject): boolean {
  return hasCoding(node['verificationStatus'], `${terminology}condition-ver-status`, ['entered-in-error']);
}

/** The published expression compares a concept with a string, so it never sees the list; this is what it means. */
function isOnProblemList(node: JsonObject): boolean {
  const system = `${terminology}condition-category`;
  return objectsAt(node, 'category').some((category) => hasCoding(category, system, ['problem-list-item']));
}

function isAllergyError(node: JsonObject): boolean {
  const system = `${terminology}allergyintolerance-verification`;
  return hasCoding(node['verificationStatus'], system, ['entered-in-error']);
}

function someEntryHas(node: JsonObject, name: string): boolean {
  return objectsAt(node, 'entry').some((entry) => has(entry, name));
}

/** A value belongs to `code`; a component that has the same code would say it twice. */
function hasNoComponentOfOwnCode(node: JsonObject, { resource }: Scope): boolean {
  if (!hasChoice(node, 'value') || !has(node, 'component')) return true;
  const own = new Set(codingsOf(resource).map((coding) => JSON.stringify(coding)));
  return !objectsAt(node, 'component')
    .flatMap(codingsOf)
    .some((coding) => own.has(JSON.stringify(coding)));
}

function codingsOf(node: JsonObject): readonly JsonObject[] {
  return objectsAt(node, 'code').flatMap((code) => objectsAt(code, 'coding'));
}
