import type { TypeInteraction } from '../access/caller.ts';
import { toWholePersonFilter } from '../access/restrict-filter.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf } from '../search/filter.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type InteractionContext, withCaller } from './context.ts';

/**
 * Whether the interaction is allowed with all of the type that may be about this person. A token may have a scope for one
 * person's doses beside one for several Patients, so that the type alone does not say it.
 */
export async function isOfWholePerson(
  ctx: InteractionContext,
  interaction: TypeInteraction,
  type: ResourceType,
  patient: ResourceId,
): Promise<boolean> {
  const reach = ctx.view.reach(interaction, type);
  if (!reach) return true;
  const whole = toWholePersonFilter(reach);
  if (whole.kind === 'concerns' && whole.anyOf.includes(patient)) return true;
  const { view } = withCaller(ctx, { kind: 'system', name: 'whole-person' });
  const person = allOf([{ kind: 'id', anyOf: [patient] }, whole]);
  return (await view.count(['Patient'], person, ctx.hasGone, 'records')) > 0;
}
