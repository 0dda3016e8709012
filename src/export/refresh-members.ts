import { isDeepStrictEqual } from 'node:util';
import { type Issue, Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { isResourceType } from '../fhir/resource-type.ts';
import { type InteractionContext, type StoredResource, withCaller } from '../interaction/context.ts';
import { parseCriteria } from '../interaction/find-matches.ts';
import { parseQuery } from '../interaction/parse-query.ts';
import { parseStoredInTurns } from '../interaction/parse-stored.ts';
import { patchResource } from '../interaction/patch-resource.ts';
import { concerningParams } from '../search/compartment.ts';
import { allOf, anyOf, type Filter } from '../search/filter.ts';
import { paramsOfFilter } from '../search/used-params.ts';
import { formatInstant } from '../values/instant.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { wholeRecord } from './forecasts.ts';
import { requireModestCost } from './modest-cost.ts';
import { personsInStates, readState, type StatesOf } from './persons-in-states.ts';

const definitions = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition';
const memberFilter = `${definitions}/member-filter`;
const membersRefreshed = `${definitions}/members-refreshed`;
const queryLanguage = 'application/x-fhir-query';
/** Our own: what the forecast says of a vaccine group. */
const forecastLanguage = 'text/x-jenner-forecast';

/**
 * A forecast takes milliseconds, and somebody waits: other criteria must leave no more people than these. So many can
 * be named one by one, too.
 */
const mostForecasts = 5000;

/** All of them hold together: nobody needs as many. */
const mostCriteria = 20;

/** A Group of more is too large to be one resource. */
const mostMembers = 100_000;
const pageSize = 1000;

type Extension = {
  readonly url: string;
  readonly valueExpression?: { readonly language?: string; readonly expression?: string };
};

/** A Group with its members; `isKept` where the store has them so. */
export type Refreshed = {
  readonly group: StoredResource;
  readonly isKept: boolean;
  /** Of whom it cannot be said whether they belong to it. */
  readonly issues: readonly Issue[];
};

/**
 * Of a Group with criteria (Bulk Cohort Group) its members are looked for anew; any other is answered as it is. All
 * criteria must hold; one on another type than Patient holds of whom such a resource is about. Who does not see
 * everybody, and all that the criteria ask about, exports those members that it sees, and the Group stays as it is: else it
 * would lose the others, and what becomes of it would tell of them.
 */
export async function refreshMembers(
  ctx: InteractionContext,
  stored: StoredResource,
  states: StatesOf | undefined,
): Promise<Refreshed> {
  const { resource } = await parseStoredInTurns(stored, ctx.pace);
  const criteria = criteriaOf(resource);
  if (criteria.length === 0) return { group: stored, isKept: true, issues: [] };
  if (criteria.length > mostCriteria) {
    throw new Problem('not-supported', `member-filter: a Group may have ${mostCriteria} criteria`);
  }
  const filters: Filter[] = [];
  const forecasts = criteria
    .filter(isForecast)
    .map(({ valueExpression }) => readState(valueExpression?.expression ?? '', states));
  for (const one of criteria.filter((each) => !isForecast(each)))
    filters.push(await personsMeeting(ctx, one));
  requireModestCost(filters, 'member-filter');
  const seesAll = seesAllOf(ctx, allOf(filters), forecasts.length > 0);
  const most = forecasts.length > 0 || !seesAll ? mostForecasts : mostMembers;
  const found = await findPersons(ctx, allOf(filters), most);
  const { persons, issues } = await personsInStates(ctx, found, forecasts, states);
  const made = { persons, at: formatInstant(ctx.clock.now()) };
  if (!seesAll) {
    const group = { ...stored, text: JSON.stringify(withPersons(resource, made)) };
    return { group, isKept: false, issues };
  }
  // To be refreshed is no right of its own: who may read the Group may have it made anew.
  const own = withCaller(ctx, { kind: 'system', name: 'server' });
  // Who wrote the Group meanwhile keeps what was written; by other criteria other persons belong to it.
  let isMeant = true;
  const { version } = await patchResource(own, stored, (now) => {
    isMeant = isDeepStrictEqual(criteriaOf(now.resource), criteria);
    return isMeant ? { ...now, resource: withPersons(now.resource, made) } : now;
  });
  if (!isMeant) return refreshMembers(ctx, version, states);
  return { group: version, isKept: true, issues };
}

function seesAllOf({ view }: InteractionContext, filter: Filter, isForecast: boolean): boolean {
  const beside = paramsOfFilter(filter, 'Patient').map(({ type }) => type);
  const types = new Set(['Patient', ...beside, ...(isForecast ? wholeRecord : [])]);
  return [...types].every((type) => isResourceType(type) && view.reach('search-type', type) === undefined);
}

function criteriaOf(group: Resource): readonly Extension[] {
  const extensions = (group['modifierExtension'] ?? []) as unknown as readonly Extension[];
  return extensions.filter(({ url }) => url === memberFilter);
}

function withPersons(
  group: Resource,
  { persons, at }: { readonly persons: readonly string[]; readonly at: string },
): Resource {
  const { member: _, quantity: __, ...rest } = group;
  const member = persons.map((id) => ({ entity: { reference: `Patient/${id}` } }));
  const extensions = (group['extension'] ?? []) as unknown as readonly Extension[];
  const others = extensions.filter(({ url }) => url !== membersRefreshed);
  return {
    ...rest,
    extension: [...others, { url: membersRefreshed, valueDateTime: at }],
    quantity: member.length,
    ...(member.length > 0 && { member }),
  } as unknown as Resource;
}

async function personsMeeting(ctx: InteractionContext, { valueExpression = {} }: Extension): Promise<Filter> {
  const { language = '', expression = '' } = valueExpression;
  if (language !== queryLanguage) {
    throw new Problem(
      'not-supported',
      `member-filter: the language ${language.slice(0, 80)} is not ${queryLanguage}`,
    );
  }
  const question = expression.indexOf('?');
  const type = expression.slice(0, Math.max(question, 0));
  if (!isResourceType(type)) {
    throw new Problem(
      'not-supported',
      `member-filter: expected Type?search, not ${expression.slice(0, 200)}`,
    );
  }
  const of = await parseCriteria(ctx, type, parseQuery(expression.slice(question + 1)));
  if (type === 'Patient') return of;
  const params = concerningParams(type);
  if (params.length === 0) {
    throw new Problem('not-supported', `member-filter: a ${type} is about no Patient, so it says of nobody`);
  }
  return anyOf(params.map((param) => ({ kind: 'has', type, param, of })));
}

async function findPersons(
  ctx: InteractionContext,
  filter: Filter,
  most: number,
): Promise<readonly ResourceId[]> {
  const found: ResourceId[] = [];
  let after: string | undefined;
  do {
    await ctx.pace();
    const query = { types: ['Patient'] as const, filter, sort: [], count: pageSize };
    const page = await ctx.view.search(after === undefined ? query : { ...query, after });
    for (const { id } of page.matches) found.push(id);
    if (found.length > most) {
      throw new Problem('not-supported', `The criteria of the Group are met by more than ${most} people`);
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}

function isForecast({ valueExpression }: Extension): boolean {
  return valueExpression?.language === forecastLanguage;
}
