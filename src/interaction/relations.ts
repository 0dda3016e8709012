import type { StoredVersion } from '../store/contract/store.ts';
import type { PlannedStep, WritePlan } from './write-plan.ts';

/**
 * Whether a plan may change what a token was found to reach: whose parent somebody is, which organizations are below which,
 * where they stand, and whose child somebody still is. Rather once too often: everybody is then looked up anew.
 */
export function changesRelations({ steps }: WritePlan): boolean {
  return steps.some(isRelation);
}

function isRelation({ change, current }: PlannedStep): boolean {
  if (change?.type === 'Organization') return true;
  // Nobody is yet who a RelatedPerson says that is new, and messages bring one for each parent of a child.
  if (change?.type === 'RelatedPerson') return current !== undefined;
  // A person who is new is nobody's child yet.
  return change?.type === 'Patient' && current?.text !== undefined && toldOf(current) !== toldOf(change);
}

/** Enough to see a difference, without parsing: what a patient's texts say of age and of being kept. */
function toldOf({ text }: StoredVersion): string {
  return text === undefined ? '' : `${text.match(/"birthDate":"[^"]*"/)} ${text.match(/"active":\w+/)}`;
}
