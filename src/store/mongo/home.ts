import type { ResourceType } from '../../fhir/resource-type.ts';
import { concerningParams } from '../../search/compartment.ts';
import type { Filter } from '../../search/filter.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { ResourceKey } from '../contract/store.ts';
import { personOf } from './person.ts';

/** Where those lie that concern several patients: a search for one of them looks here too. */
export const ofSeveral = '*';

/** Types of which earlier releases left every document under its own key, whomever it concerned. */
const placedLate: ReadonlySet<ResourceType> = new Set<ResourceType>([
  'AuditEvent',
  'Group',
  'List',
  'MeasureReport',
  'Person',
  'Provenance',
  'Task',
]);

/**
 * The value of the shard key `patient`: `Patient/id` of the only one whom a resource concerns; what concerns nobody has
 * its own key, so that it is found without asking every shard.
 */
export function homeOf({
  type,
  id,
  patients,
}: ResourceKey & { readonly patients: readonly ResourceId[] }): string {
  const [only] = patients;
  if (only === undefined) return `${type}/${id}`;
  return patients.length === 1 ? personOf(only) : ofSeveral;
}

/** Where a resource must lie, when its key alone tells it. */
export function knownHome(key: string): string | undefined {
  const type = key.slice(0, key.indexOf('/')) as ResourceType;
  return concerningParams(type).length === 0 ? key : undefined;
}

/** Where all that matches must lie; undefined when it may lie anywhere. */
export function homesOf(filter: Filter, type: ResourceType): readonly string[] | undefined {
  switch (filter.kind) {
    case 'and':
      return filter.of.map((part) => homesOf(part, type)).find((homes) => homes !== undefined);
    case 'id':
      return concerningParams(type).length === 0 ? filter.anyOf.map((id) => `${type}/${id}`) : undefined;
    case 'concerns':
      return [ofSeveral, ...filter.anyOf.map(personOf)];
    case 'value':
      return homesOfValue(filter, type);
    default:
      return undefined;
  }
}

function homesOfValue(
  { param, test }: Filter & { readonly kind: 'value' },
  type: ResourceType,
): readonly string[] | undefined {
  const [only, ...others] = concerningParams(type);
  if (param !== only || others.length > 0 || placedLate.has(type)) return undefined;
  if (test.kind !== 'reference') return undefined;
  const homes: string[] = [ofSeveral];
  for (const { type: target, id } of test.anyOf) {
    if (target !== 'Patient' || id === undefined) return undefined;
    homes.push(personOf(id));
  }
  return homes;
}
