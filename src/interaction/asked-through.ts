import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { concerningParams } from '../search/compartment.ts';
import type { Filter } from '../search/filter.ts';
import { type InteractionContext, withCaller } from './context.ts';
import { fewCounted } from './few-counted.ts';

type Through = Extract<Filter, { readonly kind: 'chain' | 'has' }>;

/**
 * Has the audit name the persons through whom something is searched that is about nobody: the clinic that is found by a
 * patient's identifier tells whose patient that is. Where more than a few are meant, nothing is told of each.
 */
export async function tellAskedThrough(
  ctx: InteractionContext,
  types: readonly ResourceType[],
  filter: Filter,
): Promise<void> {
  const { trail, hasGone } = ctx;
  if (!trail || types.every(isAboutPersons)) return;
  for (const { type, of } of personsIn(filter)) {
    if (!isResourceType(type)) continue;
    const { view } = withCaller(ctx, { kind: 'system', name: 'audit' });
    const seen = ctx.view.findable(type, of);
    // As few as are told: to count all of a registry takes a while.
    const { matches } = await view.search({
      types: [type],
      filter: seen,
      sort: [],
      count: fewCounted + 1,
      hasGone,
    });
    if (matches.length <= fewCounted) trail.note(matches);
  }
}

function isAboutPersons(type: ResourceType): boolean {
  return type === 'Patient' || concerningParams(type).length > 0;
}

/** The first step on each way that comes to resources of persons: what is asked of them is asked behind it. */
function personsIn(filter: Filter): readonly Through[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(personsIn);
    case 'not':
      return personsIn(filter.of);
    case 'chain':
    case 'has':
      return isResourceType(filter.type) && isAboutPersons(filter.type) ? [filter] : personsIn(filter.of);
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
    case 'lastUpdated':
    case 'value':
    case 'present':
      return [];
  }
}
