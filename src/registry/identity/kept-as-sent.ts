import { objectAt, textAt } from '../../fhir/json-members.ts';
import { Problem } from '../../fhir/problem.ts';
import { toLiteralReference } from '../../fhir/reference.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import { isOwnWord } from '../../interaction/owner-tag.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import type { PlannedStep } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { kindOf } from './record-links.ts';

/**
 * Of a person with several records what each reporter says is kept as it was sent: whose patient the person is as well may add
 * to it, and neither change nor delete the record, or a dose, of another organization. 403 as any write outside of the caller's
 * reach. Who may change all of a type may, and what an operator brought is nobody's word.
 */
export function keptAsSent(): WriteRule {
  return async (_system, plan, ctx) => {
    // Where nobody was ever joined, nothing is looked at.
    if (ctx.caller.kind !== 'token' || !(await ctx.view.hasAliases())) return plan;
    for (const step of plan.steps) await requireOwn(ctx, step);
    return plan;
  };
}

async function requireOwn(ctx: InteractionContext, { change, current }: PlannedStep): Promise<void> {
  if (!change || current?.text === undefined) return;
  const resource = await readStoredJson<Resource>(storedResource(current), ctx.pace);
  const interaction = change.method === 'DELETE' ? 'delete' : 'update';
  if (!(await isKeptFrom(ctx, resource, interaction))) return;
  throw new Problem('forbidden', `The access token does not allow to write ${change.type}/${change.id}`);
}

/** Whether it is the word of somebody else than the caller, about a person who has several records. */
export async function isKeptFrom(
  ctx: InteractionContext,
  resource: Resource,
  interaction: 'update' | 'delete',
): Promise<boolean> {
  const { caller, view } = ctx;
  // What a family may change is by its role what it wrote itself, or its objection.
  if (caller.kind !== 'token' || caller.isIndividual || isOwnWord(caller, resource)) return false;
  if (view.reach(interaction, resource.resourceType as ResourceType) === undefined) return false;
  return isOfSeveral(ctx, resource);
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
