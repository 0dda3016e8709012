import type { TypeInteraction } from '../access/caller.ts';
import { toWholePersonFilter } from '../access/restrict-filter.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, type Filter } from '../search/filter.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type InteractionContext, withCaller } from './context.ts';

/**
 * The types of which the interaction is not allowed with all that may be about this person. A token may have a scope for one
 * person's doses beside one for several Patients, so that the type alone does not say it.
 */
export async function typesInPart(
  ctx: InteractionContext,
  interaction: TypeInteraction,
  types: readonly ResourceType[],
  patient: ResourceId,
): Promise<readonly ResourceType[]> {
  // A role mostly sees one as it sees the other.
  const known = new Map<string, boolean>();
  const inPart: ResourceType[] = [];
  for (const type of types) {
    const reach = ctx.view.reach(interaction, type);
    if (!reach) continue;
    const whole = toWholePersonFilter(reach);
    const name = JSON.stringify(whole);
    const passes = known.get(name) ?? (await passesOf(ctx, whole, patient));
    known.set(name, passes);
    if (!passes) inPart.push(type);
  }
  return inPart;
}

async function passesOf(ctx: InteractionContext, whole: Filter, patient: ResourceId): Promise<boolean> {
  if (whole.kind === 'concerns' && whole.anyOf.includes(patient)) return true;
  const { view } = withCaller(ctx, { kind: 'system', name: 'whole-person' });
  const person = allOf([{ kind: 'id', anyOf: [patient] }, whole]);
  return (await view.count(['Patient'], person, ctx.hasGone, 'records')) > 0;
}

export async function isOfWholePerson(
  ctx: InteractionContext,
  interaction: TypeInteraction,
  type: ResourceType,
  patient: ResourceId,
): Promise<boolean> {
  return (await typesInPart(ctx, interaction, [type], patient)).length === 0;
}
