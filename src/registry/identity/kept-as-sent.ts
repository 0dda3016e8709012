import { objectAt, textAt } from '../../fhir/json-members.ts';
import { Problem } from '../../fhir/problem.ts';
import { toLiteralReference } from '../../fhir/reference.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import { isOwnWord } from '../../interaction/owner-tag.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import type { PlannedStep } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { kindOf } from './record-links.ts';

/**
 * Of a person with several records what each reporter says is kept as it was sent: whose patient the person is as well may add
 * to it, and neither change nor delete the record, or a dose, of another organization. 403 as any write outside of the caller's
 * reach. Who may change all of a type may, and what an operator brought is nobody's word.
 */
export function keptAsSent(): WriteRule {
  return async (system, plan, ctx) => {
    for (const step of plan.steps) {
      const replaced = replacedBy(step, ctx);
      if (!replaced || !(await isOfSeveral(system, replaced))) continue;
      throw new Problem(
        'forbidden',
        `The access token does not allow to write ${replaced.resourceType}/${replaced.id}`,
      );
    }
    return plan;
  };
}

/** What the step changes or deletes, where it is the word of somebody else. */
function replacedBy(
  { change, current }: PlannedStep,
  { caller, view }: InteractionContext,
): Resource | undefined {
  // What a family may change is by its role what it wrote itself, or its objection.
  if (!change || current?.text === undefined || caller.kind !== 'token' || caller.isIndividual)
    return undefined;
  const interaction = change.method === 'DELETE' ? 'delete' : 'update';
  if (view.reach(interaction, change.type) === undefined) return undefined;
  const { resource } = parseStored(storedResource(current));
  return isOwnWord(caller, resource) ? undefined : resource;
}

/** Whether it is a source, or about somebody who has several records. */
async function isOfSeveral({ view, baseUrl }: InteractionContext, resource: Resource): Promise<boolean> {
  if (resource.resourceType === 'Patient') return kindOf(resource) === 'source';
  const patients = ['patient', 'subject'].flatMap((name) => {
    const text = textAt(objectAt(resource, name), 'reference') ?? '';
    const reference = toLiteralReference(text, baseUrl);
    return reference.kind === 'local' && reference.type === 'Patient' ? [reference.id] : [];
  });
  return patients.length > 0 && (await view.aliasesOf(patients)).size > 0;
}
