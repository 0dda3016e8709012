import type { TypeInteraction } from '../access/caller.ts';
import { takesWholePersons, toWholePersonFilter } from '../access/restrict-filter.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, type Filter } from '../search/filter.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { type InteractionContext, withCaller } from './context.ts';

/**
 * The types of which the interaction is not allowed with all that may be about each of these Patients, whom the caller sees.
 * A token may have a scope for one person's doses beside one for several Patients, so that the type alone does not say it.
 */
export async function typesInPart(
  ctx: InteractionContext,
  interaction: TypeInteraction,
  types: readonly ResourceType[],
  patients: readonly ResourceId[],
): Promise<readonly ResourceType[]> {
  const known = new Map<string, boolean>();
  const seen = ctx.view.reach('read', 'Patient');
  // A role mostly sees what is about a person as it sees the person.
  if (seen && takesWholePersons(seen)) known.set(JSON.stringify(toWholePersonFilter(seen)), true);
  const inPart: ResourceType[] = [];
  for (const type of types) {
    const reach = ctx.view.reach(interaction, type);
    if (!reach) continue;
    const whole = toWholePersonFilter(reach);
    const name = JSON.stringify(whole);
    const passes = known.get(name) ?? (await areAllOf(ctx, whole, patients));
    known.set(name, passes);
    if (!passes) inPart.push(type);
  }
  return inPart;
}

async function areAllOf(
  ctx: InteractionContext,
  whole: Filter,
  patients: readonly ResourceId[],
): Promise<boolean> {
  if (whole.kind === 'concerns' && patients.every((id) => whole.anyOf.includes(id))) return true;
  const { view } = withCaller(ctx, { kind: 'system', name: 'whole-person' });
  const those = allOf([{ kind: 'id', anyOf: patients }, whole]);
  return (await view.count(['Patient'], those, ctx.hasGone, 'records')) === patients.length;
}

export async function isOfWholePerson(
  ctx: InteractionContext,
  interaction: TypeInteraction,
  type: ResourceType,
  patient: ResourceId,
): Promise<boolean> {
  return (await typesInPart(ctx, interaction, [type], [patient])).length === 0;
}
