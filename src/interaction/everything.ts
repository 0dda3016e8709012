import { Problem } from '../fhir/problem.ts';
import { isResourceType, type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { compartmentFilter } from '../search/compartment.ts';
import { allOf, anyOf, type DateBound, type Filter, not, nothing } from '../search/filter.ts';
import { parseDateValue } from '../search/parse-date.ts';
import type { SearchPage, StoredResource } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import type { InteractionContext, Operation, OperationCall } from './context.ts';
import { findReferred } from './find-included.ts';
import { pageLinks } from './page-links.ts';
import type { ParameterList } from './parse-query.ts';
import { readResource } from './read-resource.ts';
import { spliceBundle } from './splice-bundle.ts';
import { withKnownCursor } from './with-known-cursor.ts';

const defaultCount = 200;
const maxCount = 1000;

/** `Patient/[id]/$everything` (R4 patient-operation-everything.html). */
export const everythingOperation: Operation = {
  code: 'everything',
  level: 'instance',
  types: ['Patient'],
  get: true,
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  run: async (ctx, call) => {
    if (call.id === undefined) throw new Error('$everything was called without an id');
    return everythingPage(ctx, call.id, call);
  },
};

/** Which types of the compartment, from which place on, and what of them. */
type Request = {
  readonly withPatient: boolean;
  /** Beside the Patient. */
  readonly types: readonly ResourceType[];
  readonly filters: (type: ResourceType) => readonly Filter[];
  readonly count: number;
  readonly place: Place;
};

/** The type that a page begins with, and the store's cursor in it. */
type Place = { readonly type: number; readonly after?: string };

async function everythingPage(ctx: InteractionContext, id: ResourceId, call: OperationCall): Promise<string> {
  const parameters = [...call.query, ...primitives(call)].filter(
    ([name]) => name !== '_format' && name !== '_pretty',
  );
  const patient = await readResource(ctx, { type: 'Patient', id });
  const request = toRequest(parameters);
  const isFirst = request.place.type === 0 && request.place.after === undefined;
  const found: StoredResource[] = isFirst && request.withPatient ? [patient] : [];
  const next = await collect(ctx, id, request, found);
  const referred = await findReferred(ctx, found, supporting);
  const self = parameters.filter(([name]) => name !== '_cursor');
  const link = pageLinks(ctx.baseUrl, `Patient/${id}/$everything`, self, next && writePlace(next));
  const entries = [...found, ...referred].map((resource, index) => ({
    fullUrl: `${ctx.baseUrl}/${resource.type}/${resource.id}`,
    text: resource.text,
    rest: { search: { mode: index < found.length ? 'match' : 'include' } },
  }));
  return spliceBundle({ resourceType: 'Bundle', type: 'searchset', link }, entries);
}

/** What the resources of a person refer to without being part of the compartment. */
const supporting: ReadonlySet<ResourceType> = new Set([
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'Location',
  'Medication',
  'Device',
]);

/** Fills the page type by type; answers where the next one begins. */
async function collect(
  ctx: InteractionContext,
  id: ResourceId,
  request: Request,
  found: StoredResource[],
): Promise<Place | undefined> {
  const { types, count, place } = request;
  for (const [index, type] of types.entries()) {
    if (index < place.type) continue;
    if (found.length >= count) return { type: index };
    const after = index === place.type ? place.after : undefined;
    const page = await searchOwn(ctx, id, request, type, count - found.length, after);
    found.push(...page.matches);
    if (page.next !== undefined) return { type: index, after: page.next };
  }
  return undefined;
}

function searchOwn(
  ctx: InteractionContext,
  id: ResourceId,
  { filters }: Request,
  type: ResourceType,
  count: number,
  after: string | undefined,
): Promise<SearchPage> {
  const own = compartmentFilter(id, type, 'all') ?? nothing;
  const query = { types: [type], filter: allOf([own, ...filters(type)]), sort: [], count };
  return withKnownCursor(() => ctx.store.search(after === undefined ? query : { ...query, after }));
}

function writePlace({ type, after }: Place): string {
  return after === undefined ? String(type) : `${type}.${after}`;
}

function readPlace(text: string): Place {
  const [, type, after] = /^([0-9]{1,3})(?:\.(.*))?$/.exec(text) ?? [];
  if (type === undefined)
    throw new Problem('invalid-parameter', '_cursor is none of $everything; follow its links');
  return { type: Number(type), ...(after !== undefined && { after }) };
}

function primitives({ body }: OperationCall): ParameterList {
  const parameters = body?.resource['parameter'];
  if (!Array.isArray(parameters)) return [];
  return parameters.flatMap((parameter: unknown) => {
    if (typeof parameter !== 'object' || parameter === null || !('name' in parameter)) return [];
    const value = Object.entries(parameter).find(([name]) => name.startsWith('value'))?.[1];
    return [[String(parameter.name), String(value)] as const];
  });
}

function toRequest(parameters: ParameterList): Request {
  const one = (name: string) => parameters.find(([each]) => each === name)?.[1];
  const known = ['start', 'end', '_since', '_type', '_count', '_cursor'];
  const unknown = parameters.find(([name]) => !known.includes(name));
  if (unknown) {
    throw new Problem(
      'unknown-parameter',
      `$everything has no parameter "${unknown[0]}"; it has ${known.join(', ')}`,
    );
  }
  const types = typesOf(one('_type'));
  const place = one('_cursor');
  return {
    withPatient: types.includes('Patient'),
    types: types.filter((type) => type !== 'Patient' && compartmentFilter('', type, 'all') !== undefined),
    filters: filtersOf(one('start'), one('end'), one('_since')),
    count: countOf(one('_count')),
    place: place === undefined ? { type: 0 } : readPlace(place),
  };
}

function typesOf(text: string | undefined): readonly ResourceType[] {
  if (text === undefined) return resourceTypes;
  return text.split(',').map((name) => {
    if (isResourceType(name)) return name;
    throw new Problem('invalid-parameter', `_type=${name} is not a resource type that this server keeps`);
  });
}

function countOf(text: string | undefined): number {
  if (text === undefined) return defaultCount;
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new Problem('invalid-parameter', `_count=${text} is not a number above 0`);
  return Math.min(Number(text), maxCount);
}

/** The date of care of each type; a resource without one belongs to every time. */
const careDates: Partial<Record<ResourceType, string>> = {
  AllergyIntolerance: 'date',
  Condition: 'onset-date',
  DocumentReference: 'date',
  Encounter: 'date',
  Immunization: 'date',
  ImmunizationEvaluation: 'date',
  ImmunizationRecommendation: 'date',
  Observation: 'date',
  Procedure: 'date',
};

function filtersOf(start?: string, end?: string, since?: string): (type: ResourceType) => readonly Filter[] {
  const bounds: DateBound[] = [];
  if (start !== undefined) bounds.push({ end: 'last', is: '>=', at: requireSpan('start', start).first });
  if (end !== undefined) bounds.push({ end: 'first', is: '<=', at: requireSpan('end', end).last });
  const written = since === undefined ? undefined : requireSpan('_since', since).first;
  return (type) => {
    const filters: Filter[] = [];
    if (written !== undefined) filters.push({ kind: 'lastUpdated', bounds: [{ is: '>=', at: written }] });
    const param = careDates[type];
    if (bounds.length > 0 && param !== undefined) {
      const dated: Filter = { kind: 'value', param, test: { kind: 'date', bounds } };
      filters.push(anyOf([dated, not({ kind: 'present', param, kinds: ['date'] })]));
    }
    return filters;
  };
}

function requireSpan(name: string, text: string) {
  const span = parseDateValue(text);
  if (span === undefined)
    throw new Problem('invalid-parameter', `${name}=${text} is not a FHIR date or time`);
  return span;
}
