import type { ResourceType } from '../../fhir/resource-type.ts';
import { concerningParams } from '../../search/compartment.ts';
import type { Filter } from '../../search/filter.ts';
import { assumeType } from './assume-type.ts';

/** A test of reach; `person` = whom the other parts ask for, so that what this one bears is looked up once. */
export type ReachPart = Extract<Filter, { readonly kind: 'reach' }> & { readonly person?: string };

/** The parts of an `and` that resources of this type have to pass. */
export function conjunctsOf(filter: Filter, type: string): readonly Filter[] {
  const parts = joinTimes(partsOf(assumeType(filter, type)));
  return withPerson(parts, personIn(parts, type));
}

/** The same of a filter beside which others ask for this person. */
export function conjunctsBeside(filter: Filter, type: string, person: string | undefined): readonly Filter[] {
  return withPerson(joinTimes(partsOf(assumeType(filter, type))), person);
}

/** What an `and` asks, however deep. */
export function partsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'and' ? filter.of.flatMap(partsOf) : [filter];
}

/** There is one such time, so all bounds hold for it at once: one range of the index. */
function joinTimes(parts: readonly Filter[]): readonly Filter[] {
  const times = parts.filter((part) => part.kind === 'lastUpdated');
  if (times.length < 2) return parts;
  const others = parts.filter((part) => part.kind !== 'lastUpdated');
  return [...others, { kind: 'lastUpdated', bounds: times.flatMap(({ bounds }) => bounds) }];
}

function withPerson(parts: readonly Filter[], person: string | undefined): readonly Filter[] {
  return person === undefined ? parts : parts.map((part) => besidePerson(part, person));
}

function besidePerson(part: Filter, person: string): Filter {
  if (part.kind === 'reach') return { ...part, person } as ReachPart;
  if (part.kind === 'not') return { kind: 'not', of: besidePerson(part.of, person) };
  if (part.kind !== 'and' && part.kind !== 'or') return part;
  return { kind: part.kind, of: withPerson(part.of, person) };
}

/** The one Patient whom a part asks for. */
export function personIn(parts: readonly Filter[], type: string): string | undefined {
  for (const part of parts) {
    const person = personOf(part, type);
    if (person !== undefined) return person;
  }
  return undefined;
}

function personOf(part: Filter, type: string): string | undefined {
  if (part.kind === 'concerns') return only(part.anyOf);
  if (part.kind === 'id') return type === 'Patient' ? only(part.anyOf) : undefined;
  if (part.kind !== 'value' || part.test.kind !== 'reference') return undefined;
  if (!concerningParams(type as ResourceType).includes(part.param)) return undefined;
  const target = only(part.test.anyOf);
  return target?.type === 'Patient' ? target.id : undefined;
}

function only<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** What is likely to find few comes first, so that it is the first to be counted. */
export function rankOf(filter: Filter): number {
  if (filter.kind === 'id') return 0;
  if (filter.kind === 'concerns') return 1.5;
  // One of several: no more likely than the likeliest of them.
  if (filter.kind === 'or') return Math.max(0, ...filter.of.map(rankOf));
  if (filter.kind !== 'value') return 5;
  if (filter.test.kind === 'string') return ['substring', 'suffix'].includes(filter.test.match) ? 6 : 2;
  return filter.test.kind === 'reference' ? 1 : filter.test.kind === 'token' ? 3 : 4;
}
