import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Filter } from '../search/filter.ts';
import { isBorneByOne } from '../search/reach.ts';

/** An element by which is decided who sees what, and what of it counts. */
export type DecidingElement = {
  readonly path: string;
  readonly of: (resource: JsonObject) => JsonValue | undefined;
};

/**
 * What nobody changes whose own reach ends somewhere: by the town of its organization a board of health sees people, by
 * `partOf` an organization sees those of another, by a RelatedPerson a parent sees a child. What the marks of
 * search/reach.ts say needs no row: a person must be within reach before it is written about.
 */
const elements: Partial<Record<ResourceType, readonly DecidingElement[]>> = {
  Organization: [
    { path: 'Organization.partOf', of: ({ partOf }) => partOf },
    { path: 'Organization.type', of: ({ type }) => type },
    { path: 'Organization.address.city', of: ({ address }) => citiesOf(address) },
  ],
  RelatedPerson: [
    { path: 'RelatedPerson.patient', of: ({ patient }) => patient },
    { path: 'RelatedPerson.active', of: ({ active }) => active },
    { path: 'RelatedPerson.period', of: ({ period }) => period },
  ],
};

export function decidingElements(type: ResourceType): readonly DecidingElement[] {
  return elements[type] ?? [];
}

function citiesOf(address: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(address)) return [];
  const cities = (address as readonly (JsonObject | null)[]).flatMap((one) => one?.['city'] ?? []);
  return [...new Set(cities)].sort();
}

/** Whether somebody sees more when an objection ends: who sees a person by right does not. */
export function isHeldByObjections(reach: Filter): boolean {
  switch (reach.kind) {
    case 'and':
    case 'or':
      return reach.of.some(isHeldByObjections);
    case 'not':
      return isHeldByObjections(reach.of);
    case 'reach':
      return reach.anyOf.some(isBorneByOne);
    case 'id':
    case 'type':
    case 'concerns':
    case 'lastUpdated':
    case 'value':
    case 'present':
    case 'chain':
    case 'has':
      return false;
  }
}
